//! `buildMetadata`: where objects came from and what changed them (api `resource/origin.go`).

use super::resource::Resource;
use crate::yaml::{Entry, Node, Origin, to_yaml};

/// The annotation for `originAnnotations`.
pub(super) const ORIGIN: &str = "config.kubernetes.io/origin";
/// The annotation for `transformerAnnotations`.
pub(super) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// One entry of these annotations. Paths are relative to the directory that is accumulated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BuildOrigin {
    /// The file of the object; empty for what is generated.
    pub(crate) path: String,
    /// The file of the generator or transformer.
    pub(crate) configured_in: String,
    /// `apiVersion`, `kind`, `name` and `namespace` of the generator or transformer.
    pub(crate) configured_by: [String; 4],
}

impl BuildOrigin {
    /// An object read from a file.
    pub(crate) fn file(directory: &str, path: &str) -> Self {
        Self {
            path: join(directory, path),
            ..Self::default()
        }
    }

    /// A field of a kustomization.
    pub(crate) fn builtin(directory: &str, file_name: &str, kind: &str) -> Self {
        Self {
            configured_in: join(directory, file_name),
            configured_by: [
                "builtin".to_owned(),
                kind.to_owned(),
                String::new(),
                String::new(),
            ],
            ..Self::default()
        }
    }

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

    /// The same seen from a directory further up.
    fn below(&mut self, directory: &str) {
        for path in [&mut self.path, &mut self.configured_in] {
            if !path.is_empty() {
                *path = join(directory, path);
            }
        }
    }

    fn lines(&self, first: &str, rest: &str, place: &Origin) -> String {
        let [api_version, kind, name, namespace] = &self.configured_by;
        let mut lines = Vec::new();
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() {
                lines.push(line(key, value, place));
            }
        };
        add("path", &self.path);
        add("configuredIn", &self.configured_in);
        if !kind.is_empty() {
            lines.push("configuredBy:\n".to_owned());
            for (key, value) in [
                ("apiVersion", api_version),
                ("kind", kind),
                ("name", name),
                ("namespace", namespace),
            ] {
                if !value.is_empty() {
                    lines.push(format!("  {}", line(key, value, place)));
                }
            }
        }
        let indented = lines.iter().enumerate().map(|(at, line)| {
            let indent = if at == 0 { first } else { rest };
            format!("{indent}{line}")
        });
        indented.collect()
    }
}

/// One key with its value, quoted where YAML needs it.
fn line(key: &str, value: &str, place: &Origin) -> String {
    let entry = Entry {
        key: Node::string(key, place.clone()),
        value: Node::string(value, place.clone()),
    };
    to_yaml(&Node::mapping(vec![entry], place.clone()))
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

/// Joins and cleans paths as Go's `filepath.Join`: `..` at the front stays.
pub(crate) fn join(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_go_does() {
        assert_eq!(join("", "../base"), "../base");
        assert_eq!(join("../base", "./a/../b.yaml"), "../base/b.yaml");
        assert_eq!(join("../base", "../../x"), "../../x");
    }

    #[test]
    fn an_origin_prints_its_fields_in_kustomizes_order() {
        let origin = BuildOrigin::builtin("../base", "kustomization.yaml", "PatchTransformer");
        let sources = crate::source::SourceMap::from_memory([("a", "")]);
        let file = sources.file_at(&crate::source::RepoPath::clamp("a")).unwrap();
        let place = Origin::at(crate::source::Span::at_start(file));
        assert_eq!(
            origin.lines("- ", "  ", &place),
            "- configuredIn: ../base/kustomization.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: PatchTransformer\n"
        );
    }
}
