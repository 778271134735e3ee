use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cluster::namespace_of;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::Member;
use crate::mesh::global_namespaces::closed;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A Service is global, but the namespace it lies in is not.
pub(crate) static RULE: Rule = Rule {
    name: "namespace-not-global",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/namespace-not-global.md"),
    check,
};

fn message(namespace: &str, services: &[String], clusters: &[String]) -> String {
    let (noun, verb) = if services.len() == 1 {
        ("Service", "is")
    } else {
        ("Services", "are")
    };
    format!(
        "{noun} {} {verb} meant for other clusters, but namespace `{namespace}` is not in {}",
        words::all_of(services),
        words::clusters(clusters)
    )
}

const HELP: &str =
    "annotate the Namespace with `clustermesh.cilium.io/global: \"true\"` in every cluster of the mesh";

/// Something that other clusters are to see: a global Service, or one that is exported.
struct Shown<'a> {
    member: &'a Member,
    namespace: &'a str,
    name: &'a str,
    /// Where it says so.
    span: Span,
}

/// A Namespace that is not global, with what is global in it.
struct Fault<'a> {
    namespace: &'a str,
    object: Arc<Object>,
    /// Where the default is stated, when the Namespace says nothing.
    default: Option<Span>,
    annotations: Vec<Span>,
    services: Vec<String>,
    clusters: Vec<String>,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults: BTreeMap<Span, Fault<'_>> = BTreeMap::new();
    for shown in shown(context) {
        let index = context.index.clusters.get(shown.member.cluster);
        let Some(closed) = index.and_then(|index| closed(index, shown.member, shown.namespace)) else {
            continue;
        };
        let fault = faults.entry(closed.span).or_insert_with(|| Fault {
            namespace: shown.namespace,
            object: closed.object,
            default: closed.default,
            annotations: Vec::new(),
            services: Vec::new(),
            clusters: Vec::new(),
        });
        fault.annotations.push(shown.span);
        for (all, one) in [
            (&mut fault.services, shown.name),
            (&mut fault.clusters, shown.member.name.as_str()),
        ] {
            if !all.iter().any(|seen| seen == one) {
                all.push(one.to_owned());
            }
        }
    }
    findings.extend(faults.into_iter().map(|(span, fault)| finding(span, fault)));
}

fn shown<'a>(context: &Context<'a>) -> Vec<Shown<'a>> {
    let mesh = context.mesh;
    let mut shown = Vec::new();
    for member in mesh.groups.iter().flat_map(|group| mesh.members_of(group)) {
        shown.extend(member.global_services.iter().map(|service| Shown {
            member,
            namespace: &service.namespace,
            name: &service.name,
            span: service.annotation.origin().edit_span(),
        }));
        // What nothing acts on is told of by the rule about exports.
        let exports = context.fleet.clusters.get(member.cluster).into_iter();
        let exports = exports
            .filter(|_| member.sharing.mcs_api.is_true())
            .flat_map(|cluster| cluster.objects_of("ServiceExport"))
            .filter(|(_, object)| object.group() == "multicluster.x-k8s.io");
        shown.extend(exports.map(|(_, object)| {
            Shown {
                member,
                namespace: namespace_of(object),
                name: object.name(),
                span: object
                    .node
                    .at(&["metadata", "name"])
                    .unwrap_or(&object.node)
                    .origin()
                    .edit_span(),
            }
        }));
    }
    shown
}

fn finding(span: Span, fault: Fault<'_>) -> Finding {
    let message = message(fault.namespace, &fault.services, &fault.clusters);
    let mut finding = Finding::new(message, span, "not global")
        .help(HELP)
        .object(fault.object.reference())
        .route("metadata.annotations")
        .clusters(fault.clusters);
    if let Some(default) = fault.default {
        finding = finding.label(default, "no namespace is global unless it says so");
    }
    fault.annotations.into_iter().fold(finding, |finding, span| {
        finding.label(span, "shown to other clusters here")
    })
}
