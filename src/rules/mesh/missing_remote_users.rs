use super::support::places;
use crate::cluster::{GroupKind, Index};
use crate::finding::{Finding, Severity};
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// The API server waits for a ConfigMap with the users of its peers that nothing makes.
pub(crate) static RULE: Rule = Rule {
    name: "missing-remote-users",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/missing-remote-users.md"),
    check,
};

const CONFIG: [&str; 3] = ["clustermesh", "config", "enabled"];
const AUTH_MODE: [&str; 4] = ["clustermesh", "apiserver", "tls", "authMode"];
const NAME: &str = "clustermesh-remote-users";

fn message(clusters: &[String], mode: &str) -> String {
    let s = words::s(clusters);
    format!(
        "{} need{s} ConfigMap `{NAME}` for `authMode: {mode}`, and nothing makes it",
        words::clusters(clusters)
    )
}

const HELP: &str = "set `clustermesh.config.enabled: true`, create the ConfigMap, or set `authMode: legacy`";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        if let Some((mode, place)) = missing(member, context.index) {
            gathered.add(place.edit_span(), mode, &member.name, (place, member));
        }
    }
    for (mode, found) in gathered.into_faults() {
        let (place, member) = &found.first;
        let label = "charts from 1.19 on make it only when this is true";
        let finding = places::at(RULE.name, message(&found.clusters, mode), place, label);
        let finding = match (member.tls.auth_mode.stated(), places::field(member, &AUTH_MODE)) {
            (Some(_), Some(place)) => places::also(finding, &place, "makes the pod mount it"),
            _ => finding,
        };
        findings.push(finding.help(HELP).clusters(found.clusters));
    }
}

/// templates/clustermesh-apiserver: deployment.yaml mounts it for every mode but `legacy`, and since 1.19
/// users-configmap.yaml makes it only beside the list of peers.
pub(super) fn missing<'m>(member: &'m Member, index: &Index<'_>) -> Option<(&'m str, Place)> {
    let waits = member.api_server.is_true() && member.mesh_config.get() == Some(&false);
    let mode = member
        .tls
        .auth_mode
        .get()
        .filter(|mode| matches!(mode.as_str(), "migration" | "cluster"))?;
    if !waits || member.version_at_least(1, 19) != Some(true) {
        return None;
    }
    let cilium = member.cilium.as_ref()?;
    let namespace = cilium.namespace()?;
    let here = index.clusters.get(member.cluster)?;
    let is_missing = here
        .find_beside_charts(GroupKind::CONFIG_MAP, Some(namespace), NAME)
        .is_missing();
    if is_missing {
        Some((mode, places::field(member, &CONFIG)?))
    } else {
        None
    }
}
