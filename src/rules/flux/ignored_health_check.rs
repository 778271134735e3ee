use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, known_text};
use crate::rules::{Category, Context, Rule};
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

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        for one in cluster.reconciled().filter(|one| one.is_kustomization()) {
            let Some(spec) = one.object.node.get("spec") else {
                continue;
            };
            let name = one.full_name();
            let listed = |key| spec.entry(key).filter(|entry| !entry.value.items().is_empty());
            let wait = spec
                .entry("wait")
                .filter(|entry| entry.value.as_bool() == Some(true));
            let owner = cluster.cluster.kustomization(one.namespace, one.name);
            let finding = match (listed("healthChecks"), wait) {
                (Some(checks), Some(wait)) => {
                    owner.and_then(|owner| beside_wait(owner, checks.value.items(), wait))
                }
                (None, None) => listed("healthCheckExprs")
                    .filter(|_| spec.entry("wait").is_none_or(|entry| is_known(&entry.value)))
                    .map(|expressions| without_wait(&name, expressions)),
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

fn is_known(value: &Node) -> bool {
    value.is_null() || value.as_bool().is_some()
}

/// What is applied is waited for anyway, so that only checks of other objects are lost.
fn beside_wait(owner: &Kustomization, checks: &[Node], wait: &Entry) -> Option<Finding> {
    // What cannot be seen may be applied.
    owner
        .build
        .as_ref()
        .filter(|build| !build.failed() && build.opaque.is_empty())?;
    let lost: Vec<&Node> = checks.iter().filter(|check| !applies(owner, check)).collect();
    let members = lost.chunks(1).filter_map(|one| ignored(owner, one, wait));
    Some(ignored(owner, &lost, wait)?.members(members))
}

fn ignored(owner: &Kustomization, lost: &[&Node], wait: &Entry) -> Option<Finding> {
    let (first, others) = lost.split_first()?;
    let others = others.len();
    let (checks, are) = match others {
        0 => ("check", "is"),
        _ => ("checks", "are"),
    };
    let others = match others {
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
    let place = first.get("name").unwrap_or(first).origin().edit_span();
    Some(
        Finding::new(message, place, LABEL_CHECK)
            .label(wait.value.origin().edit_span(), LABEL_WAIT)
            .help(HELP_CHECKS)
            .route("spec.healthChecks"),
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

fn without_wait(name: &str, expressions: &Entry) -> Finding {
    let message = format!(
        "Kustomization `{name}` has `healthCheckExprs`, but neither `wait` nor `healthChecks` that would evaluate them"
    );
    Finding::new(message, expressions.key.span(), LABEL_EXPRESSIONS)
        .help(HELP_EXPRESSIONS)
        .route("spec.healthCheckExprs")
}
