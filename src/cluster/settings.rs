//! The settings of a cluster: variables that a ConfigMap or Secret of its own gives, not a Kustomization itself. Settings
//! of several clusters are compared where they stand in objects of the same name.

use std::collections::{BTreeMap, BTreeSet};

use super::expressions::substitutes;
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::source::Span;
use crate::yaml::Store;

/// The ConfigMap or Secret, else the file, that states a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    /// What it has in common with that of another cluster: kind and name, or the name of the file.
    pub(crate) role: String,
    /// Where its name stands, or the variable itself where it is no manifest.
    pub(crate) span: Span,
}

impl Holder {
    fn of(store: &Store<'_>, variable: Span) -> Self {
        let documents = &store.parsed(variable.file).documents;
        let document = documents.iter().find(|document| {
            let span = document.root.span();
            span.start <= variable.start && variable.end <= span.end
        });
        let name = document.and_then(|document| {
            let kind = document.root.text_at(&["kind"])?;
            Some((kind, document.root.at(&["metadata", "name"])?))
        });
        match name {
            Some((kind, name)) => Self {
                role: format!("{kind} {}", name.as_text().unwrap_or_default()),
                span: name.span(),
            },
            None => {
                let path = store.sources().file(variable.file).path();
                Self {
                    role: path.file_name().to_owned(),
                    span: variable,
                }
            }
        }
    }
}

/// A setting of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Setting<'a> {
    /// `None` where it cannot be known.
    pub(crate) value: Option<&'a str>,
    pub(crate) span: Span,
    pub(crate) holder: Holder,
}

/// A variable of a Kustomization, unless its own `substitute` states it, or nothing in the repository does.
pub(crate) fn setting<'a>(store: &Store<'_>, owner: &'a Kustomization, name: &str) -> Option<Setting<'a>> {
    let variable = owner.variables.known.get(name)?;
    let span = variable.span?;
    own_key(owner, name).is_none().then(|| Setting {
        value: variable.value.as_deref().ok(),
        span,
        holder: Holder::of(store, span),
    })
}

/// Where the `substitute` of a Kustomization names the variable.
pub(crate) fn own_key(owner: &Kustomization, name: &str) -> Option<Span> {
    let own = owner.object.node.at(&["spec", "postBuild", "substitute"])?;
    Some(own.entry(name)?.key.span())
}

/// The settings of a cluster, by name. Where its Kustomizations read different ones, each is there.
pub(crate) fn of_cluster<'a>(store: &Store<'_>, cluster: &'a Cluster) -> BTreeMap<&'a str, Vec<Setting<'a>>> {
    let mut settings: BTreeMap<&str, Vec<Setting<'_>>> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, Span)> = BTreeSet::new();
    for owner in cluster.own_kustomizations().filter(|owner| substitutes(owner)) {
        for (name, variable) in &owner.variables.known {
            let is_new = variable.span.is_some_and(|span| seen.insert((&**name, span)));
            if is_new {
                settings
                    .entry(name)
                    .or_default()
                    .extend(setting(store, owner, name));
            }
        }
    }
    settings
}

/// Whether a value holds a name with nothing but separators around it.
pub(crate) fn bears(value: &str, name: &str) -> bool {
    places(value, name).next().is_some()
}

pub(crate) fn places<'t>(value: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    // A single letter is in too many words.
    let all = if name.len() > 1 { value } else { "" };
    all.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let before = value.get(..*at).and_then(|text| text.chars().next_back());
        let after = value.get(at + name.len()..).and_then(|text| text.chars().next());
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}
