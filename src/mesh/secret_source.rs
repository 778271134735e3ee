//! Where clusters have a Secret from that must be the same in all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Member, Place};
use crate::kustomize::Object;
use crate::sops::holds_encrypted;
use crate::source::Span;
use crate::yaml::Node;

/// What the repository shows of the content of a Secret.
#[derive(Debug)]
pub(crate) enum SecretSource {
    /// The content itself.
    Stated(Text, Place),
    /// Where it is fetched from.
    Fetched(Fetched, Place),
}

/// A content, as somebody wrote it. Two ways of writing are not compared with each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Text {
    Base64(String),
    Plain(String),
}

/// What an ExternalSecret fetches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fetched {
    /// Kind and name of the store: only what comes from stores of one name is compared.
    store: (String, String),
    /// The keys in the store, in order.
    keys: Vec<String>,
}

/// How clusters differ, with the places to edit.
pub(crate) enum Differ<'m> {
    /// The contents are not the same.
    Content(Vec<(&'m Member, Place)>),
    /// They are fetched by different keys. There may be the same under all of them.
    Keys(Vec<(&'m Member, Place)>),
}

/// What an object that makes a Secret shows of its content under `key`.
pub(crate) fn source(object: &Object, key: &str) -> Option<SecretSource> {
    match object.kind() {
        "Secret" => content(object, key),
        "ExternalSecret" => fetched(object),
        _ => None,
    }
}

/// The gravest difference; sources that cannot be compared do not differ.
pub(crate) fn difference<'m>(sources: &[(&'m Member, &SecretSource)]) -> Option<Differ<'m>> {
    different_content(sources).or_else(|| different_keys(sources))
}

fn content(object: &Object, key: &str) -> Option<SecretSource> {
    let text = |node: &Node| -> Option<String> {
        let known = !node.origin().is_unknown();
        let text = node.as_text().filter(|text| known && !holds_encrypted(text))?;
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join("\n"))
    };
    // Kubernetes lets `stringData` win.
    if let Some(node) = object.node.at(&["stringData", key]) {
        let place = Place::in_object(object, node, format!("stringData.{key}"));
        return Some(SecretSource::Stated(Text::Plain(text(node)?), place));
    }
    let node = object.node.at(&["data", key])?;
    let place = Place::in_object(object, node, format!("data.{key}"));
    Some(SecretSource::Stated(
        Text::Base64(text(node)?.replace('\n', "")),
        place,
    ))
}

/// Only an ExternalSecret with one store, and whose keys are all known.
fn fetched(object: &Object) -> Option<SecretSource> {
    let spec = object.node.get("spec")?;
    let store = spec.get("secretStoreRef")?;
    let store = (
        store.text_at(&["kind"]).unwrap_or("SecretStore").to_owned(),
        store.text_at(&["name"])?.to_owned(),
    );
    let items = |key| spec.get(key).map_or(&[][..], Node::items).iter();
    let single = items("data").map(|item| item.at(&["remoteRef", "key"]));
    let whole = items("dataFrom").map(|item| item.at(&["extract", "key"]));
    let nodes: Vec<&Node> = single.chain(whole).collect::<Option<_>>()?;
    let text = |node: &&Node| (!node.origin().is_unknown()).then(|| node.as_text().map(str::to_owned))?;
    let mut keys: Vec<String> = nodes.iter().map(text).collect::<Option<_>>()?;
    keys.sort();
    keys.dedup();
    let place = Place::in_object(object, nodes.first()?, "spec");
    Some(SecretSource::Fetched(Fetched { store, keys }, place))
}

/// Clusters, each with the place that speaks for it.
type Placed<'m> = Vec<(&'m Member, Place)>;

/// Items by what makes them comparable; of the first such group that has different values, all members.
fn differing<'m, K: Ord, V: Ord>(
    items: impl Iterator<Item = (&'m Member, K, V, Place)>,
) -> Option<Placed<'m>> {
    let mut by_kind: BTreeMap<K, (BTreeSet<V>, Placed<'m>)> = BTreeMap::new();
    for (member, kind, value, place) in items {
        let (values, members) = by_kind.entry(kind).or_default();
        values.insert(value);
        members.push((member, place));
    }
    let mut groups = by_kind.into_values();
    groups
        .find(|(values, _)| values.len() > 1)
        .map(|(_, members)| members)
}

fn different_content<'m>(sources: &[(&'m Member, &SecretSource)]) -> Option<Differ<'m>> {
    let stated = sources.iter().filter_map(|(member, source)| match source {
        SecretSource::Stated(text, place) => {
            Some((*member, matches!(text, Text::Base64(_)), text, place.clone()))
        }
        SecretSource::Fetched(..) => None,
    });
    differing(stated).map(Differ::Content)
}

fn different_keys<'m>(sources: &[(&'m Member, &SecretSource)]) -> Option<Differ<'m>> {
    let fetched = sources.iter().filter_map(|(member, source)| match source {
        SecretSource::Fetched(fetched, place) => {
            Some((*member, &fetched.store, &fetched.keys, place.clone()))
        }
        SecretSource::Stated(..) => None,
    });
    let mut members = differing(fetched)?;
    // Where one line makes all of them out of the name of the cluster, say, that line is to be edited.
    let is_one_line = members.windows(2).all(|pair| match pair {
        [(_, a), (_, b)] => a.node.span() == b.node.span() && is_made_of_parts(&a.node),
        _ => true,
    });
    if is_one_line {
        for (_, place) in &mut members {
            place.node = Node::plain(place.text(), place.node.span());
        }
    }
    Some(Differ::Keys(members))
}

/// Whether a variable gives only a part of the text.
fn is_made_of_parts(node: &Node) -> bool {
    let length = |span: Span| span.end - span.start;
    let quotes = 2;
    let mut substituted = node.origin().substituted.iter().flat_map(|all| all.iter());
    !substituted.any(|one| length(one.expression) + quotes >= length(node.span()))
}
