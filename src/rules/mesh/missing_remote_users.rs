use crate::finding::{Finding, Severity};
use crate::mesh::remote_users::{NAME, missing};
use crate::rules::gather::Gathered;
use crate::rules::places;
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

const AUTH_MODE: [&str; 4] = ["clustermesh", "apiserver", "tls", "authMode"];

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
        let finding = places::at(message(&found.clusters, mode), place, label);
        let finding = match (member.tls.auth_mode.stated(), member.place_of(&AUTH_MODE)) {
            (Some(_), Some(place)) => places::also(finding, &place, "makes the pod mount it"),
            _ => finding,
        };
        findings.push(finding.help(HELP).clusters(found.clusters));
    }
}
