use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::flux::Cluster;
use crate::kustomize::Object;
use crate::mesh::{Flag, GLOBAL, GlobalService, Group, Member, annotation, flag, namespace_of};
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
        owners
            .iter()
            .all(|(owner, _)| owner.cluster == owners[0].0.cluster)
    });
    if global.is_empty() {
        return;
    }
    let clusters: Vec<&Cluster> = group
        .members
        .iter()
        .filter_map(|at| context.fleet.clusters.get(*at))
        .collect();
    let services = services(&clusters);
    for ((namespace, name), owners) in global {
        let Some((owner, service)) = owners.first() else {
            continue;
        };
        let elsewhere = clusters.iter().filter(|cluster| cluster.name != owner.name);
        if elsewhere
            .clone()
            .any(|cluster| may_hold_unseen(cluster, namespace))
        {
            continue;
        }
        let namesakes: Vec<_> = services
            .get(&(namespace, name))
            .into_iter()
            .flatten()
            .filter(|(cluster, _)| *cluster != owner.name)
            .collect();
        let may_be_global =
            |object: &Object| annotation(object, &GLOBAL).is_some_and(|value| flag(value) != Flag::Off);
        if !namesakes.iter().any(|(_, object)| may_be_global(object)) {
            let names: Vec<&str> = elsewhere.map(|cluster| cluster.name.as_str()).collect();
            findings.push(finding(service, &owner.name, &namesakes, &names));
        }
    }
}

fn finding(
    service: &GlobalService,
    owner: &str,
    namesakes: &[&(&str, &Arc<Object>)],
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
                RULE.name,
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
            Finding::new(RULE.name, message, at, missing)
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

/// Every Service of these clusters.
fn services<'a>(clusters: &[&'a Cluster]) -> BTreeMap<Key<'a>, Vec<(&'a str, &'a Arc<Object>)>> {
    let mut services: BTreeMap<Key<'a>, Vec<(&str, &Arc<Object>)>> = BTreeMap::new();
    for cluster in clusters {
        for (_, object) in cluster.objects_of("Service") {
            let key = (namespace_of(object), object.name());
            services.entry(key).or_default().push((&cluster.name, object));
        }
    }
    services
}

/// Whether the cluster may have objects in that namespace that cannot be seen: of a chart, of another repository, of a
/// build that failed.
fn may_hold_unseen(cluster: &Cluster, namespace: &str) -> bool {
    let by_chart = cluster.objects_of("HelmRelease").any(|(_, release)| {
        let target = release.node.text_at(&["spec", "targetNamespace"]);
        target.unwrap_or_else(|| namespace_of(release)) == namespace
    });
    by_chart
        || cluster
            .kustomizations
            .iter()
            .filter(|owner| !owner.remote)
            .any(|owner| {
                let target = owner.spec().and_then(|spec| spec.text_at(&["targetNamespace"]));
                let is_whole = owner
                    .build
                    .as_ref()
                    .is_some_and(|build| !build.failed() && build.opaque.is_empty());
                !is_whole && target.is_none_or(|target| target == namespace)
            })
}
