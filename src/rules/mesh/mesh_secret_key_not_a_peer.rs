use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Peering, Target};
use crate::mesh::{Member, Mesh, MeshSecret, Place, is_peer_key};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A key of a Secret with peers is the name of no cluster.
pub(crate) static RULE: Rule = Rule {
    name: "mesh-secret-key-not-a-peer",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/mesh-secret-key-not-a-peer.md"),
    check,
};

fn message(key: &str, secret: &MeshSecret, clusters: &[String]) -> String {
    format!(
        "key `{key}` of Secret `{}` of {} is the name of no cluster",
        secret.name,
        words::clusters(clusters)
    )
}

const HELP: &str = "name each key after the `cluster.name` of the peer whose connection it holds";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let peering = Peering::of(context.mesh);
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        // Where the mesh is off, or the chart makes the Secret as well, that is the fault to tell.
        if member.mesh_config.get() != Some(&false) || !all_names_known(context.mesh, member) {
            continue;
        }
        for secret in &member.mesh_secrets {
            for key in &secret.keys {
                if is_no_peer(&peering, member, key) {
                    gathered.add(key.origin().edit_span(), (), &member.name, (secret, key));
                }
            }
        }
    }
    for ((), found) in gathered.into_faults() {
        let (secret, key) = found.first;
        let text = key.as_text().unwrap_or_default();
        let place = Place::in_object(&secret.object, key, format!("key {text}"));
        findings.push(
            places::at(
                message(text, secret, &found.clusters),
                &place,
                "taken for the name of a cluster",
            )
            .help(HELP)
            .clusters(found.clusters),
        );
    }
}

/// Whether the repository shows the companions of a cluster and what they are called.
fn all_names_known(mesh: &Mesh<'_>, member: &Member) -> bool {
    let Some(group) = mesh.group_of(member.cluster) else {
        return false;
    };
    group.members.len() > 1
        && group.external.is_empty()
        && mesh.members_of(group).all(|one| peering::own_name(one).is_some())
}

fn is_no_peer(peering: &Peering<'_>, member: &Member, key: &Node) -> bool {
    let Some(name) = key
        .as_text()
        .filter(|name| !key.origin().is_unknown() && !name.contains("{{"))
    else {
        return false;
    };
    is_peer_key(name) && matches!(peering.target(member, name), Target::Nobody)
}
