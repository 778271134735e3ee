//! What carriers look at, and how they tell Cilium's chart.

use crate::fleet::Cluster;
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::mesh::fact::{Place, Statement};
use crate::source::SourceMap;
use crate::tables::cilium::telling;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// A cluster in which Cilium is looked for.
pub(super) struct Look<'a> {
    pub(super) cluster: &'a Cluster,
    /// The files, in which values that are texts find their places.
    pub(super) sources: &'a SourceMap,
}

/// Whether a chart that is named so is Cilium's: `cilium`, `./charts/cilium`, `…/cilium-1.18.3.tgz`.
pub(super) fn is_cilium_chart(name: &str) -> bool {
    let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let package = last
        .strip_prefix("cilium-")
        .and_then(|rest| rest.strip_suffix(".tgz"));
    last == "cilium" || package.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether something that has `cilium` as a word of its name may hold the chart under another name.
pub(super) fn is_named_after_cilium(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word == "cilium")
}

/// The tag of an image, without the digest behind it.
pub(super) fn tag_of(image: &Node) -> Option<Node> {
    let text = image.as_text()?.split('@').next()?;
    let (name, tag) = text.rsplit_once(':')?;
    (!name.is_empty() && !tag.contains('/')).then(|| Node::string(tag, image.origin().clone()))
}

pub(super) fn place(object: &Object, node: &Node, statement: Statement, route: &str) -> Place {
    Place {
        node: node.clone(),
        statement,
        object: Some(object.reference()),
        route: route.to_owned(),
    }
}

/// Values that stand below `cilium`, as for a chart that has Cilium below it, in the values of Cilium itself: none of them counts, and
/// what was meant is not known.
pub(super) fn doubt_nested(values: &mut HelmValues) {
    let nested = values
        .tree
        .entry("cilium")
        .filter(|entry| telling::is_values(&entry.value));
    if let Some(span) = nested.map(|entry| entry.key.span()) {
        values.open(span, UnknownReason::Chart);
    }
}
