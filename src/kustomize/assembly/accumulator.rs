//! What a build gathers on its way (api `internal/accumulator/resaccumulator.go`).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::budget;
use crate::kustomize::fields::config::TransformerConfig;
use crate::kustomize::files::loader::{LoadError, Loader, Target, errors_of_settings, unparsable};
use crate::kustomize::kustomization::kustfile::Kustomization;
use crate::kustomize::model::{Opaque, Problem, ProblemKind};
use crate::kustomize::references::vars::Vars;
use crate::kustomize::resources::build_origin::{self, BuildOrigin};
use crate::kustomize::resources::provenance;
use crate::kustomize::resources::report::{Report, SchemaUse};
use crate::kustomize::resources::resmap::{AbsorbError, ResMap};
use crate::kustomize::resources::resource::Resource;
use crate::kustomize::resources::{nodes, objects};
use crate::kustomize::schema;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// Objects of one build. The largest of real repositories have some thousands; tests of the bound need not wait.
const MAX_OBJECTS: usize = if cfg!(test) { 2_000 } else { 20_000 };

/// The objects so far, and what is known of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accumulator {
    pub(crate) map: ResMap,
    /// `None` until the first kustomization brings the defaults.
    pub(crate) config: Option<Arc<TransformerConfig>>,
    pub(crate) report: Report,
    /// Every directory that was gone into.
    pub(crate) directories: BTreeSet<RepoPath>,
    /// How far up the chain of directories a cycle reached.
    pub(crate) cycle: Option<usize>,
    pub(crate) vars: Vars,
    /// With `buildMetadata`: the directory of the kustomization in hand, seen from the one that owns this.
    pub(crate) origin_path: Option<String>,
}

impl Accumulator {
    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<TransformerConfig> {
        let config = self
            .config
            .as_ref()
            .unwrap_or_else(|| TransformerConfig::defaults());
        Arc::clone(config)
    }

    /// Adds a configuration to those before it, the first to an empty one: of two specifications of a field the first in
    /// order stays, so that one of a single kind replaces kustomize's own of every kind. Every configuration holds the
    /// defaults, or what covers them, so merging them again changes nothing.
    pub(crate) fn merge_config(&mut self, other: &Arc<TransformerConfig>, entry: Span) {
        let is_default = Arc::ptr_eq(other, TransformerConfig::defaults());
        let mut merged = match &self.config {
            Some(own) if Arc::ptr_eq(own, other) || is_default => return,
            None if is_default => {
                self.config = Some(Arc::clone(other));
                return;
            }
            Some(own) => TransformerConfig::clone(own),
            None => TransformerConfig::default(),
        };
        match merged.merge(other) {
            Ok(()) => self.config = Some(Arc::new(merged)),
            Err(field) => self.report.fail(
                entry,
                format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                "disagrees with another configuration",
            ),
        }
    }

    /// What a component leaves behind joins an empty accumulator (`accumulateDirectory`), and its configuration an empty one.
    pub(crate) fn renew_config(&mut self, entry: Span) {
        if let Some(own) = self.config.take() {
            self.merge_config(&own, entry);
        }
    }

    /// Gives up: what is there is dropped, so that directories which name each other twice do not fill the memory with one
    /// large build per level.
    fn overflow(&mut self, entry: Span) {
        self.map = ResMap::default();
        self.report.fail(
            entry,
            format!("the build has more than {MAX_OBJECTS} objects"),
            "adds too many objects",
        );
    }

    /// Takes over what another kustomization accumulated; `entry` is what names it.
    pub(crate) fn merge(&mut self, other: &Accumulator, entry: Span, below: Option<&str>) {
        if self.map.len() + other.map.len() > MAX_OBJECTS {
            return self.overflow(entry);
        }
        if !self.report.affords(entry, other.report.budget.spent()) {
            self.map = ResMap::default();
            return;
        }
        for resource in other.map.list() {
            let mut resource = resource.clone();
            if let Some(directory) = below {
                provenance::move_below(&mut resource, directory);
            }
            if let Err(duplicate) = self.map.append(resource) {
                self.report.duplicate(entry, &duplicate);
            }
        }
        self.vars.merge(&other.vars, &mut self.report);
        if let Some(config) = &other.config {
            self.merge_config(config, entry);
        }
        self.report.absorb(&other.report);
        self.directories.extend(other.directories.iter().cloned());
    }

    /// With `buildMetadata`: what a field of the kustomization in hand is called.
    pub(crate) fn builtin(&self, kustomization: &Kustomization, kind: &str) -> Option<BuildOrigin> {
        let directory = self.origin_path.as_ref()?;
        Some(BuildOrigin::builtin(directory, kustomization.file_name, kind))
    }

    /// With `buildMetadata`: a path of the kustomization in hand, seen from the one that owns this.
    pub(crate) fn origin_of(&self, path: &str) -> Option<String> {
        let directory = self.origin_path.as_ref()?;
        Some(build_origin::join(directory, path))
    }

    /// Notes that a cycle leads up to that depth of the chain.
    pub(crate) fn note_cycle(&mut self, reached: usize) {
        self.cycle = Some(self.cycle.map_or(reached, |known| known.min(reached)));
    }

    /// Adds the objects of a file.
    pub(crate) fn add_file(&mut self, file: FileId, entry: &Node, loader: &Loader<'_>) {
        let parsed = loader.parsed(file);
        for error in &parsed.errors {
            self.report.push(unparsable(error, Some(entry.span())));
        }
        let objects = objects::read(parsed);
        if parsed.is_cut() || !objects.problems.is_empty() {
            self.report.unread.add(loader.text(file));
        }
        for problem in objects.problems {
            self.report.push(problem.related(entry.span(), "read here"));
        }
        if self.map.len() + objects.objects.len() > MAX_OBJECTS {
            return self.overflow(entry.span());
        }
        let directory = self.origin_path.clone();
        let text = loader.text(file).len();
        let made: usize = objects
            .objects
            .iter()
            .map(Node::weight)
            .fold(0, usize::saturating_add);
        if !self
            .report
            .affords(entry.span(), made.saturating_sub(text * budget::TREE_OF_TEXT))
        {
            return;
        }
        for object in objects.objects {
            self.note_schema_use(&object);
            let mut resource = Resource::new(object, entry.span());
            let path = nodes::text(Some(entry)).unwrap_or_default();
            let origin = directory
                .as_deref()
                .map(|directory| BuildOrigin::file(directory, path));
            provenance::mark(&mut resource, origin);
            if let Err(duplicate) = self.map.append(resource) {
                self.report.duplicate(entry.span(), &duplicate);
            }
        }
    }

    fn note_schema_use(&mut self, object: &Node) {
        let text = |field: &str| object.text_at(&[field]).unwrap_or_default();
        if schema::is_cluster_scoped(text("apiVersion"), text("kind")).is_none() {
            self.report.schema_use = self.report.schema_use.max(SchemaUse::Scopes);
        }
    }

    /// Lets a generated object join.
    pub(crate) fn absorb(&mut self, resource: Resource, item: &Node) {
        let span = item.get("behavior").unwrap_or(item).span();
        match self.map.absorb(resource) {
            Ok(()) => {}
            Err(AbsorbError::Exists(duplicate)) => self.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    item.span(),
                    format!(
                        "id `{}` exists; can not use behavior create, behavior must be merge or replace",
                        duplicate.id
                    ),
                    "generates what is there already",
                )
                .related(duplicate.existing, "the object that is there"),
            ),
            Err(AbsorbError::Missing(_)) if self.report.hides_objects() => {}
            Err(AbsorbError::Missing(id)) => self.report.fail(
                span,
                format!("id `{id}` does not exist; cannot merge or replace"),
                "there is nothing to change",
            ),
            Err(AbsorbError::Ambiguous(id, spans)) => {
                let problem = Problem::new(
                    ProblemKind::Failure,
                    span,
                    format!("found multiple objects that could accept merge of `{id}`"),
                    "could mean several objects",
                );
                self.report.push(
                    spans
                        .into_iter()
                        .fold(problem, |problem, span| problem.related(span, "one of them")),
                );
            }
        }
    }

    /// The first document of a file of settings; `what` is done with it.
    pub(crate) fn settings_file(&mut self, entry: &Node, what: &str, loader: &Loader<'_>) -> Option<Node> {
        match loader.file(nodes::text(Some(entry)).unwrap_or_default()) {
            Ok(Target::File(file)) => {
                let parsed = loader.parsed(file);
                for error in errors_of_settings(parsed) {
                    self.report.push(unparsable(error, Some(entry.span())));
                }
                parsed.root().cloned()
            }
            Ok(_) => {
                self.opaque(entry, loader);
                None
            }
            Err(error) => {
                self.refuse(entry, what, &error);
                None
            }
        }
    }

    /// Notes an entry that leads out of the repository.
    pub(crate) fn opaque(&mut self, entry: &Node, loader: &Loader<'_>) {
        self.report.opaque.push(Opaque {
            origin: entry.origin().clone(),
            address: nodes::text(Some(entry)).unwrap_or_default().to_owned(),
            directory: loader.directory.clone(),
        });
    }

    /// Notes an entry that names nothing that may be read.
    pub(crate) fn refuse(&mut self, entry: &Node, what: &str, error: &LoadError) {
        self.report.push(error.problem(entry.span(), what));
    }
}
