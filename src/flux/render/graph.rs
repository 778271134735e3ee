//! One round: every Kustomization of a cluster, parents before children.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::entry::{Start, is_kustomization};
use super::lookups::{Lookups, SubstituteFrom};
use super::round::Round;
use super::source;
use super::{Address, Renderer, Territory};
use super::{artifacts, entry, finish};
use crate::budget::{self, Budget};
use crate::flux::model::{Given, RenderedSet};
use crate::flux::resource_set;
use crate::flux::{Kustomization, Source, known_text};
use crate::kustomize::{Build, BuildOptions, LeftOut, Object, Overlay};
use crate::postbuild::{PostBuild, RenderProblem, VariableSource};
use crate::source::{Lookup, RepoPath};
use crate::yaml::Node;

/// Far above the largest fleets known; reached only by Kustomizations that make ever new ones.
const MAX_KUSTOMIZATIONS: usize = 20_000;
/// Generations of Kustomizations below the entry point.
const MAX_GENERATIONS: usize = 64;

/// Values of variables that are no longer make an object some times as large as its text at most.
const SHORT: usize = 256;

impl Round {
    pub(crate) fn render(
        renderer: &Renderer,
        start: &Start,
        territory: &Territory,
        given: &[Given],
        before: &Round,
    ) -> Self {
        let mut round = Self {
            strict: renderer.is_strict(start),
            budget: Budget::new(renderer.share),
            ..Self::default()
        };
        for given in given {
            round.objects.add_given(given);
        }
        for object in &start.made {
            round.objects.add(object);
        }
        let mut todo: VecDeque<Pending> = VecDeque::new();
        for delivered in &start.delivered {
            todo.extend(round.take((delivered.clone(), 0), 0));
        }
        if start.delivered.is_empty() {
            todo.push_back(Pending {
                object: Arc::clone(&start.object),
                parent: None,
                generation: 0,
            });
            todo.extend(start.also.iter().map(|object| Pending {
                object: Arc::clone(object),
                parent: None,
                generation: 0,
            }));
        }
        while let Some(pending) = todo.pop_front() {
            if !round.admit(start, &pending, renderer.max_objects) {
                continue;
            }
            let one = One {
                renderer,
                start,
                territory,
                before,
                round: &round,
                pending: &pending,
            };
            let rendered = one.render();
            todo.extend(round.take(rendered, pending.generation));
        }
        round
    }

    /// Whether the Kustomization is new.
    fn admit(&mut self, start: &Start, pending: &Pending, max_objects: usize) -> bool {
        let key = pending.key(start);
        if self.positions.contains_key(&key) {
            let is_own = pending.parent.is_some() && self.positions.get(&key) == Some(&0);
            if is_own && self.own_object.is_none() {
                self.own_object = Some(Arc::clone(&pending.object));
            }
            return false;
        }
        if let Some(bound) = self.bound_reached(pending, max_objects) {
            self.stop(pending, bound);
            return false;
        }
        self.positions.insert(key, self.kustomizations.len());
        true
    }

    /// The bound that forbids one more Kustomization.
    fn bound_reached(&self, pending: &Pending, max_objects: usize) -> Option<String> {
        if self.size > max_objects {
            Some(format!("{max_objects} objects"))
        } else if self.kustomizations.len() >= MAX_KUSTOMIZATIONS {
            Some(format!("{MAX_KUSTOMIZATIONS} Kustomizations"))
        } else if pending.generation > MAX_GENERATIONS {
            Some(format!("{MAX_GENERATIONS} Kustomizations one below the other"))
        } else {
            None
        }
    }

    /// Says once, at the Kustomization whose child is the first to be left out, that a bound is reached.
    fn stop(&mut self, pending: &Pending, bound: String) {
        let parent = pending.parent.and_then(|at| self.kustomizations.get_mut(at));
        if let Some(parent) = parent.filter(|_| !self.full) {
            let span = pending.object.name_span();
            parent.problems.push(RenderProblem::TooMuch { span, bound });
            self.full = true;
        }
    }

    /// Leaves out what a Kustomization applies, `made` of it by templates, where that, with all before, adds more to the files than a cluster may.
    fn charge(&mut self, kustomization: &mut Kustomization, made: usize) {
        let build = kustomization.build.as_deref();
        let before = build.map(|build| build.objects.as_slice()).unwrap_or_default();
        let values = kustomization.variables.known.values();
        let longest = values
            .filter_map(|variable| variable.value.as_ref().ok())
            .map(|value| value.len())
            .max();
        let changed = kustomization
            .objects
            .iter()
            .zip(before)
            .filter(|(now, before)| !Arc::ptr_eq(now, before));
        let grown: usize = changed
            .filter(|_| longest.is_some_and(|longest| longest > SHORT))
            .map(|(now, before)| now.node.weight().saturating_sub(before.node.weight()))
            .sum();
        let added = build
            .map_or(0, |build| build.added)
            .saturating_add(grown)
            .saturating_add(made);
        if self.budget.spend(added).is_err() {
            kustomization.objects.clear();
            let span = kustomization.object.name_span();
            let bound = format!("{} made out of files for one cluster", self.budget.in_words());
            // A build that fails has told what it goes too far with.
            if !kustomization.build.as_deref().is_some_and(Build::failed) {
                kustomization
                    .problems
                    .push(RenderProblem::TooMuch { span, bound });
            }
        }
    }

    /// Adds a Kustomization and gives its children. What goes to another cluster has no children here.
    fn take(&mut self, (mut kustomization, made): (Kustomization, usize), generation: usize) -> Vec<Pending> {
        let parent = Some(self.kustomizations.len());
        let mut children = Vec::new();
        self.size += kustomization.objects.len();
        self.charge(&mut kustomization, made);
        if !kustomization.remote {
            for object in &kustomization.objects {
                self.objects.add(object);
                if is_kustomization(object) {
                    children.push(Pending {
                        object: Arc::clone(object),
                        parent,
                        generation: generation + 1,
                    });
                }
            }
        }
        self.kustomizations.push(kustomization);
        children
    }
}

/// A Kustomization that waits for its turn.
struct Pending {
    object: Arc<Object>,
    parent: Option<usize>,
    generation: usize,
}

impl Pending {
    fn namespace<'a>(&'a self, start: &'a Start) -> &'a str {
        match self.parent {
            None => start.namespace(),
            Some(_) => self.object.namespace().unwrap_or("default"),
        }
    }

    fn key(&self, start: &Start) -> (String, String) {
        (self.namespace(start).to_owned(), self.object.name().to_owned())
    }
}

/// The rendering of one Kustomization.
struct One<'a> {
    renderer: &'a Renderer<'a>,
    start: &'a Start,
    territory: &'a Territory,
    before: &'a Round,
    round: &'a Round,
    pending: &'a Pending,
}

impl One<'_> {
    /// Whether it is the first of the cluster, and none that is applied beside it.
    fn is_start(&self) -> bool {
        let is_beside = |also: &Arc<Object>| Arc::ptr_eq(also, &self.pending.object);
        self.pending.parent.is_none() && !self.start.also.iter().any(is_beside)
    }

    /// The Kustomization, and what its ResourceSets took from the account of the cluster.
    fn render(&self) -> (Kustomization, usize) {
        let object = &self.pending.object;
        let spec = object.node.get("spec");
        let namespace = self.pending.namespace(self.start).to_owned();
        let lookups = self.lookups();
        let mut kustomization = Kustomization {
            name: object.name().to_owned(),
            object: Arc::clone(object),
            parent: self.pending.parent,
            source: source::resolve(object, &namespace, self.start, &lookups),
            path: None,
            build: None,
            objects: Vec::new(),
            rendered_sets: Vec::new(),
            variables: crate::postbuild::Variables::default(),
            problems: Vec::new(),
            suspended: spec.and_then(|spec| spec.get("suspend")).and_then(Node::as_bool) == Some(true),
            remote: spec.is_some_and(|spec| spec.get("kubeConfig").is_some_and(|node| !node.is_null())),
            hub: None,
            namespace,
        };
        if self.pending.parent.is_none() {
            kustomization.source = Source::Here(self.start.root.clone());
        }
        if let Source::Here(root) = kustomization.source.clone() {
            kustomization.path = self.path(&root, &lookups, &mut kustomization.problems);
            if let Some(path) = &kustomization.path {
                kustomization.build = Some(self.build(path, &root, &lookups));
            }
        }
        let post_build = self.post_build(&kustomization.namespace, &lookups);
        self.finish(&mut kustomization, post_build);
        let made = self.made_by_resource_sets(&mut kustomization, &lookups);
        (kustomization, made)
    }

    /// What the flux-operator makes of the ResourceSets among the objects. Their providers may be among them too.
    fn made_by_resource_sets(&self, owner: &mut Kustomization, lookups: &Lookups) -> usize {
        let mut account = Budget::new(self.round.budget.left());
        let mut made = Vec::new();
        let mut rendered = Vec::new();
        let mut problems = Vec::new();
        for set in owner
            .objects
            .iter()
            .filter(|object| resource_set::is_resource_set(object))
        {
            let namespace = set.namespace().unwrap_or("default");
            let provider = |name: &str| {
                let address = Address::new("ResourceSetInputProvider", namespace, name);
                let sibling = owner.objects.iter().find(|object| Address::of(object) == address);
                sibling.or_else(|| lookups.get(&address)).map(Arc::clone)
            };
            let all = || {
                let own = owner.objects.iter();
                let own = own.filter(|object| object.kind() == "ResourceSetInputProvider");
                let known = lookups
                    .of_kind("ResourceSetInputProvider")
                    .map(|(_, object)| object);
                // What stands here first is the nearest.
                let mut all: BTreeMap<String, Arc<Object>> = BTreeMap::new();
                for object in own.chain(known) {
                    if object.namespace().unwrap_or("default") == namespace {
                        all.entry(object.name().to_owned())
                            .or_insert_with(|| Arc::clone(object));
                    }
                }
                all.into_values().collect()
            };
            let providers = resource_set::Providers {
                named: &provider,
                all: &all,
            };
            let mut budget = Budget::new(account.left().min(budget::TEMPLATE));
            let result = resource_set::make(set, self.renderer.sources, &providers, &mut budget);
            if !result.is_open {
                rendered.push(RenderedSet {
                    namespace: namespace.to_owned(),
                    name: set.name().to_owned(),
                    selects_providers: result.selects_providers,
                });
            }
            // Whoever takes more than there is was told so.
            let _ = account.spend(budget.spent().min(budget::TEMPLATE));
            if let Some(bound) = result.bound {
                let span = set.name_span();
                problems.push(RenderProblem::TooMuch { span, bound });
            }
            made.extend(result.objects);
        }
        owner.objects.extend(made);
        owner.problems.extend(problems);
        owner.rendered_sets = rendered;
        account.spent().min(self.round.budget.left())
    }

    fn lookups(&self) -> Lookups<'_> {
        Lookups {
            now: &self.round.objects,
            before: &self.before.objects,
            renderer: self.renderer,
            territory: self.territory,
            artifacts: RefCell::default(),
        }
    }

    /// The directory that is built; `None` when it is missing or cannot be known.
    fn path(
        &self,
        root: &RepoPath,
        lookups: &Lookups,
        problems: &mut Vec<RenderProblem>,
    ) -> Option<RepoPath> {
        if self.is_start() {
            problems.extend(self.missing_entry(root));
            return Some(self.start.directory.clone());
        }
        let object = &self.pending.object;
        let node = object.node.at(&["spec", "path"]);
        if node.is_some_and(|node| node.origin().is_unknown()) {
            return None;
        }
        let inside = RepoPath::clamp(node.and_then(Node::as_text).unwrap_or_default());
        let path = root.clamp_join(inside.as_str());
        let sources = self.renderer.sources;
        let excluded_by = match sources.lookup(&path) {
            Lookup::Directory(directory) => {
                let excluded = self.left_out(root, lookups).directory(sources, &directory, &path);
                if excluded.is_none() {
                    return Some(path);
                }
                excluded
            }
            _ => None,
        };
        let address = entry::source_reference(object);
        let source = address.as_ref().and_then(|address| lookups.get(address));
        if excluded_by.is_none() && artifacts::is_included(root, source.map(|source| &**source), &path) {
            return None;
        }
        let span = node.map_or_else(|| object.name_span(), |node| node.origin().edit_span());
        problems.push(RenderProblem::MissingPath {
            span,
            path,
            excluded_by,
        });
        None
    }

    /// The stated path of the entry point, where it leads nowhere. What the path was meant for is built all the same.
    fn missing_entry(&self, root: &RepoPath) -> Option<RenderProblem> {
        let node = self.pending.object.node.at(&["spec", "path"])?;
        let stated = known_text(node).filter(|path| !path.contains("${") && !path.contains("{{"))?;
        let path = root.clamp_join(RepoPath::clamp(stated).as_str());
        let is_there = matches!(self.renderer.sources.lookup(&path), Lookup::Directory(_));
        (!is_there).then(|| RenderProblem::MissingPath {
            span: node.origin().edit_span(),
            path,
            excluded_by: None,
        })
    }

    fn build(&self, path: &RepoPath, root: &RepoPath, lookups: &Lookups) -> Arc<Build> {
        let object = &self.pending.object;
        let overlay = object.node.get("spec").map(overlay).unwrap_or_default();
        let options = BuildOptions::flux(root.clone(), overlay).without(self.left_out(root, lookups));
        self.renderer.builder.build(path, &options)
    }

    /// What of the repository the artifact does not hold.
    fn left_out(&self, root: &RepoPath, lookups: &Lookups) -> Arc<LeftOut> {
        let Some(address) = entry::source_reference(&self.pending.object) else {
            return Arc::default();
        };
        let source = lookups.get(&address).map(|source| &**source);
        self.renderer
            .artifacts
            .left_out(self.renderer.sources, root, &address.kind, source)
    }

    fn post_build(&self, namespace: &str, lookups: &Lookups) -> Option<PostBuild> {
        let object = &self.pending.object;
        let references = object
            .node
            .at(&["spec", "postBuild", "substituteFrom"])
            .map(Node::items)
            .unwrap_or_default();
        let found: BTreeMap<Address, SubstituteFrom> = references
            .iter()
            .filter_map(|reference| {
                let address = Address::new(
                    reference.text_at(&["kind"])?,
                    namespace,
                    reference.text_at(&["name"])?,
                );
                let found = lookups.settings(&address);
                Some((address, found))
            })
            .collect();
        PostBuild::read(object, namespace, &|kind, namespace, name| match found
            .get(&Address::new(kind, namespace, name))
        {
            Some(SubstituteFrom::Object(object)) => VariableSource::Found(object),
            Some(SubstituteFrom::Unknown(reason)) => VariableSource::Unknown(*reason),
            Some(SubstituteFrom::Missing) | None => VariableSource::Missing,
        })
    }

    /// Substitution and common metadata; taken from the round before where nothing can have changed.
    fn finish(&self, kustomization: &mut Kustomization, post_build: Option<PostBuild>) {
        let common = kustomization
            .spec()
            .and_then(|spec| spec.get("commonMetadata"))
            .cloned();
        let (problems, variables, substitutes) = match post_build {
            Some(post_build) => {
                let substitutes = post_build.substitutes();
                (post_build.problems, post_build.variables, substitutes)
            }
            None => (Vec::new(), crate::postbuild::Variables::default(), false),
        };
        kustomization.problems.extend(problems);
        kustomization.variables = variables;
        let Some(build) = kustomization.build.clone() else {
            return;
        };
        let earlier = self
            .before
            .positions
            .get(&(kustomization.namespace.clone(), kustomization.name.clone()));
        let earlier = earlier.and_then(|at| self.before.kustomizations.get(*at));
        let earlier = earlier.filter(|_| self.before.strict == self.round.strict);
        if let Some(earlier) = earlier.filter(|earlier| finish::is_reusable(earlier, kustomization)) {
            // What ResourceSets made stands behind.
            let finished = earlier.objects.iter().take(build.objects.len());
            kustomization.objects = finished.cloned().collect();
            let known = earlier
                .problems
                .iter()
                .filter(|problem| finish::is_of_substitution(problem));
            kustomization.problems.extend(known.cloned());
            return;
        }
        let variables = substitutes.then_some(&kustomization.variables);
        let finished = finish::finish(
            self.renderer,
            self.renderer.is_strict(self.start),
            &build,
            variables,
            common.as_ref(),
        );
        kustomization.objects = finished.objects;
        kustomization.problems.extend(finished.problems);
    }
}

/// What the spec adds to the kustomization file of its path.
fn overlay(spec: &Node) -> Overlay {
    let node = |key: &str| spec.get(key).filter(|node| !node.is_null()).cloned();
    let items = |key: &str| spec.get(key).map(Node::items).unwrap_or_default().to_vec();
    Overlay {
        target_namespace: node("targetNamespace"),
        name_prefix: node("namePrefix"),
        name_suffix: node("nameSuffix"),
        patches: items("patches"),
        components: items("components"),
        ignore_missing_components: spec.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true),
        images: items("images"),
        build_metadata: items("buildMetadata"),
    }
}
