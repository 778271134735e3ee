//! What waits for what in one cluster, as kustomize-controller and helm-controller do it, and where that never ends.
//!
//! Every Kustomization and HelmRelease passes three moments: it *exists* once whoever makes it has been applied, it is
//! *applied* once everything in its `dependsOn` is ready, and it is *ready* once it is applied and what it waits for is
//! ready too. A circle among these moments never resolves.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::cluster::{ClusterIndex, GroupKind, Reconciled};
use crate::flux::dependencies;
use crate::kustomize::Object;
use crate::source::{SourceMap, Span};

/// Why one moment waits for another. The numbers are positions in [`Waits::units`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// Being ready needs being applied, being applied needs existing.
    Order,
    /// An entry of `dependsOn`.
    DependsOn { from: usize, on: usize, at: Span },
    /// `child` is in the build of `maker` and nowhere else.
    MadeBy { child: usize, maker: usize },
    /// `wait: true`, or an entry of `healthChecks`.
    Awaits { waiter: usize, on: usize, at: Span },
}

#[derive(Debug, Clone, Copy)]
enum Moment {
    Exists,
    Applied,
    Ready,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    why: Why,
}

/// The moments of a cluster and what they wait for.
#[derive(Debug)]
pub(super) struct Waits<'a> {
    pub(super) units: Vec<Reconciled<'a>>,
    edges: Vec<Edge>,
}

type Keys<'a> = BTreeMap<(GroupKind<'static>, &'a str, &'a str), usize>;

impl<'a> Waits<'a> {
    /// Circles looked for in one cluster; a repository with more has read the first ones before.
    const MAX_CIRCLES: usize = 50;
    /// Steps taken to find shorter circles than the first. Where thousands of units wait for one another, any circle tells it.
    const MAX_STEPS: usize = 4_000_000;

    pub(super) fn of(index: &ClusterIndex<'a>, sources: &SourceMap) -> Self {
        let (units, keys, makers) = units_of(index, sources);
        let mut waits = Self {
            units,
            edges: Vec::new(),
        };
        let kustomizations = &index.cluster.kustomizations;
        let is_here = |unit: usize| kustomizations.get(unit).is_none_or(|one| index.lives_here(one));
        for unit in 0..waits.units.len() {
            waits.add_moments(unit, makers.get(unit).map_or(&[], Vec::as_slice));
            if is_here(unit) {
                waits.add_dependencies(unit, &keys);
            }
        }
        for (child, all) in makers.iter().enumerate() {
            for &maker in all.iter().filter(|maker| is_here(**maker)) {
                waits.add_wait(maker, child);
            }
        }
        for (unit, kustomization) in kustomizations.iter().enumerate() {
            if is_here(unit) && index.delivers_here(unit) && !kustomization.suspended {
                waits.add_health_checks(unit, &keys);
            }
        }
        waits
    }

    fn add(&mut self, from: (usize, Moment), to: (usize, Moment), why: Why) {
        let number = |(unit, moment): (usize, Moment)| unit * 3 + moment as usize;
        self.edges.push(Edge {
            from: number(from),
            to: number(to),
            why,
        });
    }

    fn add_moments(&mut self, unit: usize, makers: &[usize]) {
        self.add((unit, Moment::Ready), (unit, Moment::Applied), Why::Order);
        self.add((unit, Moment::Applied), (unit, Moment::Exists), Why::Order);
        // What two builds hold exists as soon as one of them is applied.
        if let [maker] = *makers {
            let why = Why::MadeBy { child: unit, maker };
            self.add((unit, Moment::Exists), (maker, Moment::Applied), why);
        }
    }

    fn add_dependencies(&mut self, from: usize, keys: &Keys<'a>) {
        let Some(unit) = self.units.get(from).copied() else {
            return;
        };
        if unit.is_suspended() {
            return;
        }
        for dependency in dependencies(unit.object, unit.namespace) {
            let Some(&on) = keys.get(&(unit.kind, dependency.namespace, dependency.name)) else {
                continue;
            };
            // A `readyExpr` replaces the built-in test of readiness, so all that is sure is that the object is read.
            let moment = if dependency.ready_expression {
                Moment::Exists
            } else {
                Moment::Ready
            };
            let at = dependency.name_node().origin().edit_span();
            self.add(
                (from, Moment::Applied),
                (on, moment),
                Why::DependsOn { from, on, at },
            );
        }
    }

    /// `wait: true` waits for everything that was applied, except for the Kustomization itself.
    fn add_wait(&mut self, waiter: usize, on: usize) {
        let Some(unit) = self.units.get(waiter) else {
            return;
        };
        let wait = unit.object.node.at(&["spec", "wait"]);
        if waiter != on
            && !unit.is_suspended()
            && let Some(wait) = wait.filter(|node| node.as_text() == Some("true"))
        {
            let at = wait.origin().edit_span();
            self.add(
                (waiter, Moment::Ready),
                (on, Moment::Ready),
                Why::Awaits { waiter, on, at },
            );
        }
    }

    fn add_health_checks(&mut self, waiter: usize, keys: &Keys<'a>) {
        let Some(unit) = self.units.get(waiter).copied() else {
            return;
        };
        let spec = unit.object.node.get("spec");
        // `wait: true` makes kustomize-controller ignore the list.
        if spec.is_some_and(|spec| spec.text_at(&["wait"]) == Some("true")) {
            return;
        }
        let checks = spec.and_then(|spec| spec.get("healthChecks"));
        for check in checks.map_or(&[][..], |list| list.items()) {
            let kind = match check.text_at(&["kind"]) {
                Some("Kustomization") => GroupKind::KUSTOMIZATION,
                Some("HelmRelease") => GroupKind::HELM_RELEASE,
                _ => continue,
            };
            let namespace = check.text_at(&["namespace"]).unwrap_or(unit.namespace);
            let Some(name) = check.get("name") else { continue };
            let key = (kind, namespace, name.as_text().unwrap_or_default());
            if let Some(&on) = keys.get(&key).filter(|on| **on != waiter) {
                let at = name.origin().edit_span();
                self.add(
                    (waiter, Moment::Ready),
                    (on, Moment::Ready),
                    Why::Awaits { waiter, on, at },
                );
            }
        }
    }

    /// Circles that together explain everything that waits for ever, each as the reasons along it. A circle that
    /// exists only through the entries of one found before is not told again.
    pub(super) fn circles(mut self) -> (Vec<Reconciled<'a>>, Vec<Vec<Why>>) {
        let mut found = Vec::new();
        let mut steps = Self::MAX_STEPS;
        while found.len() < Self::MAX_CIRCLES {
            self.drop_what_ends();
            let Some(circle) = self.shortest_circle(&mut steps) else {
                break;
            };
            let told: HashSet<Why> = circle.iter().copied().collect();
            self.edges
                .retain(|edge| !is_breakable(edge.why) || !told.contains(&edge.why));
            found.push(circle);
        }
        (self.units, found)
    }

    /// Drops every edge that lies on no way from a circle to a circle.
    fn drop_what_ends(&mut self) {
        let forward = self.ends(|edge| (edge.from, edge.to));
        let backward = self.ends(|edge| (edge.to, edge.from));
        self.edges
            .retain(|edge| !forward[edge.to] && !backward[edge.from]);
    }

    /// The moments from which no way leads into a circle, edges being followed as `direction` says: those without an edge, then
    /// those whose edges all lead to such.
    fn ends(&self, direction: impl Fn(&Edge) -> (usize, usize)) -> Vec<bool> {
        let nodes = self.units.len() * 3;
        let mut left = vec![0_usize; nodes];
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); nodes];
        for (from, to) in self.edges.iter().map(direction) {
            left[from] += 1;
            into[to].push(from);
        }
        let mut ends: Vec<bool> = left.iter().map(|left| *left == 0).collect();
        let mut todo: Vec<usize> = (0..nodes).filter(|node| ends[*node]).collect();
        while let Some(end) = todo.pop() {
            for &node in &into[end] {
                left[node] -= 1;
                if left[node] == 0 {
                    ends[node] = true;
                    todo.push(node);
                }
            }
        }
        ends
    }

    /// The first of the shortest circles, as far as it is found in that many steps.
    fn shortest_circle(&self, steps: &mut usize) -> Option<Vec<Why>> {
        let mut out: Vec<Vec<usize>> = vec![Vec::new(); self.units.len() * 3];
        for (at, edge) in self.edges.iter().enumerate() {
            out[edge.from].push(at);
        }
        let mut best: Option<Vec<Why>> = None;
        for edge in self.edges.iter().filter(|edge| is_breakable(edge.why)) {
            let most = best
                .as_ref()
                .map_or(usize::MAX, |best| best.len().saturating_sub(2));
            if most == 0 || (best.is_some() && *steps == 0) {
                break;
            }
            if let Some(way) = self.way(&out, (edge.to, edge.from), most, steps) {
                best = Some(std::iter::once(edge.why).chain(way).collect());
            }
        }
        best
    }

    /// The reasons along a shortest way between two moments, of at most so many.
    fn way(
        &self,
        out: &[Vec<usize>],
        (start, goal): (usize, usize),
        most: usize,
        steps: &mut usize,
    ) -> Option<Vec<Why>> {
        let mut came_by: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((node, length)) = queue.pop_front() {
            if node == goal {
                break;
            }
            if length == most {
                continue;
            }
            *steps = steps.saturating_sub(out[node].len());
            for &at in &out[node] {
                let to = self.edges[at].to;
                if to != start && !came_by.contains_key(&to) {
                    came_by.insert(to, at);
                    queue.push_back((to, length + 1));
                }
            }
        }
        let mut way = Vec::new();
        let mut node = goal;
        while node != start {
            let edge = self.edges[*came_by.get(&node)?];
            way.push(edge.why);
            node = edge.from;
        }
        way.reverse();
        Some(way)
    }
}

/// Whether a person wrote this reason and can take it out.
fn is_breakable(why: Why) -> bool {
    matches!(why, Why::DependsOn { .. } | Why::Awaits { .. })
}

/// The units of a cluster, how to find them, and for each the units whose builds hold it. Kustomizations come first and
/// keep their positions.
fn units_of<'a>(
    index: &ClusterIndex<'a>,
    sources: &SourceMap,
) -> (Vec<Reconciled<'a>>, Keys<'a>, Vec<Vec<usize>>) {
    let kustomizations = &index.cluster.kustomizations;
    let mut units: Vec<Reconciled<'a>> = kustomizations
        .iter()
        .map(|kustomization| Reconciled {
            kind: GroupKind::KUSTOMIZATION,
            namespace: &kustomization.namespace,
            name: &kustomization.name,
            object: &kustomization.object,
            is_entry: kustomization.parent.is_none(),
        })
        .collect();
    let mut keys = Keys::new();
    for (at, unit) in units.iter().enumerate() {
        let delivered = kustomizations[at]
            .parent
            .is_none_or(|parent| index.delivers_here(parent));
        if delivered {
            keys.entry((unit.kind, unit.namespace, unit.name)).or_insert(at);
        }
    }
    let mut makers = vec![Vec::new(); units.len()];
    for (owner, object) in index
        .cluster
        .objects()
        .filter(|(owner, _)| index.delivers_here(*owner))
    {
        let kind = match GroupKind::from(&**object) {
            kind if kind == GroupKind::HELM_RELEASE => GroupKind::HELM_RELEASE,
            kind if kind == GroupKind::KUSTOMIZATION => GroupKind::KUSTOMIZATION,
            _ => continue,
        };
        let namespace = object.namespace().unwrap_or(&kustomizations[owner].namespace);
        let key = (kind, namespace, object.name());
        let unit = match keys.get(&key) {
            Some(&unit) => unit,
            None if kind == GroupKind::KUSTOMIZATION => continue,
            None => {
                keys.insert(key, units.len());
                makers.push(Vec::new());
                units.push(Reconciled {
                    kind,
                    namespace,
                    name: object.name(),
                    object,
                    is_entry: false,
                });
                units.len() - 1
            }
        };
        let by_bootstrap =
            units[unit].is_entry || (units[owner].is_entry && beside(sources, object, units[owner].object));
        if !by_bootstrap && unit != owner && !makers[unit].contains(&owner) {
            makers[unit].push(owner);
        }
    }
    (units, keys, makers)
}

/// Whether an object is written in the directory of the entry point itself. Bootstrap applies the entry point with what
/// lies beside it, so such an object exists although the entry point's build holds it too.
fn beside(sources: &SourceMap, object: &Object, entry: &Object) -> bool {
    let directory = |object: &Object| sources.file(object.node.span().file).path().parent();
    directory(object) == directory(entry)
}
