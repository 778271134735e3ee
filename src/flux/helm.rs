//! The values of a HelmRelease as helm-controller puts them together (fluxcd/pkg `chartutil/values.go`):
//! `valuesFrom` in its order, then `values`; entries with a `targetPath` set one key.

mod target_path;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;

use self::target_path::TargetPath;
use super::model::{Cluster, HelmValues, Lookup, UnknownReason};
use crate::kustomize::Object;
use crate::source::{SourceMap, Span};
use crate::yaml::{Entry, Node, parse_embedded};

/// Merges `over` into `base`: maps merge key by key, everything else replaces (Helm's `MergeMaps`). A null stays: it
/// deletes the chart's default later.
pub(super) fn merge(base: &Node, over: &Node) -> Node {
    let mut merged = base.clone();
    for Entry { key, value } in over.entries() {
        let name = key.as_scalar().map(|scalar| &*scalar.text).unwrap_or_default();
        match merged.get_mut(name) {
            Some(below) if below.is_mapping() && value.is_mapping() => *below = merge(below, value),
            _ => merged.set(key.clone(), value.clone()),
        }
    }
    merged
}

/// The values that a `--set` parameter (`name`, `value`, `forceString`) makes.
pub(super) fn parameter(parameter: &Node) -> Option<Node> {
    let path = TargetPath::parse(parameter.text_at(&["name"])?)?;
    let value = parameter.get("value")?;
    let literal = parameter.get("forceString").and_then(Node::as_bool) == Some(true);
    let mut tree = Node::mapping(Vec::new(), parameter.span());
    path.set(&mut tree, &target_path::typed(value, literal));
    Some(tree)
}

/// What a `valuesFrom` entry leads to.
enum Layer {
    Values(Node),
    /// An optional source that is not there.
    Nothing,
    Unknown(UnknownReason),
}

/// The values of every HelmRelease of the cluster that takes some from elsewhere, by namespace and name.
pub(super) fn values_of(cluster: &Cluster, sources: &SourceMap) -> BTreeMap<(String, String), HelmValues> {
    let releases = cluster.objects_of("HelmRelease").map(|(_, release)| release);
    releases
        .filter(|release| {
            release
                .node
                .at(&["spec", "valuesFrom"])
                .is_some_and(|from| !from.items().is_empty())
        })
        .map(|release| {
            let key = (
                release.namespace().unwrap_or_default().to_owned(),
                release.name().to_owned(),
            );
            (key, HelmValues::of(cluster, release, sources))
        })
        .collect()
}

impl HelmValues {
    /// The values that stand in the HelmRelease itself.
    pub(super) fn inline(release: &Object) -> Self {
        let own = release
            .node
            .at(&["spec", "values"])
            .filter(|node| node.is_mapping())
            .cloned();
        let empty = || Node::mapping(Vec::new(), release.node.span());
        Self {
            tree: own.clone().unwrap_or_else(empty),
            unknown: Vec::new(),
            own,
        }
    }

    /// The values of a HelmRelease of the cluster.
    pub(super) fn of(cluster: &Cluster, release: &Object, sources: &SourceMap) -> Self {
        let spec = release.node.get("spec");
        let empty = Node::mapping(Vec::new(), release.node.span());
        let own = spec
            .and_then(|spec| spec.get("values"))
            .filter(|node| node.is_mapping());
        let mut merging = Merging {
            tree: empty.clone(),
            certain: empty,
            unknown: Vec::new(),
            own: own.cloned(),
        };
        let references = spec
            .and_then(|spec| spec.get("valuesFrom"))
            .map(Node::items)
            .unwrap_or_default();
        for reference in references {
            let span = reference.get("name").unwrap_or(reference).span();
            match find(cluster, release, reference) {
                Ok(None) => {}
                Ok(Some(value)) => merging.add(reference, &value, sources),
                Err(reason) => merging.hide(span, reason),
            }
        }
        merging.finish()
    }

    /// What is known of the value at the end of a chain of keys.
    pub fn lookup(&self, route: &[&str]) -> Lookup<'_> {
        let certain = self.own.as_ref();
        match self.unknown.first() {
            Some((_, reason)) if !certain.is_some_and(|certain| decides(certain, route)) => {
                Lookup::Unknown(*reason)
            }
            _ => self.tree.at(route).map_or(Lookup::Absent, Lookup::Value),
        }
    }
}

/// Whether these values leave nothing open about a route, because they state it or something on the way that is no map.
fn decides(values: &Node, route: &[&str]) -> bool {
    let mut at = values;
    for key in route {
        match at.get(key) {
            Some(below) => at = below,
            None => return !at.is_mapping(),
        }
    }
    true
}

/// The merge as far as it went.
struct Merging {
    /// Everything known.
    tree: Node,
    /// What came behind the last source that cannot be read, and so wins over it.
    certain: Node,
    unknown: Vec<(Span, UnknownReason)>,
    own: Option<Node>,
}

impl Merging {
    fn add(&mut self, reference: &Node, value: &Node, sources: &SourceMap) {
        let span = reference.get("name").unwrap_or(reference).span();
        if let Some(path) = reference.text_at(&["targetPath"]).filter(|path| !path.is_empty()) {
            let literal = reference.get("literal").and_then(Node::as_bool) == Some(true);
            return self.set(span, path, value, literal);
        }
        match read(value, sources) {
            Layer::Values(values) => {
                self.tree = merge(&self.tree, &values);
                self.certain = merge(&self.certain, &values);
            }
            Layer::Nothing => {}
            Layer::Unknown(reason) => self.hide(span, reason),
        }
    }

    fn hide(&mut self, span: Span, reason: UnknownReason) {
        self.unknown.push((span, reason));
        self.certain = Node::mapping(Vec::new(), self.certain.origin().clone());
    }

    /// Sets the key that a `targetPath` names.
    fn set(&mut self, span: Span, path: &str, value: &Node, literal: bool) {
        let Some(path) = TargetPath::parse(path) else {
            return self.hide(span, UnknownReason::External);
        };
        let own = self.own.clone();
        let loses = own.as_ref().is_some_and(|own| path.loses_to(&self.tree, own));
        if let Some(own) = &own {
            self.tree = merge(&self.tree, own);
        }
        if loses {
            return;
        }
        let value = target_path::typed(value, literal);
        path.set(&mut self.tree, &value);
        path.set(&mut self.certain, &value);
        // The controller sets the key in the very map that `values` holds, so it survives the last merge.
        if let Some(own) = &mut self.own
            && own.at(&path.leading_keys()).is_some()
        {
            path.set(own, &value);
        }
    }

    fn finish(self) -> HelmValues {
        let over = |base: &Node| {
            self.own
                .as_ref()
                .map_or_else(|| base.clone(), |own| merge(base, own))
        };
        HelmValues {
            tree: over(&self.tree),
            own: Some(over(&self.certain)),
            unknown: self.unknown,
        }
    }
}

/// The scalar that a `valuesFrom` entry names; `None` when it is optional and not there.
fn find(cluster: &Cluster, release: &Object, reference: &Node) -> Result<Option<Node>, UnknownReason> {
    let kind = reference.text_at(&["kind"]).unwrap_or_default();
    let name = reference.text_at(&["name"]).unwrap_or_default();
    let key = reference
        .text_at(&["valuesKey"])
        .filter(|key| !key.is_empty())
        .unwrap_or("values.yaml");
    let optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
    // Found by kind, name and the namespace of the release.
    let namespace = release.namespace().unwrap_or("default");
    let object = cluster.objects_of(kind).map(|(_, object)| object).find(|object| {
        object.group().is_empty()
            && object.name() == name
            && object.namespace().unwrap_or("default") == namespace
    });
    let Some(object) = object else {
        // Whether it is missing is for a rule to say; what it would hold, nobody knows. An optional one may exist too.
        return Err(UnknownReason::External);
    };
    let value = text_of(object, kind, key);
    match value {
        Some(value) => value.map(Some),
        None if optional => Ok(None),
        None => Err(UnknownReason::BrokenBuild),
    }
}

fn text_of(object: &Arc<Object>, kind: &str, key: &str) -> Option<Result<Node, UnknownReason>> {
    let plain = |field: &str| object.node.at(&[field, key]).cloned();
    let known = |node: Node| {
        let text = node.as_text().unwrap_or_default();
        if text.starts_with("ENC[") {
            Err(UnknownReason::Encrypted)
        } else if node.origin().is_unknown() && !text.contains('\n') {
            Err(UnknownReason::External)
        } else {
            Ok(node)
        }
    };
    if kind == "ConfigMap" {
        return plain("data").map(known);
    }
    plain("stringData")
        .map(known)
        .or_else(|| plain("data").map(|node| known(node).and_then(|node| decoded(&node))))
}

/// The text of a Secret's value.
fn decoded(node: &Node) -> Result<Node, UnknownReason> {
    let encoded: String = node.as_text().unwrap_or_default().split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .map_err(|_| UnknownReason::BrokenBuild)?;
    let text = String::from_utf8(bytes).map_err(|_| UnknownReason::BrokenBuild)?;
    if text.contains("ENC[") {
        return Err(UnknownReason::Encrypted);
    }
    Ok(Node::string(text, node.origin().clone()))
}

/// Values from the text of a ConfigMap or Secret.
fn read(value: &Node, sources: &SourceMap) -> Layer {
    let parsed = parse_embedded(value, sources);
    if !parsed.errors.is_empty() {
        return Layer::Unknown(UnknownReason::BrokenBuild);
    }
    match parsed.root() {
        None => Layer::Nothing,
        Some(root) if root.get("sops").is_some_and(|sops| sops.get("mac").is_some()) => {
            Layer::Unknown(UnknownReason::Encrypted)
        }
        Some(root) if root.is_mapping() => Layer::Values(root.clone()),
        Some(_) => Layer::Unknown(UnknownReason::BrokenBuild),
    }
}

#[cfg(test)]
mod tests;
