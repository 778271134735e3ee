//! The recursion of a build (api `internal/target/kusttarget.go`): what a kustomization names, generators, components,
//! then the transformers in their fixed order.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::builder::{BaseKey, Bases};
use super::config::TransformerConfig;
use super::crds;
use super::generators::{self, Generated};
use super::kustfile::{self, Kustomization};
use super::loader::{LoadError, Loader, Target, errors_of_settings, unparsable};
use super::model::{Opaque, Problem, ProblemKind};
use super::nodes;
use super::objects;
use super::provenance::{self, BuildOrigin};
use super::report::Report;
use super::resmap::{AbsorbError, ResMap};
use super::resource::Resource;
use super::typed::{self, Strictness};
use super::types;
use super::vars::Vars;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// Directories within directories. The deepest chain of real repositories has 9.
const MAX_DEPTH: usize = 64;
/// Objects of one build.
const MAX_OBJECTS: usize = 200_000;

/// What is gathered on the way (api `internal/accumulator`).
#[derive(Debug, Clone, Default)]
pub(super) struct Accumulator {
    pub(super) map: ResMap,
    /// `None` until the first kustomization brings the defaults.
    pub(super) config: Option<Arc<TransformerConfig>>,
    pub(super) report: Report,
    /// Every directory that was gone into.
    pub(super) directories: BTreeSet<RepoPath>,
    /// How far up the chain of directories a cycle reached.
    pub(super) cycle: Option<usize>,
    pub(super) vars: Vars,
    /// With `buildMetadata`: the directory of the kustomization in hand, seen from the one that owns this.
    pub(super) origin_path: Option<String>,
}

impl Accumulator {
    /// The configuration in force.
    pub(super) fn config(&self) -> Arc<TransformerConfig> {
        let config = self
            .config
            .as_ref()
            .unwrap_or_else(|| TransformerConfig::defaults());
        Arc::clone(config)
    }

    /// Every configuration holds the defaults, so merging them again changes nothing.
    fn merge_config(&mut self, other: &Arc<TransformerConfig>, entry: Span) {
        let defaults = TransformerConfig::defaults();
        let own = match &self.config {
            Some(own) if Arc::ptr_eq(own, other) || Arc::ptr_eq(other, defaults) => return,
            Some(own) if !Arc::ptr_eq(own, defaults) => own,
            _ => {
                self.config = Some(Arc::clone(other));
                return;
            }
        };
        let mut merged = TransformerConfig::clone(own);
        match merged.merge(other) {
            Ok(()) => self.config = Some(Arc::new(merged)),
            Err(field) => self.report.fail(
                entry,
                format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                "disagrees with another configuration",
            ),
        }
    }

    /// Takes over what another kustomization accumulated; `entry` is what names it.
    fn merge(&mut self, other: &Accumulator, entry: Span, below: Option<&str>) {
        if self.map.len() + other.map.len() > MAX_OBJECTS {
            self.report.fail(
                entry,
                format!("the build has more than {MAX_OBJECTS} objects"),
                "adds too many objects",
            );
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
    pub(super) fn builtin(&self, kustomization: &Kustomization, kind: &str) -> Option<BuildOrigin> {
        let directory = self.origin_path.as_ref()?;
        Some(BuildOrigin::builtin(directory, kustomization.file_name, kind))
    }

    /// With `buildMetadata`: a path of the kustomization in hand, seen from the one that owns this.
    pub(super) fn origin_of(&self, path: &str) -> Option<String> {
        let directory = self.origin_path.as_ref()?;
        Some(provenance::join(directory, path))
    }

    /// Carries out `replacements`.
    pub(super) fn replace(&mut self, items: Option<&Node>, _loader: &Loader<'_>) {
        for item in items.map(Node::items).unwrap_or_default() {
            self.report.push(Problem::new(
                ProblemKind::Unsupported,
                item.span(),
                "`replacements` is not carried out",
                "left out",
            ));
        }
    }

    fn note_cycle(&mut self, reached: usize) {
        self.cycle = Some(self.cycle.map_or(reached, |known| known.min(reached)));
    }
}

/// One root build.
pub(super) struct Session<'a> {
    pub(super) bases: &'a Bases,
    /// Directories whose result depends on who asked, because they are part of a cycle.
    pub(super) in_cycles: RefCell<BTreeSet<RepoPath>>,
}

/// A directory on the way, and those through which it was reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain<'a> {
    pub(super) directory: &'a RepoPath,
    pub(super) above: Option<&'a Chain<'a>>,
    pub(super) depth: usize,
}

impl Chain<'_> {
    /// The depth of the outermost directory that lies in or is `candidate`: going there again never ends.
    fn cycle_with(&self, candidate: &RepoPath) -> Option<usize> {
        let further = self.above.and_then(|above| above.cycle_with(candidate));
        further.or_else(|| self.directory.starts_with(candidate).then_some(self.depth))
    }
}

impl Session<'_> {
    /// Carries out one kustomization on what is there already: nothing, or what the parent of a component has.
    pub(super) fn target(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        for entry in kustomization.items("resources") {
            self.resource(entry, loader, chain, acc);
        }
        self.configurations(kustomization, loader, acc);
        self.schemas(kustomization, loader, acc);
        self.generate(kustomization, loader, chain, acc);
        for entry in kustomization.items("components") {
            self.component(entry, loader, chain, acc);
        }
        self.transform(kustomization, loader, chain, acc);
        self.validate(kustomization, loader, chain, acc);
        let Accumulator {
            vars, map, report, ..
        } = acc;
        vars.declare(kustomization.items("vars"), map, report);
    }

    pub(super) fn resource(
        &self,
        entry: &Node,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        let text = nodes::text(Some(entry)).unwrap_or_default();
        match loader.find(text) {
            Ok(Target::File(file)) => add_file(file, entry, loader, acc),
            Ok(Target::Directory(directory)) => {
                if let Some(base) = self.base(&directory, entry, loader, chain, acc) {
                    let below = acc.origin_of(text);
                    acc.merge(&base, entry.span(), below.as_deref());
                }
            }
            Ok(Target::Remote) => opaque(entry, loader, acc),
            Err(error) => refuse(entry, "accumulating resources", error, acc),
        }
    }

    fn component(&self, entry: &Node, loader: &Loader<'_>, chain: Chain<'_>, acc: &mut Accumulator) {
        let text = nodes::text(Some(entry)).unwrap_or_default();
        let directory = match loader.find(text) {
            Ok(Target::Directory(directory)) => directory,
            Ok(Target::Remote) => return opaque(entry, loader, acc),
            Ok(Target::File(_)) => {
                let error = LoadError {
                    message: format!("`{text}` must resolve to a directory"),
                    label: "a file",
                };
                return refuse(entry, "accumulating components", error, acc);
            }
            Err(error) => return refuse(entry, "accumulating components", error, acc),
        };
        if !self.may_enter(&directory, entry, chain, acc) {
            return;
        }
        let loader = loader.at(directory);
        let Some(kustomization) = load_nested(&loader, entry, true, acc) else {
            return;
        };
        let chain = Chain {
            directory: &loader.directory,
            above: Some(&chain),
            depth: chain.depth + 1,
        };
        let origin_path = acc.origin_of(text);
        let outer = std::mem::replace(&mut acc.origin_path, origin_path);
        self.target(&kustomization, &loader, chain, acc);
        acc.origin_path = outer;
    }

    /// The result for a directory of its own, made once for all that name it.
    fn base(
        &self,
        directory: &RepoPath,
        entry: &Node,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) -> Option<Arc<Accumulator>> {
        if !self.may_enter(directory, entry, chain, acc) {
            return None;
        }
        let independent =
            |base: &Accumulator| base.directories.iter().all(|one| chain.cycle_with(one).is_none());
        let tracked = acc.origin_path.is_some();
        let key = BaseKey {
            root: loader.root.clone(),
            directory: directory.clone(),
            tracked,
        };
        if let Some(base) = self.bases.get(&key).filter(|base| independent(base)) {
            return Some(base);
        }
        if !self.in_cycles.borrow().is_empty() && self.in_cycles.borrow().contains(directory) {
            // Seen before in this build, which has failed already.
            acc.note_cycle(0);
            return None;
        }
        let loader = loader.at(directory.clone());
        let mut base = Accumulator {
            origin_path: tracked.then(String::new),
            ..Accumulator::default()
        };
        let depth = chain.depth + 1;
        let chain = Chain {
            directory: &loader.directory,
            above: Some(&chain),
            depth,
        };
        if let Some(kustomization) = load_nested(&loader, entry, false, &mut base) {
            self.target(&kustomization, &loader, chain, &mut base);
        }
        base.directories.insert(directory.clone());
        match base.cycle.take().filter(|&reached| reached < depth) {
            Some(reached) => {
                acc.note_cycle(reached);
                self.in_cycles.borrow_mut().insert(directory.clone());
                Some(Arc::new(base))
            }
            None => Some(self.bases.keep(key, base)),
        }
    }

    fn may_enter(&self, directory: &RepoPath, entry: &Node, chain: Chain<'_>, acc: &mut Accumulator) -> bool {
        if let Some(reached) = chain.cycle_with(directory) {
            acc.note_cycle(reached);
            acc.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    entry.span(),
                    format!(
                        "cycle detected: candidate root `{directory}` contains visited root `{}`",
                        chain.directory
                    ),
                    "leads back to a directory that is being built",
                )
                .help("Remove the entry, or move what both need to a directory of its own."),
            );
            return false;
        }
        if chain.depth + 1 >= MAX_DEPTH {
            acc.report.fail(
                entry.span(),
                format!("kustomizations are nested more than {MAX_DEPTH} deep"),
                "one too many",
            );
            return false;
        }
        true
    }

    fn configurations(&self, kustomization: &Kustomization, loader: &Loader<'_>, acc: &mut Accumulator) {
        let entries = kustomization.items("configurations");
        if entries.is_empty() {
            return acc.merge_config(TransformerConfig::defaults(), kustomization.span);
        }
        let mut config = TransformerConfig::clone(TransformerConfig::defaults());
        for entry in entries {
            let Some(node) = settings_file(entry, loader, acc) else {
                continue;
            };
            let mut errors = Vec::new();
            let checked = typed::check(&node, types::CONFIGURATION, Strictness::Strict, &mut errors);
            for error in errors {
                acc.report.push(
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
                acc.report.fail(
                    entry.span(),
                    format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                    "disagrees with kustomize's own",
                );
            }
        }
        acc.merge_config(&Arc::new(config), kustomization.span);
    }

    /// Adds what `crds` and `openapi` say of kinds.
    fn schemas(&self, kustomization: &Kustomization, loader: &Loader<'_>, acc: &mut Accumulator) {
        for entry in kustomization.items("crds") {
            let Some(node) = settings_file(entry, loader, acc) else {
                continue;
            };
            let mut config = TransformerConfig::clone(&acc.config());
            match config.merge(&crds::read(&node)) {
                Ok(()) => acc.config = Some(Arc::new(config)),
                Err(field) => acc.report.fail(
                    entry.span(),
                    format!("failed to merge {field} fieldSpec: conflicting fieldspecs"),
                    "disagrees with a configuration",
                ),
            }
        }
        let openapi = kustomization.node.get("openapi");
        if let Some(path) = openapi.and_then(|openapi| openapi.get("path"))
            && settings_file(path, loader, acc).is_some()
        {
            acc.report.push(Problem::new(
                ProblemKind::Unsupported,
                path.span(),
                "`openapi.path` is not read, so lists of custom kinds are replaced by patches, not merged",
                "schema left out",
            ));
        }
    }

    fn generate(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        let options = kustomization.node.get("generatorOptions");
        for (field, what) in [
            ("configMapGenerator", Generated::ConfigMap),
            ("secretGenerator", Generated::Secret),
        ] {
            for item in kustomization.items(field) {
                let generated = generators::generate(what, item, options, loader, &mut acc.report);
                if let Some(mut resource) = generated {
                    resource.came_from = acc.builtin(kustomization, what.plugin());
                    absorb(resource, item, acc);
                }
            }
        }
        self.external_generators(kustomization, loader, chain, acc);
        for field in ["helmCharts", "helmChartInflationGenerator"] {
            for item in kustomization.items(field) {
                acc.report.push(
                    Problem::new(
                        ProblemKind::Failure,
                        item.span(),
                        format!("`{field}` needs Helm: must specify --enable-helm, which Flux never does"),
                        "no chart is rendered",
                    )
                    .help("Use a HelmRelease instead."),
                );
            }
        }
    }
}

fn add_file(file: FileId, entry: &Node, loader: &Loader<'_>, acc: &mut Accumulator) {
    let parsed = loader.parsed(file);
    for error in &parsed.errors {
        acc.report.push(unparsable(error, Some(entry.span())));
    }
    let objects = objects::read(parsed);
    for problem in objects.problems {
        acc.report.push(problem.related(entry.span(), "read here"));
    }
    if acc.map.len() + objects.objects.len() > MAX_OBJECTS {
        return acc.report.fail(
            entry.span(),
            format!("the build has more than {MAX_OBJECTS} objects"),
            "adds too many objects",
        );
    }
    let directory = acc.origin_path.clone();
    for object in objects.objects {
        let mut resource = Resource::new(object, entry.span());
        resource.came_from = directory
            .as_deref()
            .map(|directory| BuildOrigin::file(directory, nodes::text(Some(entry)).unwrap_or_default()));
        if let Err(duplicate) = acc.map.append(resource) {
            acc.report.duplicate(entry.span(), &duplicate);
        }
    }
}

pub(super) fn absorb(resource: Resource, item: &Node, acc: &mut Accumulator) {
    let span = item.get("behavior").unwrap_or(item).span();
    match acc.map.absorb(resource) {
        Ok(()) => {}
        Err(AbsorbError::Exists(duplicate)) => acc.report.push(
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
        Err(AbsorbError::Missing(_)) if acc.report.hides_objects() => {}
        Err(AbsorbError::Missing(id)) => acc.report.fail(
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
            acc.report.push(
                spans
                    .into_iter()
                    .fold(problem, |problem, span| problem.related(span, "one of them")),
            );
        }
    }
}

/// The kustomization of a nested directory, if it is of the kind that its place asks for.
fn load_nested(
    loader: &Loader<'_>,
    entry: &Node,
    wants_component: bool,
    acc: &mut Accumulator,
) -> Option<Kustomization> {
    let kustomization = kustfile::load(loader, entry.span(), &mut acc.report)?;
    kustfile::enforce(&kustomization, Some(entry.span()), &mut acc.report);
    if wants_component == kustomization.is_component() {
        return Some(kustomization);
    }
    let kind = nodes::text(kustomization.node.get("kind")).unwrap_or("Kustomization");
    let message = if wants_component {
        format!(
            "expected kind `Component` for path `{}` but got `{kind}`",
            loader.directory
        )
    } else {
        format!("expected kind != `Component` for path `{}`", loader.directory)
    };
    let at = kustomization
        .node
        .get("kind")
        .map_or(kustomization.span, Node::span);
    acc.report.push(
        Problem::new(ProblemKind::Failure, entry.span(), message, "named here")
            .related(at, "its kind")
            .help("List components under `components`, everything else under `resources`."),
    );
    None
}

/// The first document of a file of settings.
fn settings_file(entry: &Node, loader: &Loader<'_>, acc: &mut Accumulator) -> Option<Node> {
    match loader.file(nodes::text(Some(entry)).unwrap_or_default()) {
        Ok(Target::File(file)) => {
            let parsed = loader.parsed(file);
            for error in errors_of_settings(parsed) {
                acc.report.push(unparsable(error, Some(entry.span())));
            }
            parsed.root().cloned()
        }
        Ok(_) => {
            opaque(entry, loader, acc);
            None
        }
        Err(error) => {
            refuse(entry, "reading a configuration", error, acc);
            None
        }
    }
}

fn opaque(entry: &Node, loader: &Loader<'_>, acc: &mut Accumulator) {
    acc.report.opaque.push(Opaque {
        origin: entry.origin().clone(),
        address: nodes::text(Some(entry)).unwrap_or_default().to_owned(),
        directory: loader.directory.clone(),
    });
}

fn refuse(entry: &Node, what: &str, error: LoadError, acc: &mut Accumulator) {
    acc.report
        .fail(entry.span(), format!("{what}: {}", error.message), error.label);
}
