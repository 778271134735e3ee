//! The transformers that write one thing into every object they cover: a file each.

pub(super) mod images;
pub(super) mod labels;
pub(super) mod names;
pub(super) mod namespace;
pub(super) mod replicas;
pub(super) mod valueadd;
