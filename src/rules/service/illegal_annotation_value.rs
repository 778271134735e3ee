use super::support::annotations::of;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::kustomize::Object;
use crate::mesh::{self, Flag, GLOBAL, flag};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::annotations::{Annotation, Legal, known};
use crate::yaml::Node;
/// An annotation of Cilium holds a text that it does not take.
pub(crate) static RULE: Rule = Rule {
    name: "illegal-annotation-value",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/illegal-annotation-value.md"),
    check,
};

fn message(annotation: &Annotation, text: &str, object: &ObjectRef) -> String {
    let fault = match annotation.legal {
        Legal::Flag => "which counts as false",
        Legal::OneOf(_) | Legal::Weight => "which Cilium ignores",
        Legal::Addresses => "which holds something that is no address",
        Legal::Any => "",
    };
    format!(
        "{} `{}` has `{}: \"{text}\"`, {fault}",
        object.kind, object.name, annotation.key
    )
}

fn label(legal: Legal) -> &'static str {
    match legal {
        Legal::Flag => "only `true` counts as true",
        Legal::OneOf(_) => "not one of the words it takes",
        Legal::Addresses => "addresses, separated by commas",
        Legal::Weight => "a number from 0 to 65535",
        Legal::Any => "",
    }
}

fn help(legal: Legal) -> String {
    match legal {
        Legal::Flag => "write `\"true\"` or `\"false\"`".to_owned(),
        Legal::OneOf(words) => {
            let words: Vec<_> = words
                .iter()
                .filter(|word| !word.is_empty())
                .map(|word| format!("`{word}`"))
                .collect();
            format!("write one of {}", words.join(", "))
        }
        Legal::Addresses => "list single addresses without prefix length, separated by commas".to_owned(),
        Legal::Weight => "write a number from 0 to 65535; 0 takes the endpoints out of service".to_owned(),
        Legal::Any => String::new(),
    }
}

/// Whether the text is what somebody wrote: not one that cannot be known, nor what a missing variable left.
fn is_as_meant(value: &Node, text: &str) -> bool {
    let origin = value.origin();
    let is_left_over = text.contains("${") || (text.is_empty() && origin.substituted.is_some());
    !origin.is_unknown() && !is_left_over
}

fn is_global(object: &Object) -> bool {
    mesh::annotation(object, &GLOBAL).is_some_and(|value| flag(value) == Flag::On)
}

fn is_other_affinity(key: &str, text: &str) -> bool {
    let is_affinity = ["service.cilium.io/affinity", "io.cilium/service-affinity"].contains(&key);
    let known = ["", "local", "remote"];
    is_affinity && !known.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Texts that count as false and were meant so.
const MEANT_FALSE: [&str; 7] = ["no", "n", "off", "0", "f", "disabled", ""];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    let mut lost = Gathered::new();
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        let member = context.mesh.members.get(at);
        let loses_peers = member.is_some_and(|member| member.version.get().is_some_and(mesh::loses_peers));
        for (_, object) in cluster.objects() {
            let kind = object.kind();
            if !["Service", "EndpointSlice", "Namespace"].contains(&kind) {
                continue;
            }
            for (key, _, value) in of(object) {
                let Some(annotation) = known(key).filter(|annotation| annotation.kind == kind) else {
                    continue;
                };
                // What is not text at all is refused by the API server, which another rule tells.
                let Some(text) = value.as_str().filter(|text| is_as_meant(value, text)) else {
                    continue;
                };
                let is_lost = loses_peers && is_global(object) && is_other_affinity(key, text);
                if is_lost {
                    lost.add(
                        value.origin().edit_span(),
                        text.to_owned(),
                        &cluster.name,
                        (key.to_owned(), value.clone(), object.reference()),
                    );
                } else if !annotation.legal.allows(text) {
                    let found = (annotation, value.clone(), object.reference());
                    gathered.add(value.origin().edit_span(), text.to_owned(), &cluster.name, found);
                }
            }
        }
    }
    findings.extend(lost.into_faults().map(|(text, found)| {
        let (key, value, object) = found.first;
        let message = format!(
            "{} `{}` has `{key}: \"{text}\"`, with which this Cilium uses no pods of other clusters",
            object.kind, object.name
        );
        Finding::new(
            message,
            value.origin().edit_span(),
            "taken for neither `local` nor `remote` nor nothing",
        )
        .help("remove the annotation, which means the same, or update Cilium to 1.20")
        .object(object)
        .route(format!("metadata.annotations.{key}"))
        .clusters(found.clusters)
    }));
    for (text, found) in gathered.into_faults() {
        let (annotation, value, object) = found.first;
        let span = value.origin().edit_span();
        let mut finding = Finding::new(message(annotation, &text, &object), span, label(annotation.legal));
        if value.span() != span {
            finding = finding.label(value.span(), "takes effect here");
        }
        let by_luck =
            annotation.legal == Legal::Flag && MEANT_FALSE.contains(&text.to_ascii_lowercase().as_str());
        if by_luck {
            finding = finding.severity(Severity::Warning);
        }
        findings.push(
            finding
                .help(help(annotation.legal))
                .object(object)
                .route(format!("metadata.annotations.{}", annotation.key))
                .clusters(found.clusters),
        );
    }
}
