//! Which Kustomizations of a cluster need definitions that another one brings, and whether they wait for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::charts::chart_of;
use super::index::ClusterIndex;
use super::kind::GroupKind;
use super::written::Written;
use crate::flux::{Kustomization, Source, dependencies};
use crate::kustomize::Object;
use crate::tables::operators::groups_of;
use crate::yaml::Node;

/// What brings the definitions of a group.
#[derive(Clone, Copy)]
pub(crate) struct Provider<'a> {
    owner: usize,
    pub(crate) kustomization: &'a Kustomization,
    pub(crate) object: &'a Object,
}

/// A Kustomization with an object whose definition another one brings.
#[derive(Clone, Copy)]
pub(crate) struct User<'a> {
    pub(crate) kustomization: &'a Kustomization,
    pub(crate) object: &'a Object,
    pub(crate) provider: Provider<'a>,
    pub(crate) edge: Edge<'a>,
}

/// Whether a user waits for its provider.
#[derive(Clone, Copy)]
pub(crate) enum Edge<'a> {
    /// It does, or comes with a parent that does.
    Stated,
    /// Whoever brings the definition waits for the user.
    Backwards,
    /// It does not.
    Missing {
        /// What it waits for, and has a health check of the definition that Flux ignores because of `wait: true`.
        checked_in_vain: Option<&'a Kustomization>,
    },
}

/// Who needs what others bring, each once for each provider.
pub(crate) fn users<'a>(written: &Written<'_>, cluster: &ClusterIndex<'a>) -> Vec<User<'a>> {
    let providers = providers(written, cluster);
    let mut order = Order::of(cluster);
    let mut found = Vec::new();
    for (at, kustomization) in cluster.cluster.kustomizations.iter().enumerate() {
        // Who applies an entry point by hand may have brought the definitions as well.
        if kustomization.parent.is_none() || kustomization.hub.is_some() || !cluster.is_live(at) {
            continue;
        }
        let before = order.before(at, Sureness::Perhaps);
        if order.reaches_unseen(cluster, at, &before) {
            continue;
        }
        let mut told = BTreeSet::new();
        for object in &kustomization.objects {
            let Some(all) = providers.get(object.group()) else {
                continue;
            };
            let Some((provider, edge)) = order.edge(at, &before, all, object.group()) else {
                continue;
            };
            if provider.owner != at && told.insert(provider.owner) {
                found.push(User {
                    kustomization,
                    object,
                    provider,
                    edge,
                });
            }
        }
    }
    found
}

/// Whether a Kustomization has a health check of definitions of the group, whoever brings them.
fn checks_definitions(kustomization: &Kustomization, group: &str) -> bool {
    let Some(spec) = kustomization.spec() else {
        return false;
    };
    let mut checks = spec.get("healthChecks").map_or(&[][..], Node::items).iter();
    checks.any(|check| {
        let name = check.text_at(&["name"]).unwrap_or_default();
        check.text_at(&["kind"]) == Some("CustomResourceDefinition")
            && name.split_once('.').is_some_and(|(_, own)| own == group)
    })
}

fn waits(kustomization: &Kustomization) -> bool {
    kustomization.spec().and_then(|spec| spec.text_at(&["wait"])) == Some("true")
}

fn is_unseen(kustomization: &Kustomization) -> bool {
    let is_here = matches!(kustomization.source, Source::Here(_));
    let build = kustomization.build.as_ref();
    !is_here || build.is_none_or(|build| build.failed() || !build.opaque.is_empty())
}

/// Who brings the definitions of each group, unless bootstrap does it before.
fn providers<'a>(written: &Written<'_>, cluster: &ClusterIndex<'a>) -> BTreeMap<&'a str, Vec<Provider<'a>>> {
    let mut found: BTreeMap<&str, Vec<Provider<'_>>> = BTreeMap::new();
    for (owner, object) in cluster.cluster.objects() {
        let Some(kustomization) = cluster.cluster.kustomizations.get(owner) else {
            continue;
        };
        if !cluster.delivers_here(owner) {
            continue;
        }
        let provider = Provider {
            owner,
            kustomization,
            object,
        };
        if object.kind() == "CustomResourceDefinition" {
            if let Some(group) = object.node.text_at(&["spec", "group"]) {
                found.entry(group).or_default().push(provider);
            }
        } else if GroupKind::from(&**object) == GroupKind::HELM_RELEASE
            && let Some(chart) = chart_of(cluster, object)
        {
            for group in groups_of(chart) {
                found.entry(group).or_default().push(provider);
            }
        }
    }
    found.retain(|group, all| {
        !group.ends_with(".toolkit.fluxcd.io")
            && !written.is_mentioned_by_tools(group)
            && !all
                .iter()
                .any(|one| is_installed_by_tools(written, cluster, one.object))
    });
    found
}

/// Whether a tool may install a release before Flux does: it names the chart, or, where a template puts the chart's
/// name together, the release.
fn is_installed_by_tools(written: &Written<'_>, cluster: &ClusterIndex<'_>, provider: &Object) -> bool {
    let Some(chart) = chart_of(cluster, provider) else {
        return false;
    };
    let release = provider.node.text_at(&["spec", "releaseName"]);
    [chart, release.unwrap_or_else(|| provider.name())]
        .into_iter()
        .any(|name| written.is_mentioned_by_tools(name))
}

/// Whether what comes first has to have been applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sureness {
    Perhaps,
    Certainly,
}

/// Who waits for whom in a cluster.
struct Order<'a> {
    all: &'a [Kustomization],
    /// By namespace and name. Of two builds that hold the same Kustomization either may be the one that is there.
    by_name: HashMap<(&'a str, &'a str), Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// Those whose content cannot be seen.
    unseen: Vec<usize>,
    /// What certainly comes before each that was asked for.
    known: HashMap<usize, BTreeSet<usize>>,
}

impl<'a> Order<'a> {
    fn of(cluster: &ClusterIndex<'a>) -> Self {
        let all = &cluster.cluster.kustomizations;
        let mut by_name: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        let mut children = vec![Vec::new(); all.len()];
        for (at, one) in all.iter().enumerate() {
            if one.hub.is_none() {
                by_name.entry((&one.namespace, &one.name)).or_default().push(at);
            }
            if let Some(siblings) = one.parent.and_then(|parent| children.get_mut(parent)) {
                siblings.push(at);
            }
        }
        let unseen = (0..all.len())
            .filter(|at| all.get(*at).is_some_and(is_unseen))
            .collect();
        Self {
            all,
            by_name,
            children,
            unseen,
            known: HashMap::new(),
        }
    }

    /// Which of the providers counts for a user, and whether the user waits for it; `None` where a health check waits
    /// for the definition, whoever brings it.
    fn edge(
        &mut self,
        user: usize,
        before: &BTreeSet<usize>,
        all: &[Provider<'a>],
        group: &str,
    ) -> Option<(Provider<'a>, Edge<'a>)> {
        if let Some(provider) = all.iter().find(|one| before.contains(&one.owner)) {
            return Some((*provider, Edge::Stated));
        }
        let kustomizations = self.all;
        let mut checking = before
            .iter()
            .filter_map(|at| Some((*at, kustomizations.get(*at)?)))
            .filter(|(_, one)| checks_definitions(one, group))
            .peekable();
        let in_vain = checking.peek().copied();
        // `wait: true` makes the list ignored.
        if checking.any(|(_, one)| !waits(one)) {
            return None;
        }
        let provider = *all.first()?;
        if all.iter().all(|one| self.comes_before(user, one.owner)) {
            return Some((provider, Edge::Backwards));
        }
        // Waiting for the definition would never end where whoever brings it waits in turn.
        let checked_in_vain = in_vain
            .filter(|(at, _)| !self.comes_before(*at, provider.owner))
            .map(|(_, one)| one);
        Some((provider, Edge::Missing { checked_in_vain }))
    }

    /// Whether the second is never applied unless the first was.
    fn comes_before(&mut self, first: usize, second: usize) -> bool {
        if !self.known.contains_key(&second) {
            let before = self.before(second, Sureness::Certainly);
            self.known.insert(second, before);
        }
        self.known
            .get(&second)
            .is_some_and(|before| before.contains(&first))
    }

    /// Whether one that comes before `start`, or a child of one, holds what cannot be seen: that may be definitions.
    /// Parents do not count, for they hold everything.
    fn reaches_unseen(&self, cluster: &ClusterIndex<'_>, start: usize, before: &BTreeSet<usize>) -> bool {
        let is_dependency =
            |at: usize| before.contains(&at) && cluster.cluster.lineage(start).all(|parent| parent != at);
        self.unseen.iter().any(|at| {
            let parent = self.all.get(*at).and_then(|one| one.parent);
            is_dependency(*at) || parent.is_some_and(is_dependency)
        })
    }

    /// The Kustomizations that are applied before this one, or together with it: what it and its parents depend on,
    /// whatever is ready when those are, and the parents themselves.
    fn before(&self, start: usize, sureness: Sureness) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        let mut awaited: BTreeSet<usize> = BTreeSet::new();
        while let Some(at) = todo.pop() {
            let Some(one) = self.all.get(at) else { continue };
            // A `readyExpr` may be content with what was never applied.
            let depended: BTreeSet<usize> = dependencies(&one.object, &one.namespace)
                .filter(|it| sureness == Sureness::Perhaps || !it.ready_expression)
                .filter_map(|it| self.by_name.get(&(it.namespace, it.name)))
                .flatten()
                .copied()
                .collect();
            awaited.extend(&depended);
            // Ready with `wait` means that its children are ready.
            let children = match self.children.get(at) {
                Some(children) if waits(one) && awaited.contains(&at) => children.as_slice(),
                _ => &[],
            };
            awaited.extend(children);
            for next in depended.iter().chain(children).copied().chain(one.parent) {
                if seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        seen
    }
}
