//! The transformers of one kustomization, in the order that kustomize fixes (api
//! `internal/target/kusttarget_configplugin.go`).

use std::sync::Arc;

use super::accumulate::{Chain, Session};
use super::accumulator::Accumulator;
use crate::kustomize::fields::config::TransformerConfig;
use crate::kustomize::files::loader::Loader;
use crate::kustomize::kustomization::kustfile::Kustomization;
use crate::kustomize::patch::patches::Patcher;
use crate::kustomize::resources::build_origin::BuildOrigin;
use crate::kustomize::resources::provenance;
use crate::kustomize::transform::names::{self, Affix};
use crate::kustomize::transform::namespace::{NamespaceTransformer, Subjects};
use crate::kustomize::transform::{images, labels, replicas};
use crate::yaml::Node;

impl Session<'_> {
    /// Runs the transformers over everything accumulated so far.
    pub(crate) fn transform(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        let config = acc.config();
        Pipeline {
            kustomization,
            loader,
            config,
            acc,
        }
        .run();
        self.external_transformers(kustomization, loader, chain, acc);
    }
}

struct Pipeline<'p, 's> {
    kustomization: &'p Kustomization,
    loader: &'p Loader<'s>,
    config: Arc<TransformerConfig>,
    acc: &'p mut Accumulator,
}

impl<'s> Pipeline<'_, 's> {
    fn run(&mut self) {
        self.patches_first();
        self.names_and_namespace();
        self.labels_and_annotations();
        for item in self.items("patchesJson6902") {
            self.patcher().patch_json6902(&item);
            self.done("PatchJson6902Transformer");
        }
        for item in self.items("replicas") {
            replicas::transform(
                &mut self.acc.map,
                &item,
                &self.config.replicas,
                &mut self.acc.report,
            );
            self.done("ReplicaCountTransformer");
        }
        for item in self.items("images") {
            images::transform(
                &mut self.acc.map,
                &item,
                &self.config.images,
                &mut self.acc.report,
            );
            self.done("ImageTagTransformer");
        }
        if let Some(items) = self.kustomization.node.get("replacements") {
            self.acc.replace(Some(items), self.loader);
            self.done("ReplacementTransformer");
        }
    }

    fn items(&self, field: &str) -> Vec<Node> {
        self.kustomization.items(field).to_vec()
    }

    fn patcher(&mut self) -> Patcher<'_, 's> {
        Patcher {
            loader: self.loader,
            map: &mut self.acc.map,
            report: &mut self.acc.report,
        }
    }

    fn patches_first(&mut self) {
        let items = self.items("patchesStrategicMerge");
        if !items.is_empty() {
            self.patcher().patches_strategic_merge(&items);
            self.done("PatchStrategicMergeTransformer");
        }
        for item in self.items("patches") {
            self.patcher().patch(&item);
            self.done("PatchTransformer");
        }
    }

    fn names_and_namespace(&mut self) {
        let Accumulator { map, report, .. } = &mut *self.acc;
        if let Some(namespace) = self.kustomization.text("namespace") {
            NamespaceTransformer {
                namespace,
                specs: &self.config.namespace,
                unset_only: false,
                subjects: Subjects::default(),
            }
            .transform(map, report);
            self.done("NamespaceTransformer");
        }
        for (field, affix, specs, kind) in [
            (
                "namePrefix",
                Affix::Prefix,
                &self.config.name_prefix,
                "PrefixTransformer",
            ),
            (
                "nameSuffix",
                Affix::Suffix,
                &self.config.name_suffix,
                "SuffixTransformer",
            ),
        ] {
            let Some(value) = self.kustomization.text(field) else {
                continue;
            };
            names::transform(&mut self.acc.map, affix, value, specs, &mut self.acc.report);
            done(self.kustomization, self.acc, kind);
        }
    }

    fn labels_and_annotations(&mut self) {
        let items = self.items("labels");
        let common = self.kustomization.node.get("commonLabels");
        for item in &items {
            labels::transform_item(&mut self.acc.map, item, &self.config, &mut self.acc.report);
            self.done("LabelTransformer");
        }
        if let Some(pairs) = common {
            let specs = &self.config.common_labels;
            labels::set_pairs(&mut self.acc.map, pairs, specs, &mut self.acc.report);
        }
        if !items.is_empty() || common.is_some_and(|pairs| !pairs.entries().is_empty()) {
            self.done("LabelTransformer");
        }
        if let Some(pairs) = self.kustomization.node.get("commonAnnotations") {
            let specs = &self.config.common_annotations;
            labels::set_pairs(&mut self.acc.map, pairs, specs, &mut self.acc.report);
            self.done("AnnotationsTransformer");
        }
    }

    fn done(&mut self, kind: &str) {
        done(self.kustomization, self.acc, kind);
    }
}

fn done(kustomization: &Kustomization, acc: &mut Accumulator, kind: &str) {
    let origin = acc.builtin(kustomization, kind);
    finish(acc, origin.as_ref());
}

/// What follows every transformer: it is noted on all objects, and those that it emptied go.
pub(crate) fn finish(acc: &mut Accumulator, origin: Option<&BuildOrigin>) {
    acc.map.drop_empties();
    if let Some(origin) = origin {
        for resource in acc.map.list_mut() {
            provenance::note_transformer(resource, origin);
        }
    }
}
