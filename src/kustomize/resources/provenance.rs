//! Noting on objects where they came from and what changed them, and the annotations of `buildMetadata` about that.

use super::build_origin::{BuildOrigin, ORIGIN, TRANSFORMATIONS};
use super::resource::Resource;
use crate::yaml::Origin;

impl BuildOrigin {
    /// A generator or transformer that has a file of its own.
    pub(crate) fn plugin(resource: &Resource) -> Option<Self> {
        let own = resource.came_from.as_ref()?;
        let id = resource.id();
        Some(Self {
            path: String::new(),
            configured_in: own.path.clone(),
            configured_by: [id.api_version(), id.kind, id.name, id.namespace],
        })
    }
}

/// Moves the paths of an object to the directory that takes it over.
pub(crate) fn move_below(resource: &mut Resource, directory: &str) {
    for origin in resource.came_from.iter_mut().chain(&mut resource.changed_by) {
        origin.below(directory);
    }
}

/// Notes where an object comes from. kustomize keeps that in an annotation from the start, which a patch can remove, so an
/// empty one stands for it here.
pub(crate) fn mark(resource: &mut Resource, origin: Option<BuildOrigin>) {
    if origin.is_some() {
        let place = resource.node.origin().clone();
        resource.annotate(ORIGIN, "", &place);
        resource.came_from = origin;
    }
}

/// Forgets what a patch removed together with the annotations.
pub(crate) fn forget_lost(resource: &mut Resource) {
    let annotations = resource.node.at(&["metadata", "annotations"]);
    if annotations.is_none_or(|annotations| annotations.get(ORIGIN).is_none()) {
        resource.came_from = None;
        resource.changed_by.clear();
    }
}

/// Notes that a transformer ran over an object; without an origin it counts as having made it.
pub(crate) fn note_transformer(resource: &mut Resource, transformer: &BuildOrigin) {
    forget_lost(resource);
    match resource.came_from {
        Some(_) => resource.changed_by.push(transformer.clone()),
        None => mark(resource, Some(transformer.clone())),
    }
}

/// Writes the annotations that `buildMetadata` asks for.
pub(crate) fn annotate(resource: &mut Resource, origins: bool, transformations: bool, place: &Origin) {
    if let Some(origin) = resource.came_from.clone().filter(|_| origins) {
        resource.annotate(ORIGIN, &origin.lines("", "", place), place);
    }
    if transformations && !resource.changed_by.is_empty() {
        let lines = resource
            .changed_by
            .iter()
            .map(|origin| origin.lines("- ", "  ", place));
        let text: String = lines.collect();
        resource.annotate(TRANSFORMATIONS, &text, place);
    }
}
