//! Equal changes of several clusters, told once.

use std::collections::{BTreeMap, HashMap};

use super::words::{json, object};
use crate::change::{ClusterChange, Fate, FieldChange, ObjectChange, Owned, Spot, Value};

/// What happens to an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    Added(Owned<'a>),
    Removed(Owned<'a>, Fate),
    Changed(&'a ObjectChange<'a>),
}

impl<'a> What<'a> {
    /// The object, as it becomes or as it was.
    pub(super) fn object(&self) -> Owned<'a> {
        match self {
            Self::Added(owned) | Self::Removed(owned, _) => *owned,
            Self::Changed(change) => change.after,
        }
    }

    /// `+ Service shop/catalogue`.
    pub(super) fn headline(&self) -> String {
        let name = object(self.object().object);
        match self {
            Self::Added(_) => format!("+ {name}"),
            Self::Removed(_, Fate::Deleted) => format!("- {name}"),
            Self::Removed(_, Fate::Kept) => format!("- {name} (stays in the cluster: nothing prunes it)"),
            Self::Removed(_, Fate::Unknown) => {
                format!("- {name} (whether it stays in the cluster is not known)")
            }
            Self::Changed(change) => {
                let was = change.before.object.name();
                let renamed = was != change.after.object.name();
                let was = if renamed {
                    format!(" (was `{was}`)")
                } else {
                    String::new()
                };
                format!("~ {name}{}", crate::neutral::one_line(&was))
            }
        }
    }
}

/// Changes that several clusters have in common.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Names of the clusters.
    pub(super) clusters: Vec<&'a str>,
    /// By namespace, kind and name.
    pub(super) changes: Vec<Common<'a>>,
}

/// A change, with the lines that make each field so in the clusters that have it.
#[derive(Debug)]
pub(super) struct Common<'a> {
    pub(super) what: What<'a>,
    clusters: Vec<&'a str>,
    causes: Vec<Vec<Spot>>,
}

impl<'a> Common<'a> {
    /// The fields, each with its lines.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a FieldChange, &[Spot])> {
        let fields = match self.what {
            What::Changed(change) => &change.fields[..],
            _ => &[],
        };
        let causes = self.causes.iter().map(Vec::as_slice);
        fields.iter().zip(causes)
    }
}

/// The changes of objects by the clusters that have them: those of most clusters first.
pub(super) fn groups<'a>(clusters: &'a [ClusterChange<'a>]) -> Vec<Group<'a>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<Common<'a>> = Vec::new();
    for cluster in clusters {
        for what in changes(cluster) {
            let at = *places.entry(key(&what)).or_insert(all.len());
            match all.get_mut(at) {
                Some(known) => known.also(cluster.name(), what),
                None => {
                    let mut common = Common {
                        what,
                        clusters: Vec::new(),
                        causes: Vec::new(),
                    };
                    common.also(cluster.name(), what);
                    all.push(common);
                }
            }
        }
    }
    let mut groups: BTreeMap<Vec<&str>, Vec<Common<'a>>> = BTreeMap::new();
    for common in all {
        groups.entry(common.clusters.clone()).or_default().push(common);
    }
    let mut groups: Vec<Group<'a>> = groups
        .into_iter()
        .map(|(clusters, mut changes)| {
            changes.sort_by_cached_key(|one| order(&one.what));
            Group { clusters, changes }
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.clusters.len()));
    groups
}

impl<'a> Common<'a> {
    fn also(&mut self, cluster: &'a str, what: What<'a>) {
        if self.clusters.last() != Some(&cluster) {
            self.clusters.push(cluster);
        }
        if let What::Changed(change) = what {
            self.causes.resize(change.fields.len(), Vec::new());
            for (causes, field) in self.causes.iter_mut().zip(change.fields.iter()) {
                if !causes.contains(&field.cause) {
                    causes.push(field.cause);
                }
            }
        }
    }
}

fn changes<'a>(cluster: &'a ClusterChange<'a>) -> impl Iterator<Item = What<'a>> {
    let removed = cluster.removed.iter();
    let removed = removed.map(|one| What::Removed(*one, cluster.fate(one)));
    let added = cluster.added.iter().map(|one| What::Added(*one));
    removed
        .chain(added)
        .chain(cluster.changed.iter().map(What::Changed))
}

fn order(what: &What<'_>) -> (String, String, String) {
    let object = what.object().object;
    let namespace = object.namespace().unwrap_or_default();
    (
        namespace.to_owned(),
        object.kind().to_owned(),
        object.name().to_owned(),
    )
}

/// What is equal in equal changes.
fn key(what: &What<'_>) -> String {
    let mut key = format!("{} {}", what.headline(), what.object().object.api_version());
    if let What::Changed(change) = what {
        for field in change.fields.iter() {
            let (before, after) = (text(&field.before), text(&field.after));
            key.push_str(&format!("\n{} {before} {after}", field.path));
        }
    }
    key
}

fn text(value: &Value) -> String {
    match value {
        Value::Absent => "absent".to_owned(),
        Value::Hidden(why) => format!("{why:?}"),
        Value::Shown(node) => json(node).to_string(),
    }
}
