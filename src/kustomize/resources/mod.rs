//! The objects of a build and their identity: documents become objects, objects a map that knows what is a duplicate;
//! selectors pick from it, and the report keeps what is to be said of them.

pub(super) mod build_origin;
pub(super) mod gvk;
mod label_selector;
pub(super) mod nodes;
pub(super) mod objects;
pub(super) mod provenance;
pub(super) mod report;
pub(super) mod resmap;
pub(super) mod resource;
pub(super) mod resource_id;
pub(super) mod selector;
mod shared;
