//! What a rule of a policy stands in.

use crate::yaml::Node;

/// Which way traffic goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

/// One rule of a section.
pub(super) struct Rule<'n> {
    pub(super) node: &'n Node,
    pub(super) direction: Direction,
    pub(super) denies: bool,
    /// Whether the policy is about nodes.
    pub(super) is_host: bool,
}
