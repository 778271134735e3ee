use super::support::annotations::gather;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::mesh::{GLOBAL, annotation};
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::annotations::NEED_GLOBAL;
use crate::yaml::Node;

/// An annotation that means nothing unless the Service is global.
pub(crate) static RULE: Rule = Rule {
    name: "annotation-without-global",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/annotation-without-global.md"),
    check,
};

fn message(key: &str, service: &ObjectRef) -> String {
    format!("Service `{}` has `{key}` but is not global", service.name)
}

const HELP: &str = "add `service.cilium.io/global: \"true\"`, or remove the annotation";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let gathered = gather(context, |service, key, value| {
        // One that says `false` was switched off on purpose, and any other text is told of elsewhere.
        annotation(service, &GLOBAL).is_none() && NEED_GLOBAL.contains(&key) && asks(value)
    });
    for (key, found) in gathered.into_faults() {
        let (span, service) = found.first;
        findings.push(
            Finding::new(message(key, &service), span, "has no effect")
                .help(HELP)
                .object(service)
                .route(format!("metadata.annotations.{key}"))
                .clusters(found.clusters),
        );
    }
}

/// Whether the annotation asks for something: not when it says what holds anyway, or when it cannot be known.
fn asks(value: &Node) -> bool {
    !value.origin().is_unknown()
        && !value
            .as_text()
            .is_none_or(|text| ["", "false", "none"].contains(&text.to_ascii_lowercase().as_str()))
}
