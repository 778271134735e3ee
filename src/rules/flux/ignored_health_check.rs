use crate::finding::{Finding, Severity};
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

const LABEL_CHECKS: &str = "not looked at";
const LABEL_WAIT: &str = "everything that is applied is waited for";
const HELP_CHECKS: &str = "remove `healthChecks`, or `wait: true` if only these objects, or objects that a chart makes, are to be waited for";
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
            let finding = match (listed("healthChecks"), wait) {
                (Some(checks), Some(wait)) => Some(beside_wait(&name, checks, wait)),
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
            findings.extend(finding.map(about));
        }
    }
}

fn is_known(value: &Node) -> bool {
    value.is_null() || value.as_bool().is_some()
}

fn beside_wait(name: &str, checks: &Entry, wait: &Entry) -> Finding {
    let message = format!("Kustomization `{name}` has `wait: true`, which makes its `healthChecks` ignored");
    Finding::new(RULE.name, message, checks.key.span(), LABEL_CHECKS)
        .label(wait.value.origin().edit_span(), LABEL_WAIT)
        .help(HELP_CHECKS)
        .route("spec.healthChecks")
}

fn without_wait(name: &str, expressions: &Entry) -> Finding {
    let message = format!(
        "Kustomization `{name}` has `healthCheckExprs`, but neither `wait` nor `healthChecks` that would evaluate them"
    );
    Finding::new(RULE.name, message, expressions.key.span(), LABEL_EXPRESSIONS)
        .help(HELP_EXPRESSIONS)
        .route("spec.healthCheckExprs")
}
