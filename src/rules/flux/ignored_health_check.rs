use crate::cluster::GroupKind;
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::{Kustomization, dependencies, known_text};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::{Entry, Node};

/// Health checks that Flux never looks at.
pub(crate) static RULE: Rule = Rule {
    name: "ignored-health-check",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/ignored-health-check.md"),
    check,
};

const LABEL_CHECK: &str = "not looked at, and not applied by this Kustomization";
const LABEL_WAIT: &str = "only what is applied is waited for";
const HELP_CHECKS: &str = "remove `wait: true` and list everything to wait for, or remove these checks";
const LABEL_EXPRESSIONS: &str = "never evaluated";
const HELP_EXPRESSIONS: &str = "add `wait: true` or `healthChecks`, or remove the expressions";
const LABEL_DEPENDENT: &str = "does not wait for them";

fn help_deadlock(other: &Kustomization) -> String {
    format!(
        "remove these checks: `{}`, which applies what they name, waits for this Kustomization",
        other.full_name()
    )
}

fn message_dependents(name: &str, dependents: &[&Kustomization]) -> String {
    let names = match dependents {
        [one] => format!("`{}` starts", one.full_name()),
        [one, other] => format!("`{}` and `{}` start", one.full_name(), other.full_name()),
        [first, rest @ ..] => format!("`{}` and {} others start", first.full_name(), rest.len()),
        [] => String::new(),
    };
    format!(
        "Kustomization `{name}` has `healthCheckExprs`, but neither `wait` nor `healthChecks` that would evaluate them, so \
         {names} too early"
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        for one in cluster.reconciled().filter(|one| one.is_kustomization()) {
            let Some(spec) = one.object.node.get("spec") else {
                continue;
            };
            let Some(owner) = cluster.cluster.kustomization(one.namespace, one.name) else {
                continue;
            };
            let listed = |key| spec.entry(key).filter(|entry| !entry.value.items().is_empty());
            let wait = spec
                .entry("wait")
                .filter(|entry| entry.value.as_bool() == Some(true));
            let dependents = || dependents(cluster.cluster, owner);
            let finding = match (listed("healthChecks"), wait) {
                (Some(checks), Some(wait)) => beside_wait(cluster.cluster, owner, checks.value.items(), wait)
                    .map(|finding| {
                        if dependents().is_empty() {
                            finding.pedantic()
                        } else {
                            finding
                        }
                    }),
                (None, None) => listed("healthCheckExprs")
                    .filter(|_| spec.entry("wait").is_none_or(|entry| is_known(&entry.value)))
                    .map(|expressions| {
                        let dependents = if judges(owner, expressions) {
                            dependents()
                        } else {
                            Vec::new()
                        };
                        without_wait(&owner.full_name(), expressions, &dependents)
                    }),
                _ => None,
            };
            let about = |finding: Finding| {
                finding
                    .clusters([cluster.cluster.name.as_str()])
                    .object(one.object.reference())
            };
            let about = |finding: Finding| {
                let members: Vec<Finding> = finding.faults().iter().cloned().map(about).collect();
                about(finding).members(members)
            };
            findings.extend(finding.map(about));
        }
    }
}

/// Who depends on a Kustomization, and so starts when it is ready.
fn dependents<'a>(cluster: &'a Cluster, on: &Kustomization) -> Vec<&'a Kustomization> {
    let depends = |one: &&Kustomization| {
        let mut all = dependencies(&one.object, &one.namespace);
        all.any(|it| !it.ready_expression && it.namespace == on.namespace && it.name == on.name)
    };
    cluster.own_kustomizations().filter(depends).collect()
}

fn is_known(value: &Node) -> bool {
    value.is_null() || value.as_bool().is_some()
}

/// What is applied is waited for anyway, so that only checks of other objects are lost; and of those hardly any of what a
/// chart makes that is applied, for Helm waits for it.
fn beside_wait(cluster: &Cluster, owner: &Kustomization, checks: &[Node], wait: &Entry) -> Option<Finding> {
    // What cannot be seen may be applied.
    owner
        .build
        .as_ref()
        .filter(|build| !build.failed() && build.opaque.is_empty())?;
    let lost: Vec<&Node> = checks.iter().filter(|check| !applies(owner, check)).collect();
    let members = lost
        .chunks(1)
        .filter_map(|one| ignored(cluster, owner, one, wait));
    Some(ignored(cluster, owner, &lost, wait)?.members(members))
}

fn ignored(cluster: &Cluster, owner: &Kustomization, lost: &[&Node], wait: &Entry) -> Option<Finding> {
    let (first, others) = lost.split_first()?;
    let (checks, are) = match others.len() {
        0 => ("check", "is"),
        _ => ("checks", "are"),
    };
    let others = match others.len() {
        0 => String::new(),
        1 => " and another object".to_owned(),
        more => format!(" and {more} other objects"),
    };
    let text = |key| first.text_at(&[key]).unwrap_or_default();
    let message = format!(
        "Kustomization `{}` has `wait: true`, so its health {checks} of {} `{}`{others} {are} ignored",
        owner.full_name(),
        text("kind"),
        text("name")
    );
    let finding = Finding::new(message, place(first), LABEL_CHECK)
        .label(wait.value.origin().edit_span(), LABEL_WAIT)
        .help(match waits_for(cluster, owner, lost) {
            Some(other) => help_deadlock(other),
            None => HELP_CHECKS.to_owned(),
        })
        .route("spec.healthChecks");
    let is_made_by_helm = |check: &&Node| installs(owner) && is_waited_for_by_helm(check);
    Some(match lost.iter().all(is_made_by_helm) {
        true => finding.pedantic(),
        false => finding,
    })
}

/// Where a check says what it is about. The name may be an alias, whose text stands elsewhere.
fn place(check: &Node) -> Span {
    let own = check.span();
    let is_inside = |span: &Span| span.file == own.file && own.start <= span.start && span.end <= own.end;
    let name = check.entry("name");
    name.map(|name| name.value.origin().edit_span())
        .filter(is_inside)
        .or_else(|| Some(name?.key.span()))
        .unwrap_or(own)
}

/// One that applies what a check names and depends on the Kustomization, directly or through others: waiting for it would never
/// end.
fn waits_for<'a>(cluster: &'a Cluster, owner: &Kustomization, lost: &[&Node]) -> Option<&'a Kustomization> {
    let mut seen: Vec<&Kustomization> = dependents(cluster, owner);
    let mut at = 0;
    while let Some(one) = seen.get(at).copied() {
        if lost.iter().any(|check| applies(one, check)) {
            return Some(one);
        }
        for next in dependents(cluster, one) {
            if !seen.iter().any(|known| std::ptr::eq(*known, next)) {
                seen.push(next);
            }
        }
        at += 1;
    }
    None
}

/// Whether a Kustomization installs a chart with Helm's own waiting on.
fn installs(owner: &Kustomization) -> bool {
    owner.objects.iter().any(|object| {
        let waits = |action: &str| {
            let off = object.node.at(&["spec", action, "disableWait"]);
            off.and_then(Node::as_bool) != Some(true)
        };
        GroupKind::from(&**object) == GroupKind::HELM_RELEASE && waits("install") && waits("upgrade")
    })
}

/// Whether Helm waits for objects of that kind until they are ready.
fn is_waited_for_by_helm(check: &Node) -> bool {
    matches!(
        check.text_at(&["kind"]),
        Some(
            "Deployment"
                | "DaemonSet"
                | "StatefulSet"
                | "Pod"
                | "Service"
                | "CustomResourceDefinition"
                | "PersistentVolumeClaim"
        )
    )
}

/// Whether a Kustomization applies the object that a check names, or may do so.
fn applies(owner: &Kustomization, check: &Node) -> bool {
    let text = |key| check.get(key).map_or(Some(""), known_text);
    let (Some(kind), Some(name), Some(namespace)) = (text("kind"), text("name"), text("namespace")) else {
        return true;
    };
    let group = text("apiVersion").and_then(|version| version.rsplit_once('/'));
    let group = group.map_or("", |(group, _)| group);
    owner.objects.iter().any(|object| {
        object.group() == group
            && object.kind() == kind
            && object
                .node
                .at(&["metadata", "name"])
                .and_then(known_text)
                .is_none_or(|own| own == name)
            && object
                .namespace()
                .is_none_or(|own| own == namespace || namespace.is_empty())
    })
}

/// Whether a Kustomization applies what its expressions are about, so that they would decide when it is ready.
fn judges(owner: &Kustomization, expressions: &Entry) -> bool {
    let is_about = |expression: &Node, object: &Object| {
        expression.text_at(&["kind"]) == Some(object.kind())
            && expression.text_at(&["apiVersion"]) == Some(object.api_version())
    };
    let mut all = expressions.value.items().iter();
    all.any(|expression| owner.objects.iter().any(|object| is_about(expression, object)))
}

/// Without dependents only what Flux shows of the Kustomization is another.
fn without_wait(name: &str, expressions: &Entry, dependents: &[&Kustomization]) -> Finding {
    let message = match dependents {
        [] => format!(
            "Kustomization `{name}` has `healthCheckExprs`, but neither `wait` nor `healthChecks` that would evaluate them"
        ),
        _ => message_dependents(name, dependents),
    };
    let finding = Finding::new(message, expressions.key.span(), LABEL_EXPRESSIONS)
        .help(HELP_EXPRESSIONS)
        .route("spec.healthCheckExprs");
    let shown = dependents.iter().take(MAX_DEPENDENTS);
    let finding = shown.fold(finding, |finding, one| {
        finding.label(one.object.name_span(), LABEL_DEPENDENT)
    });
    match dependents {
        [] => finding.pedantic(),
        _ => finding.severity(Severity::Warning),
    }
}

/// Labels for dependents.
const MAX_DEPENDENTS: usize = 4;
