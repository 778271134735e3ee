use crate::finding::{Finding, Severity};
use crate::mesh::{Installation, Member, MeshSecret, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A Secret with peers is made by the chart and by another object as well.
pub(crate) static RULE: Rule = Rule {
    name: "mesh-secret-conflict",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/mesh-secret-conflict.md"),
    check,
};

const CONFIG: [&str; 3] = ["clustermesh", "config", "enabled"];

fn message(secret: &MeshSecret, clusters: &[String]) -> String {
    format!(
        "Secret `{}` of {} is made by {} `{}` and by the Cilium chart",
        secret.name,
        words::clusters(clusters),
        secret.object.kind(),
        secret.object.name()
    )
}

const HELP: &str = "let one of them make it: list the peers in `clustermesh.config.clusters` and remove this object, or set `clustermesh.config.enabled: false`";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        for secret in member.mesh_secrets.iter().filter(|secret| secret.owns) {
            if chart_makes(member, secret) {
                gathered.add(
                    secret.name_node.origin().edit_span(),
                    (),
                    &member.name,
                    (member, secret),
                );
            }
        }
    }
    for ((), found) in gathered.into_faults() {
        let (member, secret) = found.first;
        let place = Place::in_object(&secret.object, &secret.name_node, "metadata.name");
        let label = "the chart makes a Secret of that name, too";
        let finding = places::at(message(secret, &found.clusters), &place, label);
        let finding = match member.place_of(&CONFIG) {
            Some(place) => places::also(finding, &place, "makes the chart create it"),
            None => finding,
        };
        findings.push(finding.help(HELP).clusters(found.clusters));
    }
}

/// Where the chart puts a Secret of that name (templates/clustermesh-config).
fn chart_makes(member: &Member, secret: &MeshSecret) -> bool {
    let Some(target) = member.cilium.as_ref().and_then(Installation::namespace) else {
        return false;
    };
    let same_namespace = secret.object.namespace().is_none_or(|own| own == target);
    let by_chart = match secret.name.as_str() {
        // Until 1.14 only beside an API server.
        "cilium-clustermesh" => member.api_server.is_true() || member.version_at_least(1, 15) == Some(true),
        _ => member.api_server.is_true() && member.offer.kvstoremesh.is_true(),
    };
    member.mesh_config.is_true() && same_namespace && by_chart
}
