mod replaced;

use std::collections::{BTreeMap, BTreeSet};

use self::replaced::Replaced;
use crate::cluster::definition_edges::{Edge, User, users};
use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Entry;

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
    let namespace = if first.kustomization.namespace == provider.namespace {
        String::new()
    } else {
        format!(", namespace: {}", provider.namespace)
    };
    let add = format!("add `- {{name: {name}{namespace}}}` to `dependsOn`");
    if let Edge::Missing {
        checked_in_vain: Some(checking),
    } = first.edge
    {
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

/// As many are told one by one; more than that are one finding.
const FEW: usize = 3;

/// Where so many of those who need a definition state that they wait for it, the others forgot to; else it is how the
/// repository is written, and Flux tries again until it works.
const STATED_BY_ONE_IN: usize = 3;

/// A Kustomization by place and name: clusters share most of them.
type OwnerKey = (Span, String);

/// Who needs the definitions that one object brings.
struct Needed<'a> {
    provider: &'a Kustomization,
    stated_by: BTreeSet<OwnerKey>,
    missing: BTreeMap<OwnerKey, (User<'a>, BTreeSet<&'a str>)>,
}

impl Needed<'_> {
    fn is_forgotten(&self) -> bool {
        let all = self
            .stated_by
            .union(&self.missing.keys().cloned().collect())
            .count();
        self.stated_by.len() * STATED_BY_ONE_IN >= all
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut replaced = Replaced::default();
    for ((place, _), needed) in needed(context, &mut replaced) {
        let is_forgotten = needed.is_forgotten();
        let users: Vec<_> = needed.missing.into_values().collect();
        let told = if users.len() > FEW { users.len() } else { 1 };
        for group in users.chunks(told) {
            let members = group
                .chunks(1)
                .filter_map(|one| finding(one, needed.provider, place));
            let finding = finding(group, needed.provider, place).map(|all| all.members(members));
            findings.extend(finding.map(|one| if is_forgotten { one } else { one.pedantic() }));
        }
    }
    findings.extend(replaced.findings());
}

fn needed<'a>(context: &Context<'a>, replaced: &mut Replaced<'a>) -> BTreeMap<OwnerKey, Needed<'a>> {
    let mut all: BTreeMap<OwnerKey, Needed<'_>> = BTreeMap::new();
    for cluster in &context.index.clusters {
        let name = cluster.cluster.name.as_str();
        for user in users(context.written, cluster) {
            let provider = user.provider.kustomization;
            let is_missing = matches!(user.edge, Edge::Missing { .. });
            if is_missing && replaced.note(context, name, user.kustomization, provider) {
                continue;
            }
            let needed = all
                .entry((user.provider.object.name_span(), provider.full_name()))
                .or_insert_with(|| Needed {
                    provider,
                    stated_by: BTreeSet::new(),
                    missing: BTreeMap::new(),
                });
            let at = (
                user.kustomization.object.name_span(),
                user.kustomization.full_name(),
            );
            match user.edge {
                Edge::Stated => {
                    needed.stated_by.insert(at);
                }
                // That is dependency-deadlock.
                Edge::Backwards => {}
                Edge::Missing { .. } => {
                    let (_, clusters) = needed
                        .missing
                        .entry(at)
                        .or_insert_with(|| (user, BTreeSet::new()));
                    clusters.insert(name);
                }
            }
        }
    }
    all
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
    fn forgotten_is_what_a_third_of_the_others_state() {
        let finding = |stating: &[&str]| {
            let mut root = kustomization("operator", "") + &kustomization("widgets", "");
            let mut files = vec![("x/flux-system/operator.yaml".to_owned(), DEFINITION.to_owned())];
            for name in ["widgets", "a", "b", "c"] {
                let object = WIDGET.replace("gear", name);
                files.push((format!("x/flux-system/{name}.yaml"), object));
            }
            for name in ["a", "b", "c"].iter().filter(|name| stating.contains(name)) {
                root += &kustomization(name, &depends_on("operator"));
            }
            files.retain(|(path, _)| {
                !["a", "b", "c"]
                    .iter()
                    .any(|name| path.ends_with(&format!("/{name}.yaml")) && !stating.contains(name))
            });
            files.insert(0, ("x/flux-system/root.yaml".to_owned(), root));
            let files: Vec<_> = files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .collect();
            let mut found = Fixture::new(&files).check(&RULE);
            assert_eq!(found.len(), 1);
            found.remove(0)
        };
        assert!(finding(&[]).pedantic);
        assert!(!finding(&["a"]).pedantic);
        assert!(!finding(&["a", "b", "c"]).pedantic);
    }

    #[test]
    fn three_of_four_who_do_not_state_it_have_a_habit() {
        let mut root = kustomization("operator", "");
        let mut files = vec![("x/flux-system/operator.yaml".to_owned(), DEFINITION.to_owned())];
        for name in ["a", "b", "c", "d"] {
            let more = if name == "a" {
                depends_on("operator")
            } else {
                String::new()
            };
            root += &kustomization(name, &more);
            files.push((format!("x/flux-system/{name}.yaml"), WIDGET.replace("gear", name)));
        }
        files.insert(0, ("x/flux-system/root.yaml".to_owned(), root));
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let found = Fixture::new(&files).check(&RULE);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|finding| finding.pedantic));
    }

    #[test]
    fn a_tool_that_names_the_release_may_have_installed_the_definitions() {
        let release = "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
                       metadata: {name: certs, namespace: flux-system}\n\
                       spec: {chart: {spec: {chart: cert-manager, sourceRef: {kind: HelmRepository, name: jetstack}}}}\n";
        let issuer =
            "---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: own, namespace: shop}\n";
        let root = kustomization("certs", "") + &kustomization("issuer", "");
        let files = [
            ("x/flux-system/root.yaml", root.as_str()),
            ("x/flux-system/certs.yaml", release),
            ("x/flux-system/issuer.yaml", issuer),
        ];
        assert_eq!(Fixture::new(&files).check(&RULE).len(), 1);
        let helmfile = "releases:\n  - name: certs\n    chart: '{{ .Values.chart }}'\n";
        let with_tool = Fixture::with_more(&files, &[("bootstrap/helmfile.yaml", helmfile)]);
        assert_eq!(with_tool.check(&RULE).len(), 0);
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
