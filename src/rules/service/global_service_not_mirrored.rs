use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cluster::{Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::{Flag, GLOBAL, GlobalService, Group, Member, annotation, flag};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A Service is global in one cluster of the mesh only.
pub(crate) static RULE: Rule = Rule {
    name: "global-service-not-mirrored",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/global-service-not-mirrored.md"),
    check,
};

fn message(service: &GlobalService, owner: &str) -> String {
    format!(
        "Service `{}/{}` is global in cluster `{owner}` only",
        service.namespace, service.name
    )
}

const HELP: &str = "deliver the Service, with the annotation, to every cluster that is to use or to serve it; \
                    it needs no pods there";

const SERVICE: GroupKind<'static> = GroupKind::new("", "Service");

/// A Service by namespace and name.
type Key<'a> = (&'a str, &'a str);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        // A peer outside of the repository may have the Service.
        if group.external.is_empty() && group.members.len() > 1 {
            check_group(context, group, findings);
        }
    }
}

fn check_group(context: &Context<'_>, group: &Group, findings: &mut Vec<Finding>) {
    let mut global: BTreeMap<Key<'_>, Vec<(&Member, &GlobalService)>> = BTreeMap::new();
    for member in context.mesh.members_of(group) {
        for service in &member.global_services {
            let key = (service.namespace.as_str(), service.name.as_str());
            global.entry(key).or_default().push((member, service));
        }
    }
    global.retain(|_, owners| {
        let mut owners = owners.iter().map(|(owner, _)| owner.cluster);
        let first = owners.next();
        owners.all(|owner| Some(owner) == first)
    });
    if global.is_empty() {
        return;
    }
    let index = context.index;
    for ((namespace, name), owners) in global {
        let Some((owner, service)) = owners.first() else {
            continue;
        };
        let others = || group.members.iter().filter(|at| **at != owner.cluster);
        let mut namesakes = Vec::new();
        let mut seen_everywhere = true;
        for other in others().filter_map(|at| index.clusters.get(*at)) {
            match other.find(SERVICE, Some(namespace), name) {
                Existence::Exists(placed) => namesakes.push((other.cluster.name.as_str(), placed.object)),
                Existence::Missing => {}
                Existence::Unknown(_) => seen_everywhere = false,
            }
        }
        let may_be_global =
            |object: &Object| annotation(object, &GLOBAL).is_some_and(|value| flag(value) != Flag::Off);
        if seen_everywhere && !namesakes.iter().any(|(_, object)| may_be_global(object)) {
            let names = others().filter_map(|at| context.mesh.members.get(*at));
            let names: Vec<&str> = names.map(|member| member.name.as_str()).collect();
            findings.push(finding(service, &owner.name, &namesakes, &names));
        }
    }
}

fn finding(
    service: &GlobalService,
    owner: &str,
    namesakes: &[(&str, &Arc<Object>)],
    others: &[&str],
) -> Finding {
    let message = message(service, owner);
    let at = service.annotation.origin().edit_span();
    let global = format!("`{owner}` makes it global here");
    let finding = match namesakes {
        // The line to edit is in the Service that lacks the annotation.
        [(cluster, object), rest @ ..] => {
            let lacking = |cluster: &str| format!("not global in `{cluster}`");
            let first = Finding::new(
                message,
                annotations_of(object).origin().edit_span(),
                lacking(cluster),
            );
            let labelled = rest.iter().fold(first, |finding, (cluster, object)| {
                finding.label(annotations_of(object).origin().edit_span(), lacking(cluster))
            });
            labelled.label(at, global)
        }
        [] => {
            let missing = format!("{} {} no such Service", words::clusters(others), has(others));
            Finding::new(message, at, missing)
        }
    };
    finding
        .help(HELP)
        .object(service.object.reference())
        .route("metadata.annotations")
        .clusters(others.iter().copied().chain([owner]))
}

fn has(clusters: &[&str]) -> &'static str {
    if clusters.len() == 1 { "has" } else { "have" }
}

/// What to point at in a Service that lacks the annotation: its global annotation, its annotations, or its name.
fn annotations_of(service: &Object) -> &Node {
    annotation(service, &GLOBAL)
        .or_else(|| {
            let metadata = service.node.get("metadata")?;
            metadata
                .entry("annotations")
                .map(|entry| &entry.key)
                .or_else(|| metadata.get("name"))
        })
        .unwrap_or(&service.node)
}
