use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::by_hand::ToolFiles;
use super::operators::groups_of;
use crate::finding::{Finding, Severity};
use crate::flux::{ClusterIndex, GroupKind, Kustomization, dependencies};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};

/// Custom resources whose Kustomization does not wait for the one that brings their definitions.
pub(crate) static RULE: Rule = Rule {
    name: "missing-dependency-edge",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-dependency-edge.md"),
    check,
};

fn message(first: &User<'_>, others: usize, provider: &Kustomization) -> String {
    let user = first.kustomization.full_name();
    let (kind, name) = (first.object.kind(), first.object.name());
    let provider = provider.full_name();
    match others {
        0 => format!(
            "Kustomization `{user}` applies {kind} `{name}`, but does not depend on `{provider}`, which brings its definition"
        ),
        _ => format!(
            "Kustomization `{user}` and {others} others apply objects such as {kind} `{name}`, but do not depend on \
             `{provider}`, which brings the definitions"
        ),
    }
}

const LABEL: &str = "waits for nothing that brings the definition";
const LABEL_OTHER: &str = "neither does this";
const LABEL_STATED: &str = "all that it depends on, as rendered";
const LABEL_PROVIDER: &str = "brings the definitions";
const LABEL_OBJECT: &str = "needs the definition";

fn help(first: &User<'_>, provider: &Kustomization) -> String {
    let name = &provider.name;
    if first.is_before {
        return format!(
            "move {} `{}` into a Kustomization of its own that depends on `{name}`: `{name}` waits for this one",
            first.object.kind(),
            first.object.name()
        );
    }
    let namespace = if first.kustomization.namespace == provider.namespace {
        String::new()
    } else {
        format!(", namespace: {}", provider.namespace)
    };
    format!("add `- {{name: {name}{namespace}}}` to `dependsOn`")
}

/// What brings the definitions of a group.
#[derive(Clone, Copy)]
struct Provider<'a> {
    owner: usize,
    object: &'a Object,
}

/// A Kustomization with an object whose definition it does not wait for.
struct User<'a> {
    kustomization: &'a Kustomization,
    object: &'a Object,
    /// Whether the provider waits for it, so that the edge would close a circle.
    is_before: bool,
}

/// As many are told one by one; more than that is a habit, and one finding.
const FEW: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut tools = ToolFiles::of(context.sources);
    for cluster in &context.index.clusters {
        let providers = providers(&mut tools, cluster);
        for ((owner, object), users) in users(cluster, &providers) {
            let Some(provider) = cluster.cluster.kustomizations.get(owner) else {
                continue;
            };
            let place = providers
                .values()
                .flatten()
                .find(|one| one.owner == owner && one.object.name() == object)
                .map(|one| one.object.name_span());
            let told = if users.len() > FEW { users.len() } else { 1 };
            for group in users.chunks(told) {
                let Some((first, others)) = group.split_first() else {
                    continue;
                };
                let finding = Finding::new(
                    RULE.name,
                    message(first, others.len(), provider),
                    first.kustomization.object.name_span(),
                    LABEL,
                )
                .label(first.object.name_span(), LABEL_OBJECT)
                .help(help(first, provider))
                .clusters([cluster.cluster.name.as_str()])
                .object(first.kustomization.object.reference())
                .route(format!("spec.dependsOn[{}]", provider.full_name()));
                let stated = first
                    .kustomization
                    .spec()
                    .and_then(|spec| spec.entry("dependsOn"));
                let finding = stated
                    .into_iter()
                    .fold(finding, |all, entry| all.label(entry.key.span(), LABEL_STATED));
                let finding = place
                    .into_iter()
                    .fold(finding, |all, span| all.label(span, LABEL_PROVIDER));
                let others = others.iter().take(2 * FEW);
                findings.push(others.fold(finding, |all, other| {
                    all.label(other.kustomization.object.name_span(), LABEL_OTHER)
                }));
            }
        }
    }
}

/// Who needs what a provider brings without waiting for it.
fn users<'a>(
    cluster: &ClusterIndex<'a>,
    providers: &BTreeMap<&'a str, Vec<Provider<'a>>>,
) -> BTreeMap<(usize, &'a str), Vec<User<'a>>> {
    let mut found: BTreeMap<(usize, &str), Vec<User<'_>>> = BTreeMap::new();
    let order = Order::of(cluster);
    let mut before_provider: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (at, kustomization) in cluster.cluster.kustomizations.iter().enumerate() {
        // Who applies an entry point by hand may have brought the definitions as well.
        if kustomization.parent.is_none()
            || kustomization.hub.is_some()
            || kustomization.suspended
            || !cluster.delivers_here(at)
        {
            continue;
        }
        let before = order.before(at);
        let mut told = BTreeSet::new();
        for object in &kustomization.objects {
            let Some(all) = providers.get(object.group()) else {
                continue;
            };
            if all.iter().any(|one| before.contains(&one.owner)) {
                continue;
            }
            let Some(provider) = all.first().filter(|one| told.insert(one.owner)) else {
                continue;
            };
            let before_provider = before_provider
                .entry(provider.owner)
                .or_insert_with(|| order.before(provider.owner));
            found
                .entry((provider.owner, provider.object.name()))
                .or_default()
                .push(User {
                    kustomization,
                    object,
                    is_before: before_provider.contains(&at),
                });
        }
    }
    found
}

/// Who brings the definitions of each group, unless bootstrap does it before.
fn providers<'a>(
    tools: &mut ToolFiles<'_>,
    cluster: &ClusterIndex<'a>,
) -> BTreeMap<&'a str, Vec<Provider<'a>>> {
    let mut found: BTreeMap<&str, Vec<Provider<'_>>> = BTreeMap::new();
    for (owner, object) in cluster.cluster.objects() {
        if !cluster.delivers_here(owner) {
            continue;
        }
        let provider = Provider { owner, object };
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
        let charts = all.iter().filter_map(|one| chart_of(cluster, one.object));
        !group.ends_with(".toolkit.fluxcd.io")
            && !tools.mention(group)
            && !charts.into_iter().any(|chart| tools.mention(chart))
    });
    found
}

/// The name of a release's chart.
fn chart_of<'a>(cluster: &ClusterIndex<'a>, release: &'a Object) -> Option<&'a str> {
    let text = |route: &[&str]| release.node.text_at(route);
    if let Some(chart) = text(&["spec", "chart", "spec", "chart"]) {
        return Some(chart.rsplit('/').next().unwrap_or(chart));
    }
    let name = text(&["spec", "chartRef", "name"])?;
    let kind = GroupKind::source(text(&["spec", "chartRef", "kind"])?);
    let mut sources = cluster.named(kind, name).iter();
    let url = sources.find_map(|placed| placed.object.node.text_at(&["spec", "url"]))?;
    url.trim_end_matches('/').rsplit('/').next()
}

/// Who waits for whom in a cluster.
struct Order<'a> {
    all: &'a [Kustomization],
    /// By namespace and name. Of two builds that hold the same Kustomization either may be the one that is there.
    by_name: HashMap<(&'a str, &'a str), Vec<usize>>,
    children: Vec<Vec<usize>>,
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
        Self {
            all,
            by_name,
            children,
        }
    }

    /// The Kustomizations that are applied before this one, or together with it: what it and its parents depend on,
    /// whatever is ready when those are, and the parents themselves.
    fn before(&self, start: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        let mut awaited: BTreeSet<usize> = BTreeSet::new();
        while let Some(at) = todo.pop() {
            let Some(one) = self.all.get(at) else { continue };
            let depended: BTreeSet<usize> = dependencies(&one.object, &one.namespace)
                .filter_map(|it| self.by_name.get(&(it.namespace, it.name)))
                .flatten()
                .copied()
                .collect();
            awaited.extend(&depended);
            // Ready with `wait` means that its children are ready.
            let waits = one.spec().and_then(|spec| spec.text_at(&["wait"])) == Some("true");
            let children = match self.children.get(at) {
                Some(children) if waits && awaited.contains(&at) => children.as_slice(),
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
