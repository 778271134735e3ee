//! `buildMetadata`: where an object came from or what changed it (api `resource/origin.go`).

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

    /// The same seen from a directory further up.
    pub(super) fn below(&mut self, directory: &str) {
        for path in [&mut self.path, &mut self.configured_in] {
            if !path.is_empty() {
                *path = join(directory, path);
            }
        }
    }

    pub(super) fn lines(&self, first: &str, rest: &str, place: &Origin) -> String {
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
