mod replaced;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::replaced::Replaced;
use crate::cluster::{ClusterIndex, GroupKind, Written};
use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Source, dependencies};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::tables::operators::groups_of;
use crate::yaml::{Entry, Node};

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
    let add = format!("add `- {{name: {name}{namespace}}}` to `dependsOn`");
    if let Some(checking) = first.checked_in_vain {
        return format!(
            "remove `wait: true` from `{}`, for which Flux ignores its check of the definition, or {add}",
            checking.name
        );
    }
    let is_patched = stated(first.kustomization)
        .is_some_and(|list| list.key.span().file != first.kustomization.object.name_span().file);
    if is_patched {
        format!("{add}, and take `dependsOn` out of the patch: a merge patch replaces the list")
    } else {
        add
    }
}

/// The list of dependencies as rendered.
fn stated(kustomization: &Kustomization) -> Option<&Entry> {
    kustomization.spec()?.entry("dependsOn")
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
    /// What it waits for, and has a health check of the definition that Flux ignores.
    checked_in_vain: Option<&'a Kustomization>,
}

/// As many are told one by one; more than that is a habit, and one finding.
const FEW: usize = 3;

/// Who needs the definitions of one object, by place and name: clusters share most of them.
type Users<'a> = BTreeMap<(Span, String), (User<'a>, BTreeSet<&'a str>)>;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut replaced = Replaced::default();
    let mut missing: BTreeMap<(Span, String), (&Kustomization, Users<'_>)> = BTreeMap::new();
    for cluster in &context.index.clusters {
        let name = cluster.cluster.name.as_str();
        let providers = providers(context.written, cluster);
        for (provider, user) in users(cluster, &providers) {
            let Some(owner) = cluster.cluster.kustomizations.get(provider.owner) else {
                continue;
            };
            if replaced.note(context, name, user.kustomization, owner) {
                continue;
            }
            let (_, users) = missing
                .entry((provider.object.name_span(), owner.full_name()))
                .or_insert_with(|| (owner, Users::new()));
            let at = (
                user.kustomization.object.name_span(),
                user.kustomization.full_name(),
            );
            let (_, clusters) = users.entry(at).or_insert_with(|| (user, BTreeSet::new()));
            clusters.insert(name);
        }
    }
    for ((place, _), (provider, users)) in missing {
        let users: Vec<_> = users.into_values().collect();
        let told = if users.len() > FEW { users.len() } else { 1 };
        let finding = |group: &[_]| finding(group, provider, place);
        let told = users.chunks(told).filter_map(|group| {
            let members = group.chunks(1).filter_map(finding);
            Some(finding(group)?.members(members))
        });
        findings.extend(told);
    }
    findings.extend(replaced.findings());
}

fn finding(group: &[(User<'_>, BTreeSet<&str>)], provider: &Kustomization, place: Span) -> Option<Finding> {
    let ((first, _), others) = group.split_first()?;
    let finding = Finding::new(
        message(first, others.len(), provider),
        first.kustomization.object.name_span(),
        LABEL,
    )
    .label(first.object.name_span(), LABEL_OBJECT)
    .help(help(first, provider))
    .clusters(group.iter().flat_map(|(_, clusters)| clusters.iter().copied()))
    .object(first.kustomization.object.reference())
    .route(format!("spec.dependsOn[{}]", provider.full_name()));
    let finding = match stated(first.kustomization) {
        Some(list) => finding.label(list.key.span(), LABEL_STATED),
        None => finding,
    };
    let others = others.iter().take(2 * FEW);
    Some(
        others.fold(finding.label(place, LABEL_PROVIDER), |all, (other, _)| {
            all.label(other.kustomization.object.name_span(), LABEL_OTHER)
        }),
    )
}

/// Who needs what a provider brings without waiting for it.
fn users<'a>(
    cluster: &ClusterIndex<'a>,
    providers: &BTreeMap<&'a str, Vec<Provider<'a>>>,
) -> Vec<(Provider<'a>, User<'a>)> {
    let mut found = Vec::new();
    let order = Order::of(cluster);
    let mut before_provider: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (at, kustomization) in cluster.cluster.kustomizations.iter().enumerate() {
        // Who applies an entry point by hand may have brought the definitions as well.
        if kustomization.parent.is_none() || kustomization.hub.is_some() || !cluster.is_live(at) {
            continue;
        }
        let before = order.before(at);
        if order.reaches_unseen(cluster, at, &before) {
            continue;
        }
        let mut told = BTreeSet::new();
        for object in &kustomization.objects {
            let Some(all) = providers.get(object.group()) else {
                continue;
            };
            if all.iter().any(|one| before.contains(&one.owner)) {
                continue;
            }
            let mut checking = before
                .iter()
                .filter_map(|at| cluster.cluster.kustomizations.get(*at))
                .filter(|one| checks_definitions(one, object.group()))
                .peekable();
            let checked_in_vain = checking.peek().copied();
            // `wait: true` makes the list ignored.
            if checking.any(|one| one.spec().and_then(|spec| spec.text_at(&["wait"])) != Some("true")) {
                continue;
            }
            let Some(provider) = all.first().filter(|one| told.insert(one.owner)) else {
                continue;
            };
            let before_provider = before_provider
                .entry(provider.owner)
                .or_insert_with(|| order.before(provider.owner));
            let is_before = before_provider.contains(&at);
            let user = User {
                kustomization,
                object,
                is_before,
                checked_in_vain,
            };
            found.push((*provider, user));
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

fn is_unseen(kustomization: &Kustomization) -> bool {
    let is_here = matches!(kustomization.source, Source::Here(_));
    let build = kustomization.build.as_ref();
    !is_here || build.is_none_or(|build| build.failed() || !build.opaque.is_empty())
}

/// Who brings the definitions of each group, unless bootstrap does it before.
fn providers<'a>(written: &Written<'_>, cluster: &ClusterIndex<'a>) -> BTreeMap<&'a str, Vec<Provider<'a>>> {
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
            && !written.is_mentioned_by_tools(group)
            && !charts
                .into_iter()
                .any(|chart| written.is_mentioned_by_tools(chart))
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
    /// Those whose content cannot be seen.
    unseen: Vec<usize>,
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
        }
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

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::finding::Finding;
    use crate::rules::fixture::{Fixture, depends_on, kustomization};

    const DEFINITION: &str = "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                              metadata: {name: widgets.example.org}\nspec: {group: example.org}\n";
    const WIDGET: &str =
        "---\napiVersion: example.org/v1\nkind: Widget\nmetadata: {name: gear, namespace: shop}\n";

    /// A cluster in which `widgets` depends on `gate` only, which has these further lines.
    fn count(gate: &str) -> usize {
        check(gate).len()
    }

    fn check(gate: &str) -> Vec<Finding> {
        let root = kustomization("operator", "")
            + &kustomization("gate", gate)
            + &kustomization("widgets", &depends_on("gate"));
        let files = [
            ("x/flux-system/root.yaml", root.as_str()),
            ("x/flux-system/operator.yaml", DEFINITION),
            ("x/flux-system/gate.yaml", ""),
            ("x/flux-system/widgets.yaml", WIDGET),
        ];
        Fixture::new(&files).check(&RULE)
    }

    #[test]
    fn a_health_check_of_the_definition_waits_for_it_unless_it_is_ignored() {
        let checks = "  healthChecks:\n    - {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, name: widgets.example.org}\n";
        assert_eq!(count(""), 1);
        assert_eq!(count(checks), 0);
        assert_eq!(count(&format!("  wait: true\n{checks}")), 1);
        assert_eq!(count(&checks.replace("widgets.", "widgets.other.")), 1);
        let ignored = check(&format!("  wait: true\n{checks}"));
        let help = ignored[0].help.as_deref().unwrap_or_default();
        assert!(help.starts_with("remove `wait: true` from `gate`"), "{help}");
    }

    #[test]
    fn what_is_suspended_with_its_parent_is_not_applied() {
        let all = kustomization("operator", "") + &kustomization("parent", "  suspend: true\n");
        let files = [
            ("x/flux-system/root.yaml", all.as_str()),
            ("x/flux-system/operator.yaml", DEFINITION),
            ("x/flux-system/parent.yaml", &kustomization("widgets", "")),
            ("x/flux-system/widgets.yaml", WIDGET),
        ];
        assert_eq!(Fixture::new(&files).check(&RULE).len(), 0);
    }
}
