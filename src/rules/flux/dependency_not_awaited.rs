use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, dependencies};
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// `dependsOn` of a Kustomization that is ready before what it applies is.
pub(crate) static RULE: Rule = Rule {
    name: "dependency-not-awaited",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/dependency-not-awaited.md"),
    check,
};

fn message(dependent: &Kustomization, dependency: &Kustomization) -> String {
    format!(
        "Kustomization `{}` depends on `{}`, which is ready before what it applies is",
        dependent.full_name(),
        dependency.full_name()
    )
}

const LABEL: &str = "ready as soon as it is applied";
const LABEL_DEPENDENCY: &str = "neither `wait` nor `healthChecks`";

fn help(dependency: &Kustomization) -> String {
    format!("add `wait: true` or `healthChecks` to `{}`", dependency.name)
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for dependent in cluster.own_kustomizations().filter(|one| !one.suspended) {
            for wanted in dependencies(&dependent.object, &dependent.namespace) {
                let found = cluster.kustomization(wanted.namespace, wanted.name);
                let Some(dependency) = found.filter(|one| !wanted.ready_expression && !is_awaited(one))
                else {
                    continue;
                };
                let place = wanted.name_node().origin().edit_span();
                findings.push(
                    Finding::new(RULE.name, message(dependent, dependency), place, LABEL)
                        .label(dependency.object.name_span(), LABEL_DEPENDENCY)
                        .help(help(dependency))
                        .clusters([cluster.name.as_str()])
                        .object(dependent.object.reference())
                        .route(format!("spec.dependsOn[{}]", wanted.full_name())),
                );
            }
        }
    }
}

/// Whether it is ready only when something that it applies is; also where that cannot be told.
fn is_awaited(kustomization: &Kustomization) -> bool {
    let Some(spec) = kustomization.spec() else {
        return true;
    };
    let waits = spec
        .get("wait")
        .is_some_and(|wait| !wait.is_null() && wait.as_bool() != Some(false));
    waits || !spec.get("healthChecks").map_or(&[][..], Node::items).is_empty()
}
