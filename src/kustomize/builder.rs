//! The way in: builds by directory and options, each made once.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::accumulate::{Accumulator, Chain, Session};
use super::flux;
use super::kustfile::{self, Kustomization};
use super::loader::Loader;
use super::model::{Build, Object, Overlay};
use super::nodes;
use super::report::Report;
use super::{hash, nameref, order};
use crate::source::{Lookup, RepoPath, Span};
use crate::yaml::Store;

/// Who builds.
#[derive(Debug, Clone)]
pub enum Caller {
    /// `kustomize build`: a kustomization must be there and is read strictly; objects come in legacy order.
    Kustomize,
    /// kustomize-controller: it makes a kustomization where there is none, reads the one of the directory leniently, adds
    /// the spec of its own Kustomization, and keeps the order of the files.
    Flux(Overlay),
}

/// What a build depends on beside the files.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// The root of the source: nothing outside of it is read.
    pub root: RepoPath,
    /// Who builds.
    pub caller: Caller,
}

impl BuildOptions {
    /// As `kustomize build --load-restrictor LoadRestrictionsNone`.
    pub fn kustomize(root: RepoPath) -> Self {
        Self {
            root,
            caller: Caller::Kustomize,
        }
    }

    /// As kustomize-controller.
    pub fn flux(root: RepoPath, overlay: Overlay) -> Self {
        Self {
            root,
            caller: Caller::Flux(overlay),
        }
    }
}

/// Builds kustomizations. May be shared between threads.
#[derive(Debug)]
pub struct Builder<'a> {
    store: &'a Store<'a>,
    builds: Mutex<HashMap<String, Arc<Build>>>,
    bases: Bases,
    runs: AtomicUsize,
}

/// The results of nested directories, by the root of the source and the directory.
#[derive(Debug, Default)]
pub(super) struct Bases {
    known: Mutex<HashMap<(RepoPath, RepoPath), Arc<Accumulator>>>,
}

impl Bases {
    /// The result for a directory, if it was made before.
    pub(super) fn get(&self, root: &RepoPath, directory: &RepoPath) -> Option<Arc<Accumulator>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(root.clone(), directory.clone())).cloned()
    }

    /// Keeps a result. The first of two threads that made the same wins.
    pub(super) fn keep(&self, root: &RepoPath, directory: &RepoPath, made: Accumulator) -> Arc<Accumulator> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = known.entry((root.clone(), directory.clone()));
        Arc::clone(slot.or_insert_with(|| Arc::new(made)))
    }

    fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl<'a> Builder<'a> {
    /// A builder over these files; builds nothing yet.
    pub fn new(store: &'a Store<'a>) -> Self {
        Self {
            store,
            builds: Mutex::default(),
            bases: Bases::default(),
            runs: AtomicUsize::new(0),
        }
    }

    /// The files.
    pub fn store(&self) -> &'a Store<'a> {
        self.store
    }

    /// Builds a directory, or gives the result of an earlier build with the same options.
    pub fn build(&self, directory: &RepoPath, options: &BuildOptions) -> Arc<Build> {
        let key = format!("{directory:?} {options:?}");
        let lock = || self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(build) = lock().get(&key) {
            return Arc::clone(build);
        }
        // Not made under the lock, so that other threads go on. If two make the same, the first one counts.
        let build = self.run(directory, options);
        Arc::clone(lock().entry(key).or_insert_with(|| Arc::new(build)))
    }

    /// How many builds were run: one for each directory and options, whoever asked how often.
    pub fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// How many nested directories were accumulated: one for each, however many kustomizations name it.
    pub fn bases(&self) -> usize {
        self.bases.len()
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
        };
        let mut acc = Accumulator::default();
        let Some(kustomization) = self.kustomization(&loader, options, &mut acc.report) else {
            return finish(acc);
        };
        let session = Session {
            bases: &self.bases,
            in_cycles: RefCell::new(BTreeSet::new()),
        };
        let chain = Chain {
            directory: &loader.directory,
            above: None,
            depth: 0,
        };
        session.target(&kustomization, &loader, chain, &mut acc);
        complete(&kustomization, options, &mut acc);
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
    hash::transform(&mut acc.map);
    let config = acc.config();
    nameref::transform(&mut acc.map, &config.name_reference, &mut acc.report);
    drop_local_configuration(acc);
    let legacy = matches!(options.caller, Caller::Kustomize);
    order::sort(
        &mut acc.map,
        kustomization.node.get("sortOptions"),
        legacy,
        &mut acc.report,
    );
    for resource in acc.map.list_mut() {
        resource.normalise_annotations();
    }
}

/// Objects for local tools only are left out of the result.
fn drop_local_configuration(acc: &mut Accumulator) {
    acc.map.list_mut().retain(|resource| {
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
            .map(|resource| Arc::new(Object { node: resource.node }))
            .collect(),
        problems: report.problems,
        opaque: report.opaque,
    }
}
