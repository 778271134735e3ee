//! `configurations` and `crds`: which fields of which kinds transformers change.

use std::sync::Arc;

use super::accumulator::Accumulator;
use crate::kustomize::fields::config::TransformerConfig;
use crate::kustomize::fields::crds;
use crate::kustomize::files::loader::Loader;
use crate::kustomize::kustomization::kustfile::Kustomization;
use crate::kustomize::kustomization::typed::{self, Strictness};
use crate::kustomize::kustomization::types;
use crate::kustomize::model::{Problem, ProblemKind};

impl Accumulator {
    /// Takes over kustomize's field specifications and those of `configurations`.
    pub(crate) fn configurations(&mut self, kustomization: &Kustomization, loader: &Loader<'_>) {
        let entries = kustomization.items("configurations");
        if entries.is_empty() {
            return self.merge_config(TransformerConfig::defaults(), kustomization.span);
        }
        let mut config = TransformerConfig::clone(TransformerConfig::defaults());
        for entry in entries {
            let Some(node) = self.settings_file(entry, "loading configurations", loader) else {
                continue;
            };
            let mut errors = Vec::new();
            let checked = typed::check(&node, types::CONFIGURATION, Strictness::Strict, &mut errors);
            for error in errors {
                self.report.push(
                    Problem::new(
                        ProblemKind::Failure,
                        error.span,
                        format!("a transformer configuration has {}", error.message),
                        error.label,
                    )
                    .related(entry.span(), "read here"),
                );
            }
            let Some(checked) = checked else { continue };
            if let Err(field) = config.merge(&TransformerConfig::read(&checked)) {
                self.report.fail(
                    entry.span(),
                    format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                    "disagrees with kustomize's own",
                );
            }
        }
        self.merge_config(&Arc::new(config), kustomization.span);
    }

    /// Adds what `crds` say of kinds.
    pub(crate) fn schemas(&mut self, kustomization: &Kustomization, loader: &Loader<'_>) {
        for entry in kustomization.items("crds") {
            let Some(node) = self.settings_file(entry, "loading CRDs", loader) else {
                continue;
            };
            let Ok(stated) = crds::read(&node, &mut self.report.budget) else {
                let message = self.report.too_much();
                self.report.fail(entry.span(), message, "states too many fields");
                return;
            };
            let mut config = TransformerConfig::clone(&self.config());
            match config.merge(&stated) {
                Ok(()) => self.config = Some(Arc::new(config)),
                Err(field) => self.report.fail(
                    entry.span(),
                    format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                    "disagrees with a configuration",
                ),
            }
        }
    }
}
