//! The recursion of a build (api `internal/target/kusttarget.go`): what a kustomization names, generators, components,
//! then the transformers in their fixed order.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use super::accumulator::Accumulator;
use super::bases::{BaseKey, Bases};
use super::schema_choice::SchemaChoice;
use crate::kustomize::files::loader::{LoadError, Loader, Target};
use crate::kustomize::generate::generators::{self, Generated};
use crate::kustomize::kustomization::kustfile::{self, Kustomization};
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::provenance;
use crate::source::{Noting, RepoPath};
use crate::yaml::Node;

/// Directories within directories. The deepest chain of real repositories has 9.
const MAX_DEPTH: usize = 64;

/// Components carried out in one build. A component is carried out anew for everyone who names it, so two that each name
/// two more, and so on, would never end.
const MAX_COMPONENTS: usize = 2_000;

/// One root build.
pub(crate) struct Session<'a> {
    pub(crate) bases: &'a Bases,
    /// Directories whose result depends on who asked, because they are part of a cycle.
    pub(crate) in_cycles: RefCell<BTreeSet<RepoPath>>,
    /// Components carried out so far.
    pub(crate) components: Cell<usize>,
    pub(crate) schema: SchemaChoice,
}

/// A directory on the way, and those through which it was reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain<'a> {
    pub(crate) directory: &'a RepoPath,
    pub(crate) above: Option<&'a Chain<'a>>,
    pub(crate) depth: usize,
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
    pub(crate) fn target(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        acc.map.know(&self.schema.kinds());
        for entry in kustomization.items("resources") {
            self.resource(entry, loader, chain, acc);
        }
        acc.configurations(kustomization, loader);
        acc.schemas(kustomization, loader);
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

    pub(crate) fn resource(
        &self,
        entry: &Node,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        let text = nodes::text(Some(entry)).unwrap_or_default();
        match loader.find(text) {
            Ok(Target::File(file)) => acc.add_file(file, entry, loader),
            Ok(Target::Directory(directory)) => {
                if let Some(base) = self.base(&directory, entry, loader, chain, acc) {
                    let below = acc.origin_of(text);
                    acc.map.know(&self.schema.kinds());
                    acc.merge(&base, entry.span(), below.as_deref());
                }
            }
            Ok(Target::Remote) => acc.opaque(entry, loader),
            Err(error) => acc.refuse(entry, "accumulating resources", &error),
        }
    }

    fn component(&self, entry: &Node, loader: &Loader<'_>, chain: Chain<'_>, acc: &mut Accumulator) {
        let text = nodes::text(Some(entry)).unwrap_or_default();
        let directory = match loader.find(text) {
            Ok(Target::Directory(directory)) => directory,
            Ok(Target::Remote) => return acc.opaque(entry, loader),
            Ok(Target::File(_)) => {
                let error = LoadError::new(format!("`{text}` must resolve to a directory"), "a file");
                return acc.refuse(entry, "accumulating components", &error);
            }
            Err(error) => return acc.refuse(entry, "accumulating components", &error),
        };
        if !self.may_enter(&directory, entry, chain, acc) || !self.may_add_component(entry, acc) {
            return;
        }
        let loader = loader.at(directory);
        let Some(kustomization) = load_nested(&loader, entry, true, acc) else {
            return;
        };
        self.schema.needed(acc.report.schema_use);
        self.schema.offer(&kustomization, &loader, acc);
        let chain = Chain {
            directory: &loader.directory,
            above: Some(&chain),
            depth: chain.depth + 1,
        };
        let origin_path = acc.origin_of(text);
        let outer = std::mem::replace(&mut acc.origin_path, origin_path);
        self.target(&kustomization, &loader, chain, acc);
        acc.origin_path = outer;
        acc.renew_config(entry.span());
        let Accumulator { map, report, .. } = acc;
        report.same_ids(map, Some(entry.span()));
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
            left_out: Arc::clone(loader.left_out),
            directory: directory.clone(),
            tracked,
            schema: self.schema.key(),
        };
        if let Some(base) = self.bases.get(&key).filter(|base| independent(base)) {
            return Some(base);
        }
        if !self.in_cycles.borrow().is_empty() && self.in_cycles.borrow().contains(directory) {
            // Seen before in this build, which has failed already.
            acc.note_cycle(0);
            return None;
        }
        let noting = Noting::begin();
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
        self.schema.needed(acc.report.schema_use);
        if let Some(kustomization) = load_nested(&loader, entry, false, &mut base) {
            self.schema.offer(&kustomization, &loader, &mut base);
            self.target(&kustomization, &loader, chain, &mut base);
        }
        base.directories.insert(directory.clone());
        let reads = noting.end();
        match base.cycle.take().filter(|&reached| reached < depth) {
            Some(reached) => {
                acc.note_cycle(reached);
                self.in_cycles.borrow_mut().insert(directory.clone());
                Some(Arc::new(base))
            }
            // What chooses the schema does so for what comes after it as well, every time anew.
            None if key.schema.made != self.schema.is_made() => Some(Arc::new(base)),
            None => Some(self.bases.keep(key, base, reads)),
        }
    }

    fn may_add_component(&self, entry: &Node, acc: &mut Accumulator) -> bool {
        let count = self.components.get() + 1;
        self.components.set(count);
        if count == MAX_COMPONENTS + 1 {
            acc.report.fail(
                entry.span(),
                format!("the build carries out more than {MAX_COMPONENTS} components"),
                "one too many",
            );
        }
        count <= MAX_COMPONENTS
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
                .help("remove the entry, or move what both need to a directory of its own"),
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
                    provenance::mark(&mut resource, acc.builtin(kustomization, what.plugin()));
                    acc.absorb(resource, item);
                }
            }
        }
        self.external_generators(kustomization, loader, chain, acc);
        for field in ["helmCharts", "helmChartInflationGenerator"] {
            for item in kustomization.items(field) {
                acc.report.push(
                    Problem::new(
                        ProblemKind::RefusedField,
                        item.span(),
                        format!("`{field}` needs Helm: must specify --enable-helm, which Flux never does"),
                        "no chart is rendered",
                    )
                    .help("use a HelmRelease instead"),
                );
            }
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
            .help("list components under `components`, everything else under `resources`"),
    );
    None
}
