//! What a rule is, and what it may look at.

use crate::change::{Change, Tree};
use crate::cluster::Index;
use crate::cluster::Written;
use crate::finding::{Finding, Severity};
use crate::fleet::Fleet;
use crate::mesh::{Mesh, Running};
use crate::schema::Verdicts;
use crate::source::SourceMap;
use crate::yaml::Store;

/// What a rule is about; also a name that `--select` and `--ignore` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Identity, addresses, peering and TLS of the mesh.
    Mesh,
    /// Global services.
    Service,
    /// Network policies across clusters.
    Policy,
    /// Delivery by Flux.
    Flux,
    /// What the API server refuses.
    Schema,
    /// The kustomize build.
    Kustomize,
    /// YAML itself.
    Yaml,
    /// What a change does that its result does not show.
    Change,
    /// meshlint's own comments and configuration.
    Meshlint,
}

impl Category {
    /// Every category, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::Mesh,
        Self::Service,
        Self::Policy,
        Self::Flux,
        Self::Schema,
        Self::Kustomize,
        Self::Yaml,
        Self::Change,
        Self::Meshlint,
    ];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mesh => "mesh",
            Self::Service => "service",
            Self::Policy => "policy",
            Self::Flux => "flux",
            Self::Schema => "schema",
            Self::Kustomize => "kustomize",
            Self::Yaml => "yaml",
            Self::Change => "change",
            Self::Meshlint => "meshlint",
        }
    }
}

/// Everything a rule may look at. Configuration, colours and formats are not among it.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The files.
    pub sources: &'a SourceMap,
    /// What the files hold, each parsed once.
    pub store: &'a Store<'a>,
    /// The rendered clusters.
    pub fleet: &'a Fleet,
    /// What exists in each of them.
    pub index: &'a Index<'a>,
    /// Which releases each of them runs.
    pub running: &'a Running<'a>,
    /// What the API server says of their objects.
    pub verdicts: &'a Verdicts<'a>,
    /// What the files say in words.
    pub written: &'a Written<'a>,
    /// All rules, for those that are about comments which name one.
    pub rules: &'a [&'static Rule],
    /// What they say of themselves as members of a mesh.
    pub mesh: &'a Mesh<'a>,
    /// What the files were made from; `None` where only one tree is looked at.
    pub past: Option<Past<'a>>,
}

/// The tree that a change began from.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// As it was.
    pub tree: Tree<'a>,
    /// What changes from it.
    pub change: &'a Change<'a>,
}

/// A rule. Each is a `pub static RULE` in a file of its own.
#[derive(Debug)]
pub struct Rule {
    /// The public name: names the fault, never changes.
    pub name: &'static str,
    /// What it is about.
    pub category: Category,
    /// The level of its findings, unless a finding says otherwise.
    pub severity: Severity,
    /// Off unless selected by name.
    pub pedantic: bool,
    /// The version that brought it.
    pub since: &'static str,
    /// Its page, `rules/<category>/<name>.md`.
    pub page: &'static str,
    /// Finds the faults.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}
