//! One reference by name.

use crate::cluster::GroupKind;
use crate::flux::known_text;
use crate::source::Span;
use crate::yaml::Node;

pub(crate) const SERVICE_ACCOUNT: GroupKind<'static> = GroupKind::new("", "ServiceAccount");

/// One reference whose name is known.
#[derive(Debug, Clone)]
pub(crate) struct ConfigReference<'a> {
    pub(crate) kind: GroupKind<'static>,
    /// `None` for kinds of the whole cluster.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) name: &'a str,
    /// The line to edit.
    pub(crate) place: Span,
    /// What the referring object does with the other.
    pub(crate) verb: &'static str,
    /// Whether the reference may name a namespace.
    pub(crate) may_cross: bool,
    /// Whether it does.
    pub(crate) states_namespace: bool,
    /// Whether its key, an annotation, says the kind.
    pub(crate) is_annotation: bool,
}

impl<'a> ConfigReference<'a> {
    /// `None` where the name is not known.
    pub(crate) fn new(
        kind: GroupKind<'static>,
        namespace: Option<&'a str>,
        name: &'a Node,
        verb: &'static str,
    ) -> Option<Self> {
        Some(Self {
            kind,
            namespace,
            name: known_text(name).filter(|name| !name.is_empty())?,
            place: name.origin().edit_span(),
            verb,
            may_cross: false,
            states_namespace: false,
            is_annotation: false,
        })
    }
}

/// Whether a reference says in which namespace to look.
pub(crate) fn states_namespace(reference: &Node) -> bool {
    reference.get("namespace").is_some_and(|node| !node.is_null())
}
