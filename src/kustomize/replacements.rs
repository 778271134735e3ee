//! The `replacements` field: entries stated in place or in files (api `internal/builtins/ReplacementTransformer.go`).

use super::error::PatchError;
use super::loader::{LoadError, Loader, Target, errors_of_settings, unparsable};
use super::model::{Opaque, Problem, ProblemKind};
use super::nodes;
use super::replacement::{Replaceable, Replacement};
use super::report::Report;
use super::resmap::ResMap;
use super::resource::Resource;
use crate::source::Span;
use crate::yaml::Node;

/// Carries out all entries in order.
pub(super) fn transform(map: &mut ResMap, items: &[Node], loader: &Loader<'_>, report: &mut Report) {
    for item in items {
        for entry in entries(item, loader, report) {
            if let Err(error) = apply(&entry, map) {
                report.push(failure(&error, item.span()));
            }
        }
    }
}

/// The entry itself, or what the file holds that it names.
fn entries(item: &Node, loader: &Loader<'_>, report: &mut Report) -> Vec<Node> {
    let Some(path) = item
        .get("path")
        .filter(|path| nodes::nonempty(Some(path)).is_some())
    else {
        return vec![item.clone()];
    };
    let has_targets = item
        .get("targets")
        .is_some_and(|targets| !targets.items().is_empty());
    if has_targets || item.get("source").is_some_and(|source| !source.is_null()) {
        report.fail(
            path.span(),
            "cannot specify both path and inline replacement",
            "a file beside `source` or `targets`",
        );
        return Vec::new();
    }
    let text = nodes::text(Some(path)).unwrap_or_default();
    let file = match loader.file(text) {
        Ok(Target::File(file)) => file,
        Ok(_) => {
            report.opaque.push(Opaque {
                origin: path.origin().clone(),
                address: text.to_owned(),
                directory: loader.directory.clone(),
            });
            return Vec::new();
        }
        Err(LoadError { message, label }) => {
            report.fail(path.span(), message, label);
            return Vec::new();
        }
    };
    let parsed = loader.parsed(file);
    let mut fails = false;
    for error in errors_of_settings(parsed) {
        report.push(unparsable(error, Some(path.span())));
        fails = true;
    }
    match parsed.root() {
        _ if fails => Vec::new(),
        Some(root) if root.is_sequence() => root.items().to_vec(),
        Some(root) if root.is_mapping() => vec![root.clone()],
        _ => {
            report.fail(
                path.span(),
                format!("unsupported replacement type encountered within replacement path `{text}`"),
                "holds no replacement",
            );
            Vec::new()
        }
    }
}

fn apply(entry: &Node, map: &mut ResMap) -> Result<(), PatchError> {
    let replacement = Replacement::read(entry)?;
    let mut objects: Vec<Replaceable<'_>> = map.list_mut().iter_mut().map(replaceable).collect();
    replacement.apply(&mut objects)
}

fn replaceable(resource: &mut Resource) -> Replaceable<'_> {
    let previous = resource
        .previous
        .iter()
        .map(|former| resource.former_id(former))
        .collect();
    Replaceable {
        node: &mut resource.node,
        previous,
    }
}

fn failure(error: &PatchError, entry: Span) -> Problem {
    let problem = Problem::new(
        ProblemKind::Failure,
        error.span,
        format!("replacement fails: {}", error.message),
        "cannot be carried out",
    );
    if error.span == entry {
        problem
    } else {
        problem.related(entry, "in this replacement")
    }
}
