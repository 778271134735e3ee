//! `replacements`, given in place or in files (api `internal/builtins/ReplacementTransformer.go`).

use super::accumulator::Accumulator;
use crate::kustomize::error::PatchError;
use crate::kustomize::files::loader::Loader;
use crate::kustomize::kustomization::typed::{self, Strictness};
use crate::kustomize::kustomization::types;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::references::replacement::{Replaceables, Replacement};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::source::Span;
use crate::yaml::Node;

impl Accumulator {
    /// Carries out the items of `replacements`.
    pub(crate) fn replace(&mut self, items: Option<&Node>, loader: &Loader<'_>) {
        // kustomize reads all of them before it carries out the first.
        let mut replacements = Vec::new();
        for item in items.map(Node::items).unwrap_or_default() {
            let stated = self.replacements_of(item, loader).into_iter();
            replacements.extend(stated.map(|replacement| (item.span(), replacement)));
        }
        let Self { map, report, .. } = self;
        let watched: Vec<_> = map
            .list()
            .iter()
            .map(|resource| resource.shared.watch(&resource.node))
            .collect();
        let resources = map.list_mut().iter_mut();
        let mut objects = Replaceables::new(resources.map(|resource| {
            let mut previous = resource.all_ids();
            previous.pop();
            (&mut resource.node, previous)
        }));
        for (item, replacement) in replacements {
            if report.budget.is_exhausted() {
                break;
            }
            let done = Replacement::read(&replacement)
                .and_then(|replacement| replacement.apply(&mut objects, &mut report.budget));
            if let Err(error) = done {
                let cannot_tell = error.object_missing && report.hides_objects();
                if !cannot_tell {
                    replacement_failed(report, &error, item);
                }
            }
        }
        for (resource, watched) in std::iter::zip(map.list_mut(), watched) {
            resource.shared.follow(watched, &mut resource.node);
        }
    }

    /// What one item stands for: itself, or what the file at its `path` holds.
    fn replacements_of(&mut self, item: &Node, loader: &Loader<'_>) -> Vec<Node> {
        let Some(path) = item
            .get("path")
            .filter(|path| nodes::nonempty(Some(path)).is_some())
        else {
            return vec![item.clone()];
        };
        let has_targets = item
            .get("targets")
            .is_some_and(|targets| !targets.items().is_empty());
        if item.get("source").is_some() || has_targets {
            self.report.fail(
                path.span(),
                "cannot specify both path and inline replacement",
                "a second replacement",
            );
            return Vec::new();
        }
        let Some(root) = self.settings_file(path, "loading replacements", loader) else {
            return Vec::new();
        };
        let found = if root.is_sequence() {
            root.items().to_vec()
        } else {
            vec![root]
        };
        found
            .iter()
            .filter_map(|node| {
                let mut errors = Vec::new();
                let checked = typed::check(node, types::REPLACEMENT, Strictness::Lenient, &mut errors);
                for error in errors {
                    self.report.push(
                        Problem::new(ProblemKind::Failure, error.span, error.message, error.label)
                            .related(path.span(), "read here"),
                    );
                }
                checked
            })
            .collect()
    }
}

fn replacement_failed(report: &mut Report, error: &PatchError, item: Span) {
    report.push(
        Problem::new(
            ProblemKind::Failure,
            error.span,
            error.message.clone(),
            "cannot be carried out",
        )
        .related(item, "this replacement"),
    );
}
