//! The built-in `ValueAddTransformer`: one value into fields of selected objects (api `filters/valueadd`).

use super::namespace::{NamespaceTransformer, Subjects};
use crate::kustomize::error::{PatchError, wrong_kind};
use crate::kustomize::fields::fieldpath::{Create, FieldPath};
use crate::kustomize::fields::fieldspec::FieldSpecs;
use crate::kustomize::files::loader::{Loader, Target};
use crate::kustomize::kustomization::typed::{self, Strictness};
use crate::kustomize::kustomization::types;
use crate::kustomize::patch::targets::selected;
use crate::kustomize::resources::nodes::{self, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::yaml::Node;

/// Carries out one configuration.
pub(crate) fn transform(map: &mut ResMap, config: &Node, loader: &Loader<'_>, report: &mut Report) {
    let value = config
        .get("value")
        .filter(|value| nodes::text(Some(value)).is_some_and(|text| !text.trim().is_empty()));
    // Without a value the name of the kustomization's directory is meant.
    let value = value
        .cloned()
        .unwrap_or_else(|| Node::string(loader.directory.file_name(), config.origin().clone()));
    let mut targets = config
        .get("targets")
        .map(Node::items)
        .unwrap_or_default()
        .to_vec();
    if let Some(path) = config.get("targetFilePath") {
        targets.extend(targets_in_file(path, loader, report));
    }
    if targets.is_empty() {
        report.fail(
            config.span(),
            "must specify at least one target",
            "has no targets",
        );
    }
    for target in &targets {
        add(map, target, &value, report);
    }
}

fn targets_in_file(path: &Node, loader: &Loader<'_>, report: &mut Report) -> Vec<Node> {
    match loader.file(nodes::text(Some(path)).unwrap_or_default()) {
        Ok(Target::File(file)) => {
            let root = loader.parsed(file).root();
            let mut errors = Vec::new();
            let checked = root
                .and_then(|root| typed::check(root, types::VALUE_TARGETS, Strictness::Lenient, &mut errors));
            for error in errors {
                report.fail(error.span, error.message, error.label);
            }
            let targets = checked.as_ref().and_then(|node| node.get("targets"));
            targets.map(Node::items).unwrap_or_default().to_vec()
        }
        Ok(_) => Vec::new(),
        Err(error) => {
            report.push(error.problem(path.span(), ""));
            Vec::new()
        }
    }
}

fn add(map: &mut ResMap, target: &Node, value: &Node, report: &mut Report) {
    let Some(path) = nodes::nonempty(target.get("fieldPath")) else {
        return report.fail(target.span(), "fieldPath cannot be empty", "has no `fieldPath`");
    };
    let positions = match target.get("selector") {
        None => Ok((0..map.len()).collect()),
        Some(selector) => selected(map, selector, &mut report.budget),
    };
    let positions: Vec<usize> = match positions {
        Ok(positions) => positions,
        Err(error) => return report.fail(error.span, error.message, "cannot be read"),
    };
    let text = nodes::text(Some(value)).unwrap_or_default().trim();
    let position = target.get("filePathPosition").and_then(Node::as_int).unwrap_or(0);
    for at in positions {
        let Some(resource) = map.list_mut().get_mut(at) else {
            continue;
        };
        let done = if path == "metadata/namespace" {
            let no_specs = FieldSpecs::default();
            NamespaceTransformer {
                namespace: value,
                specs: &no_specs,
                unset_only: false,
                subjects: Subjects::default(),
            }
            .change(resource, text)
        } else {
            set(&mut resource.node, path, text, position, value)
        };
        if let Err(error) = done {
            report.cannot_change(target.span(), "adding a value", &error);
        }
    }
}

fn set(object: &mut Node, path: &str, text: &str, position: i64, value: &Node) -> Result<(), PatchError> {
    FieldPath::parse(path).visit(object, Create::Scalar, value.origin(), &mut |node| {
        let Some(scalar) = node.as_scalar() else {
            return Err(wrong_kind(node, "ScalarNode"));
        };
        let new = if position > 0 {
            insert_path_part(&scalar.text.clone(), position - 1, text)
        } else {
            text.to_owned()
        };
        set_scalar(node, &new, None, value.origin())
    })
}

/// Inserts a part into a path; a position behind the end means the end (kyaml `filesys.InsertPathPart`).
fn insert_path_part(path: &str, position: i64, part: &str) -> String {
    let (root, rest) = match path.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", path),
    };
    let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let at = usize::try_from(position).unwrap_or(0).min(parts.len());
    parts.insert(at, part);
    format!("{root}{}", parts.join("/"))
}
