use crate::finding::{Finding, ObjectRef, Severity};
use crate::kustomize::Object;
use crate::mesh::Member;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::tables::cilium::annotations::{CURRENT, Renamed};
use crate::yaml::{Kind, MAX_DEPTH, Node};

/// An annotation goes by a name that Cilium has replaced.
pub(crate) static RULE: Rule = Rule {
    name: "deprecated-annotation",
    category: Category::Service,
    severity: Severity::Info,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/deprecated-annotation.md"),
    check,
};

fn message(renamed: &Renamed) -> String {
    format!(
        "annotation `{}` is an older name of `{}`",
        renamed.old, renamed.new
    )
}

fn help(renamed: &Renamed) -> String {
    format!("write `{}`", renamed.new)
}

/// An older name where it stands.
type OldName = (Span, &'static Renamed);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered: Gathered<&str, (OldName, Option<ObjectRef>)> = Gathered::new();
    for (cluster, member) in context.fleet.clusters.iter().zip(&context.mesh.members) {
        let mut found = Vec::new();
        for (_, object) in cluster.objects() {
            for root in carriers(object) {
                look(root, 0, member, &mut found);
            }
            for (span, renamed) in found.drain(..) {
                gathered.add(
                    span,
                    renamed.old,
                    &cluster.name,
                    ((span, renamed), Some(object.reference())),
                );
            }
        }
        for loose in &cluster.loose_values {
            look(&loose.values.tree, 0, member, &mut found);
        }
        for (span, renamed) in found {
            gathered.add(span, renamed.old, &cluster.name, ((span, renamed), None));
        }
    }
    for (_, fault) in gathered.into_faults() {
        let ((span, renamed), object) = fault.first;
        let mut finding = Finding::new(message(renamed), span, "older name")
            .help(help(renamed))
            .replace(renamed.old, renamed.new, true)
            .route(renamed.old)
            .clusters(fault.clusters);
        finding.object = object;
        findings.push(finding);
    }
}

/// What of an object may hold annotations of Services.
fn carriers(object: &Object) -> Vec<&Node> {
    let routes: &[&[&str]] = match (object.group(), object.kind()) {
        ("", "Service") => &[&["metadata"]],
        ("helm.toolkit.fluxcd.io", "HelmRelease") => &[&["spec", "values"]],
        ("gateway.networking.k8s.io", "Gateway") => &[&["spec", "infrastructure"]],
        _ => &[],
    };
    routes.iter().filter_map(|route| object.node.at(route)).collect()
}

/// Collects older names that the cluster's Cilium knows a newer one for.
fn look(node: &Node, depth: usize, member: &Member, found: &mut Vec<OldName>) {
    if depth > MAX_DEPTH {
        return;
    }
    match node.kind() {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => items.iter().for_each(|item| look(item, depth + 1, member, found)),
        Kind::Mapping(entries) => {
            for entry in entries {
                let key = entry.key.as_text().unwrap_or_default();
                let renamed = CURRENT.iter().find(|renamed| renamed.old == key);
                let (major, minor) = renamed.map_or((0, 0), |renamed| renamed.since);
                // A chart that is older than the new name would not understand it.
                match renamed.filter(|_| member.version_at_least(major, minor) != Some(false)) {
                    Some(renamed) => found.push((entry.key.span(), renamed)),
                    None => look(&entry.value, depth + 1, member, found),
                }
            }
        }
    }
}
