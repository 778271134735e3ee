//! `images` (api `filters/imagetag`, `internal/image`).

use regex::Regex;

use crate::kustomize::error::{PatchError, wrong_kind};
use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpecs};
use crate::kustomize::resources::nodes::{self, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::yaml::{Kind, Node, Origin};

/// One item of `images`.
struct Change<'a> {
    pattern: Regex,
    new_name: Option<&'a str>,
    new_tag: Option<&'a str>,
    tag_suffix: Option<&'a str>,
    digest: Option<&'a str>,
    origin: &'a Origin,
}

/// Carries out one item of `images`.
pub(crate) fn transform(map: &mut ResMap, item: &Node, specs: &FieldSpecs, report: &mut Report) {
    let name = nodes::text(item.get("name")).unwrap_or_default();
    // kustomize puts the name into the expression as it is, so a dot matches anything.
    let pattern = format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$");
    let Ok(pattern) = Regex::new(&pattern) else {
        report.fail(
            item.span(),
            format!("the image name `{name}` is no regular expression, on which kustomize panics"),
            "used as a regular expression",
        );
        return;
    };
    let text = |key| nodes::nonempty(item.get(key));
    let origin = ["newTag", "digest", "newName", "tagSuffix"]
        .iter()
        .find_map(|key| item.get(key))
        .unwrap_or(item)
        .origin();
    let change = Change {
        pattern,
        new_name: text("newName"),
        new_tag: text("newTag"),
        tag_suffix: text("tagSuffix"),
        digest: text("digest"),
        origin,
    };
    for resource in map.list_mut() {
        if nodes::gvk(&resource.node).kind == "CustomResourceDefinition" {
            continue;
        }
        if let Err(error) = change.object(&mut resource.node, specs) {
            report.cannot_change(item.span(), "setting the image", &error);
        }
    }
}

impl Change<'_> {
    fn object(&self, object: &mut Node, specs: &FieldSpecs) -> Result<(), PatchError> {
        if self.touches_containers(object)? {
            self.containers(object)?;
        }
        for spec in &specs.0 {
            fieldspec::apply(object, spec, Create::No, self.origin, &mut |node| {
                self.image(node)
            })?;
        }
        Ok(())
    }

    /// Whether an image below any `containers` or `initContainers` matches: looked at first, so that objects stay shared.
    fn touches_containers(&self, node: &Node) -> Result<bool, PatchError> {
        let mut found = false;
        match node.kind() {
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => {
                for item in items {
                    found |= self.touches_containers(item)?;
                }
            }
            Kind::Mapping(entries) => {
                for entry in entries {
                    found |= self.touches_containers(&entry.value)?;
                    if is_container_list(&entry.key) {
                        for container in entry.value.items() {
                            found |= self.touches_image(container)?;
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    fn touches_image(&self, container: &Node) -> Result<bool, PatchError> {
        if container.is_null() {
            return Ok(false);
        }
        if !container.is_mapping() {
            return Err(wrong_kind(container, "MappingNode"));
        }
        match container.get("image") {
            Some(image) if image.as_scalar().is_none() => Err(wrong_kind(image, "ScalarNode")),
            Some(image) => Ok(image
                .as_scalar()
                .is_some_and(|scalar| self.pattern.is_match(&scalar.text))),
            None => Ok(false),
        }
    }

    fn containers(&self, node: &mut Node) -> Result<(), PatchError> {
        if !self.touches_containers(node)? {
            return Ok(());
        }
        match node.kind_mut() {
            Kind::Scalar(_) => Ok(()),
            Kind::Sequence(items) => items.iter_mut().try_for_each(|item| self.containers(item)),
            Kind::Mapping(entries) => entries.iter_mut().try_for_each(|entry| {
                self.containers(&mut entry.value)?;
                if !is_container_list(&entry.key) || !entry.value.is_sequence() {
                    return Ok(());
                }
                if let Kind::Sequence(items) = entry.value.kind_mut() {
                    for image in items.iter_mut().filter_map(|item| item.get_mut("image")) {
                        self.image(image)?;
                    }
                }
                Ok(())
            }),
        }
    }

    fn image(&self, node: &mut Node) -> Result<(), PatchError> {
        let Some(scalar) = node.as_scalar() else {
            return Err(wrong_kind(node, "ScalarNode"));
        };
        let value = scalar.text.clone();
        if !self.pattern.is_match(&value) {
            return Ok(());
        }
        set_scalar(node, &self.renamed(&value), None, self.origin)
    }

    fn renamed(&self, image: &str) -> String {
        let Image { name, tag, digest } = split(image);
        let name = self.new_name.unwrap_or(name);
        let (tag, digest) = match (self.new_tag, self.digest, self.tag_suffix) {
            (Some(tag), Some(digest), _) => (tag.to_owned(), digest),
            (Some(tag), None, _) => (tag.to_owned(), ""),
            (None, Some(digest), _) => (String::new(), digest),
            (None, None, Some(suffix)) => (format!("{tag}{suffix}"), ""),
            (None, None, None) => (tag.to_owned(), digest),
        };
        let mut renamed = name.to_owned();
        if !tag.is_empty() {
            renamed.push(':');
            renamed.push_str(&tag);
        }
        if !digest.is_empty() {
            renamed.push('@');
            renamed.push_str(digest);
        }
        renamed
    }
}

fn is_container_list(key: &Node) -> bool {
    matches!(key.as_text(), Some("containers" | "initContainers"))
}

#[derive(Debug, PartialEq, Eq)]
struct Image<'a> {
    name: &'a str,
    tag: &'a str,
    digest: &'a str,
}

/// Takes an image apart. A colon before the first slash belongs to the registry's port.
fn split(image: &str) -> Image<'_> {
    let path_start = image.find('/').filter(|&at| at > 0).unwrap_or(0);
    let path = image.get(path_start..).unwrap_or_default();
    let (before_digest, digest) = match path.find('@') {
        Some(at) => (
            image.get(..path_start + at).unwrap_or_default(),
            path.get(at + 1..).unwrap_or_default(),
        ),
        None => (image, ""),
    };
    let tagged = before_digest.get(path_start..).unwrap_or_default();
    match tagged.find(':') {
        Some(at) => Image {
            name: before_digest.get(..path_start + at).unwrap_or_default(),
            tag: tagged.get(at + 1..).unwrap_or_default(),
            digest,
        },
        None => Image {
            name: before_digest,
            tag: "",
            digest,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_taken_apart_behind_the_registrys_port() {
        let parts = |image| {
            let Image { name, tag, digest } = split(image);
            [name, tag, digest]
        };
        assert_eq!(parts("nginx"), ["nginx", "", ""]);
        assert_eq!(
            parts("reg.io:5000/a/nginx:1.2"),
            ["reg.io:5000/a/nginx", "1.2", ""]
        );
        assert_eq!(parts("nginx:1@sha256:ab"), ["nginx", "1", "sha256:ab"]);
        assert_eq!(
            parts("reg.io:5000/nginx@sha256:ab"),
            ["reg.io:5000/nginx", "", "sha256:ab"]
        );
    }
}
