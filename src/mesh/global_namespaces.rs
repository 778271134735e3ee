//! Namespaces whose Services other clusters may see (Cilium 1.20).

use std::sync::Arc;

use super::model::Member;
use super::service::{Flag, annotation, flag};
use crate::cluster::{ClusterIndex, GroupKind};
use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::Node;

/// The annotation of a Namespace whose Services, endpoints and identities other clusters may see.
const GLOBAL_NAMESPACE: [&str; 1] = ["clustermesh.cilium.io/global"];

const NAMESPACE: GroupKind<'static> = GroupKind::new("", "Namespace");

/// A Namespace that is not global.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    /// Where it says so, or could say that it is.
    pub(crate) span: Span,
    pub(crate) object: Arc<Object>,
    /// Where the default is stated, when the Namespace says nothing.
    pub(crate) default: Option<Span>,
}

/// Why a namespace is not global, where that is sure.
pub(crate) fn closed(index: &ClusterIndex<'_>, member: &Member, namespace: &str) -> Option<Closed> {
    if member.version_at_least(1, 20) != Some(true) {
        return None;
    }
    let named = index.named(NAMESPACE, namespace);
    let says = |object: &Object| annotation(object, &GLOBAL_NAMESPACE).map(flag);
    if named
        .iter()
        .any(|placed| matches!(says(placed.object), Some(Flag::On | Flag::Unknown)))
    {
        return None;
    }
    let refusing = named.iter().find(|placed| says(placed.object) == Some(Flag::Off));
    if let Some(placed) = refusing {
        let node = annotation(placed.object, &GLOBAL_NAMESPACE)?;
        return Some(Closed {
            span: node.origin().edit_span(),
            object: Arc::clone(placed.object),
            default: None,
        });
    }
    let silent = named.first()?;
    let default = &member.sharing.global_namespaces;
    let closed = default.get() == Some(&false);
    let stated = default.best().map(|evidence| evidence.place.edit_span());
    let span = silent.object.node.at(&["metadata", "name"]).map(Node::span)?;
    closed.then(|| Closed {
        span,
        object: Arc::clone(silent.object),
        default: stated,
    })
}
