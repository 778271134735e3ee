//! What plays and templates come to for a host.

use crate::helm::Layers;
use crate::yaml::Node;

/// What is installed for one host.
pub(super) struct Installation {
    pub(super) values: Layers,
    pub(super) version: Option<Node>,
    pub(super) machines: Vec<Node>,
    pub(super) name: Option<Node>,
    pub(super) id: Option<Node>,
}
