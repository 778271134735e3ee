//! Generated objects by the names that their generators give: a new hash makes no new object.

use std::collections::{BTreeSet, HashMap};

use crate::fleet::Cluster;
use crate::kustomize::{Object, name_before_hash};

/// What tells an object from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Identity<'a> {
    pub(super) group: &'a str,
    pub(super) kind: &'a str,
    pub(super) namespace: &'a str,
    /// Without the hash.
    pub(super) name: &'a str,
    pub(super) has_hash: bool,
}

impl<'a> Identity<'a> {
    fn plain(object: &'a Object) -> Self {
        Self {
            group: object.group(),
            kind: object.kind(),
            namespace: object.namespace().unwrap_or_default(),
            name: object.name(),
            has_hash: false,
        }
    }
}

/// The names of the generated objects of a cluster.
#[derive(Debug, Default)]
pub(super) struct Stems<'a>(HashMap<Identity<'a>, &'a str>);

impl<'a> Stems<'a> {
    /// Substitution may change the content afterwards, so that the build tells.
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let builds = cluster.kustomizations.iter().filter_map(|one| one.build.as_ref());
        let objects = builds.flat_map(|build| &build.objects);
        let stems = objects.filter_map(|object| Some((Identity::plain(object), name_before_hash(object)?)));
        Self(stems.collect())
    }

    pub(super) fn identity(&self, object: &'a Object) -> Identity<'a> {
        let plain = Identity::plain(object);
        match self.0.get(&plain) {
            Some(stem) => Identity {
                name: stem,
                has_hash: true,
                ..plain
            },
            None => plain,
        }
    }
}

/// The names that generated objects have from now on, by those that they had.
pub(super) type Renames<'a> = HashMap<&'a str, BTreeSet<&'a str>>;

/// Notes that an object has another name than it had.
pub(super) fn rename<'a>(renames: &mut Renames<'a>, before: &'a Object, after: &'a Object) {
    if before.name() != after.name() {
        renames.entry(before.name()).or_default().insert(after.name());
    }
}
