use super::support::fields::{at, changed, text};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};

/// Flux stops to look after a Kustomization, a HelmRelease or a source.
pub(crate) static RULE: Rule = Rule {
    name: "suspended",
    category: Category::Change,
    severity: Severity::Info,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/suspended.md"),
    check,
};

fn message(object: &Object) -> String {
    let (kind, name) = (object.kind(), full_name(object));
    format!("{kind} `{name}` is suspended: no change reaches the cluster through it any more")
}

const LABEL: &str = "suspended from now on";
const HELP: &str = "note who lifts this, and when";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (cluster, change) in changed(context) {
        let object = change.after.object;
        if !object.group().ends_with(".toolkit.fluxcd.io") {
            continue;
        }
        let suspends = |path: &str, after| path == "spec.suspend" && after == Some("true");
        let mut fields = change.fields.iter();
        if let Some(field) = fields.find(|field| suspends(&field.path, text(&field.after))) {
            let finding = at(message(object), change, field, LABEL);
            findings.push(finding.help(HELP).clusters([cluster.name()]));
        }
    }
}
