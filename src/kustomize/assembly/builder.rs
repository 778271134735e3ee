//! The way in: builds by directory and options, each made once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::accumulate::{Chain, Session};
use super::accumulator::Accumulator;
use super::bases::{BaseKey, Based, Bases};
use super::flow;
use super::schema_choice::SchemaChoice;
use super::{order, reading};
use crate::budget;
use crate::kustomize::fields::fieldspec::{FieldSpec, FieldSpecs};
use crate::kustomize::files::left_out::LeftOut;
use crate::kustomize::files::loader::{Loader, MAX_GENERATED};
use crate::kustomize::generate::hash;
use crate::kustomize::kustomization::flux;
use crate::kustomize::kustomization::kustfile::{self, Kustomization};
use crate::kustomize::model::{Build, Overlay, Problem, ProblemKind};
use crate::kustomize::references::nameref;
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::{objects, provenance};
use crate::kustomize::transform::labels;
use crate::source::{Contents, Lookup, Noting, Reads, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Node, Store, obstacle};

/// Who builds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// `kustomize build`: a kustomization must be there and is read strictly; objects come in legacy order.
    Kustomize,
    /// kustomize-controller: it makes a kustomization where there is none, reads the one of the directory leniently, adds
    /// the spec of its own Kustomization, and keeps the order of the files.
    Flux(Overlay),
}

/// What a build depends on beside the files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BuildOptions {
    /// The root of the source: nothing outside of it is read.
    pub root: RepoPath,
    /// What of the files the artifact does not hold.
    pub left_out: Arc<LeftOut>,
    /// Who builds.
    pub caller: Caller,
}

impl BuildOptions {
    /// As `kustomize build --load-restrictor LoadRestrictionsNone`.
    pub fn kustomize(root: RepoPath) -> Self {
        Self {
            root,
            left_out: Arc::default(),
            caller: Caller::Kustomize,
        }
    }

    /// As kustomize-controller.
    pub fn flux(root: RepoPath, overlay: Overlay) -> Self {
        Self {
            root,
            left_out: Arc::default(),
            caller: Caller::Flux(overlay),
        }
    }

    /// The same without these files.
    #[must_use]
    pub fn without(self, left_out: Arc<LeftOut>) -> Self {
        Self { left_out, ..self }
    }
}

/// What the result of a build depends on: the directory and the options.
type BuildKey = (RepoPath, BuildOptions);

/// A build, and what it was made from.
#[derive(Debug, Clone)]
struct Built {
    build: Arc<Build>,
    reads: Reads,
}

/// What a builder leaves behind, for another over the same files of which some hold something else.
#[derive(Debug, Default)]
pub struct Builds {
    builds: HashMap<BuildKey, Built>,
    bases: HashMap<BaseKey, Based>,
}

/// Builds kustomizations. May be shared between threads.
#[derive(Debug)]
pub struct Builder<'a> {
    store: &'a Store<'a>,
    /// Each build is a cell of its own, so that it runs once even when two threads ask for it at the same time.
    builds: Mutex<HashMap<BuildKey, Arc<OnceLock<Built>>>>,
    before: HashMap<BuildKey, Built>,
    bases: Bases,
    runs: AtomicUsize,
    generated: AtomicUsize,
}

impl<'a> Builder<'a> {
    /// A builder over these files; builds nothing yet.
    pub fn new(store: &'a Store<'a>) -> Self {
        Self {
            store,
            builds: Mutex::default(),
            before: HashMap::new(),
            bases: Bases::default(),
            runs: AtomicUsize::new(0),
            generated: AtomicUsize::new(0),
        }
    }

    /// A builder that takes over what an earlier one made from what the files hold today.
    pub fn after(store: &'a Store<'a>, before: Builds, contents: &Contents) -> Self {
        let Builds { mut builds, bases } = before;
        builds.retain(|_, built| contents.hold(&built.reads));
        Self {
            before: builds,
            bases: Bases::after(bases, contents),
            ..Self::new(store)
        }
    }

    /// What was built, for a later run.
    #[expect(clippy::mutable_key_type, reason = "what a key is told by never changes")]
    pub fn leave(self) -> Builds {
        // Who went too far depends on the order of the builds.
        if self.generated.load(Ordering::Relaxed) > MAX_GENERATED {
            return Builds::default();
        }
        let builds = self.builds.into_inner().unwrap_or_else(PoisonError::into_inner);
        let done = |(key, cell): (BuildKey, Arc<OnceLock<Built>>)| Some((key, cell.get()?.clone()));
        Builds {
            builds: builds.into_iter().filter_map(done).collect(),
            bases: self.bases.into_known(),
        }
    }

    /// The files.
    pub fn store(&self) -> &'a Store<'a> {
        self.store
    }

    /// Builds a directory, or gives the result of an earlier build with the same options. A path that names no directory
    /// builds to nothing, without a problem: who names it has the place to report.
    pub fn build(&self, directory: &RepoPath, options: &BuildOptions) -> Arc<Build> {
        let key = (directory.clone(), options.clone());
        let before = self.before.get(&key);
        let cell = {
            let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(builds.entry(key).or_default())
        };
        let built = cell.get_or_init(|| match before {
            Some(built) => built.clone(),
            None => self.make(directory, options),
        });
        built.reads.note();
        Arc::clone(&built.build)
    }

    fn make(&self, directory: &RepoPath, options: &BuildOptions) -> Built {
        let noting = Noting::begin();
        let build = Arc::new(self.run(directory, options));
        Built {
            build,
            reads: noting.end(),
        }
    }

    /// How many builds were run: one for each directory and options, whoever asked how often.
    pub fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// How many nested directories were accumulated: one for each, however many kustomizations name it.
    pub fn bases(&self) -> usize {
        self.bases.len()
    }

    /// Bytes of files that became part of generated objects so far.
    pub(crate) fn generated(&self) -> &AtomicUsize {
        &self.generated
    }

    fn run(&self, directory: &RepoPath, options: &BuildOptions) -> Build {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let Lookup::Directory(directory) = self.store.sources().lookup(directory) else {
            return Build::default();
        };
        let loader = Loader {
            store: self.store,
            root: &options.root,
            directory,
            left_out: &options.left_out,
            generated: &self.generated,
        };
        let mut acc = Accumulator::default();
        acc.report.problems.extend(options.left_out.bound());
        let Some(kustomization) = self.kustomization(&loader, options, &mut acc.report) else {
            return finish(acc);
        };
        let session = Session {
            bases: &self.bases,
            in_cycles: RefCell::new(BTreeSet::new()),
            components: Cell::new(0),
            schema: SchemaChoice::new(matches!(options.caller, Caller::Flux(_))),
        };
        let chain = Chain {
            directory: &loader.directory,
            above: None,
            depth: 0,
        };
        if !kustomization.items("buildMetadata").is_empty() {
            acc.origin_path = Some(String::new());
        }
        session.schema.offer(&kustomization, &loader, &mut acc);
        session.target(&kustomization, &loader, chain, &mut acc);
        session.schema.report_flaw(&mut acc.report);
        complete(&kustomization, options, &mut acc);
        prepare_for_print(&mut acc.map, self.store.sources(), &mut acc.report);
        finish(acc)
    }

    fn kustomization(
        &self,
        loader: &Loader<'a>,
        options: &BuildOptions,
        report: &mut Report,
    ) -> Option<Kustomization> {
        match &options.caller {
            Caller::Kustomize => {
                let place = self.any_span_below(&loader.directory)?;
                let kustomization = kustfile::load(loader, place, report)?;
                kustfile::enforce(&kustomization, None, report);
                Some(kustomization)
            }
            Caller::Flux(overlay) => flux::kustomization(loader, overlay, report),
        }
    }

    /// A place to report what is wrong with a directory as a whole: its first file.
    fn any_span_below(&self, directory: &RepoPath) -> Option<Span> {
        let (file, _) = self
            .store
            .sources()
            .iter()
            .find(|(_, file)| file.path().starts_with(directory))?;
        Some(Span::at_start(file))
    }
}

/// What is done once, at the root.
fn complete(kustomization: &Kustomization, options: &BuildOptions, acc: &mut Accumulator) {
    let config = acc.config();
    let Accumulator {
        map, report, vars, ..
    } = acc;
    hash::transform(map);
    nameref::transform(map, &config.name_reference, report);
    vars.resolve(map, &config.var_reference, report);
    report_incomplete(map, report);
    drop_local_configuration(map);
    // kustomize panics when it puts such objects together.
    report.same_ids(map, None);
    let legacy = matches!(options.caller, Caller::Kustomize);
    order::sort(map, kustomization.node.get("sortOptions"), legacy, report);
    add_metadata(kustomization, map, report);
}

/// Carries out `buildMetadata`.
fn add_metadata(kustomization: &Kustomization, map: &mut ResMap, report: &mut Report) {
    let entries = kustomization.items("buildMetadata");
    let entry = |name: &str| entries.iter().find(|entry| entry.as_text() == Some(name));
    if let Some(entry) = entry("managedByLabel") {
        let pair = Entry {
            key: Node::string("app.kubernetes.io/managed-by", entry.origin().clone()),
            value: Node::string("kustomize-v5.8.1", entry.origin().clone()),
        };
        let pairs = Node::mapping(vec![pair], entry.origin().clone());
        let specs = FieldSpecs(vec![FieldSpec::any("metadata/labels", true)]);
        labels::set_pairs(map, &pairs, &specs, report);
    }
    let origins = entry("originAnnotations");
    let transformations = entry("transformerAnnotations");
    for resource in map.list_mut() {
        provenance::forget_lost(resource);
        if let Some(problem) = resource.normalise_annotations() {
            report.push(problem);
        }
        if let Some(entry) = origins.or(transformations) {
            provenance::annotate(
                resource,
                origins.is_some(),
                transformations.is_some(),
                entry.origin(),
            );
        }
    }
}

/// What printing does to the objects, and whether they can be printed at all.
fn prepare_for_print(map: &mut ResMap, sources: &SourceMap, report: &mut Report) {
    for resource in map.list_mut() {
        flow::empty_values_to_text(&mut resource.node, sources);
        reading::fix_types(&mut resource.node);
        if let Some(obstacle) = obstacle(&resource.node) {
            report.push(
                Problem::new(
                    ProblemKind::Failure,
                    obstacle.span,
                    format!("`{}` cannot be printed: {}", resource.id(), obstacle.message),
                    "cannot become JSON",
                )
                .help(obstacle.help),
            );
        }
    }
}

/// What transformers have left without a kind or a name is refused at the end (api `resource/factory.go`,
/// `DropLocalNodes`).
fn report_incomplete(map: &ResMap, report: &mut Report) {
    for resource in map
        .list()
        .iter()
        .filter(|resource| !nodes::is_nil_or_empty(&resource.node))
    {
        if let Some((span, message)) = objects::missing(&resource.node) {
            report.fail(span, message, "is no Kubernetes object any more");
        }
    }
}

/// Objects for local tools only are left out of the result.
fn drop_local_configuration(map: &mut ResMap) {
    map.list_mut().retain(|resource| {
        let annotations = resource.node.at(&["metadata", "annotations"]);
        let local = annotations.and_then(|all| all.get("config.kubernetes.io/local-config"));
        local.is_none_or(|value| nodes::text(Some(value)) == Some("false"))
    });
}

fn finish(mut acc: Accumulator) -> Build {
    let objects = std::mem::take(acc.map.list_mut());
    let mut report = Report::default();
    report.absorb(&acc.report);
    Build {
        objects: objects
            .into_iter()
            .map(|resource| Arc::new(resource.into_object()))
            .collect(),
        problems: report.problems,
        opaque: report.opaque,
        unread: report.unread,
        served_targets: report.served_targets,
        added: acc.report.budget.spent().min(budget::BUILD),
    }
}
