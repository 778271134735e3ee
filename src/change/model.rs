//! What a comparison gives.

use std::sync::Arc;

use super::{Side, Spot};
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::mesh::shown;
use crate::yaml::Node;

/// What a change does.
#[derive(Debug)]
pub struct Change<'a> {
    /// By name; a cluster that nothing changes for is among them.
    pub clusters: Vec<ClusterChange<'a>>,
    /// Whether the account of the comparison was used up, so that some changed objects come without their fields.
    pub is_cut_off: bool,
}

/// What a change does to one cluster.
#[derive(Debug)]
pub struct ClusterChange<'a> {
    /// As it was.
    pub before: Option<&'a Cluster>,
    /// As it becomes.
    pub after: Option<&'a Cluster>,
    /// What changes of what the mesh knows.
    pub facts: Vec<FactChange>,
    /// Objects that were not there before.
    pub added: Vec<Owned<'a>>,
    /// Objects that are not there any more.
    pub removed: Vec<Owned<'a>>,
    /// Objects that become others.
    pub changed: Vec<ObjectChange<'a>>,
    /// Objects that another Kustomization applies from now on, changed or not.
    pub moved: Vec<(Owned<'a>, Owned<'a>)>,
    /// What cannot be compared.
    pub untold: Vec<Untold>,
}

impl ClusterChange<'_> {
    /// Its name, of after where it is there.
    pub fn name(&self) -> &str {
        let cluster = self.after.or(self.before);
        cluster.map_or("", |cluster| &cluster.name)
    }

    /// Whether nothing is told of it.
    pub fn is_empty(&self) -> bool {
        self.before.is_some() == self.after.is_some()
            && self.facts.is_empty()
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.untold.is_empty()
    }
}

/// An object with the Kustomization that applies it.
#[derive(Debug, Clone, Copy)]
pub struct Owned<'a> {
    /// The object.
    pub object: &'a Arc<Object>,
    /// Who applies it.
    pub owner: &'a Kustomization,
}

/// An object that is there on both sides and not the same.
#[derive(Debug, Clone)]
pub struct ObjectChange<'a> {
    /// As it was.
    pub before: Owned<'a>,
    /// As it becomes.
    pub after: Owned<'a>,
    /// What changes in it.
    pub fields: Arc<[FieldChange]>,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Where it stands: `spec.template.spec.containers[name=shop].image`.
    pub path: String,
    /// What stood there.
    pub before: Value,
    /// What will.
    pub after: Value,
    /// The line that makes the difference.
    pub cause: Spot,
}

impl FieldChange {
    /// Why a value is not shown.
    pub fn hidden(&self) -> Option<Hidden> {
        [&self.before, &self.after]
            .into_iter()
            .find_map(|value| match value {
                Value::Hidden(why) => Some(*why),
                _ => None,
            })
    }
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// There is none.
    Absent,
    /// It may be shown: what is secret in it is masked.
    Shown(Node),
    /// It may not.
    Hidden(Hidden),
}

/// Why a value is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hidden {
    /// It is secret.
    Secret,
    /// The repository does not tell it.
    Unknown,
}

/// Something that the mesh knows of a cluster, before and after.
#[derive(Debug, Clone)]
pub struct FactChange {
    /// As `meshlint clusters` calls it.
    pub name: &'static str,
    /// What was known.
    pub(crate) before: shown::Value,
    /// What is.
    pub(crate) after: shown::Value,
    /// The lines that make the difference.
    pub causes: Vec<Spot>,
}

/// A Kustomization of which nothing can be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Untold {
    /// `namespace/name`
    pub kustomization: String,
    /// In which tree Flux could not apply it.
    pub side: Side,
    /// How many objects of the other tree are neither added nor removed as far as can be known.
    pub objects: usize,
}
