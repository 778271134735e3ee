use crate::cluster::{GroupKind, Index};
use crate::finding::{Finding, Severity};
use crate::mesh::{Member, MeshSecret};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// KVStoreMesh is on, and the Secret with the peers' endpoints that it reads is made by nothing.
pub(crate) static RULE: Rule = Rule {
    name: "missing-kvstoremesh-secret",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/missing-kvstoremesh-secret.md"),
    check,
};

const NAME: &str = "cilium-kvstoremesh";

fn message(clusters: &[String]) -> String {
    format!(
        "KVStoreMesh of {} has no peers: Secret `{NAME}` is made by nothing, only `cilium-clustermesh` is",
        words::clusters(clusters)
    )
}

const LABEL: &str = "read by the agents, not by KVStoreMesh";

const HELP: &str = "put the peers' endpoints into Secret `cilium-kvstoremesh`, and `https://clustermesh-apiserver.<namespace>.svc:2379` into this one";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        if let Some(secret) = lonely(member, context.index) {
            let name = secret
                .object
                .node
                .at(&["metadata", "name"])
                .unwrap_or(&secret.name_node);
            gathered.add(name.origin().edit_span(), (), &member.name, (name, secret));
        }
    }
    findings.extend(gathered.into_faults().map(|((), found)| {
        let (name, secret) = found.first;
        let span = name.origin().edit_span();
        Finding::new(message(&found.clusters), span, LABEL)
            .help(HELP)
            .object(secret.object.reference())
            .clusters(found.clusters)
    }));
}

/// The agents' Secret of a cluster whose KVStoreMesh has none. The chart makes both only with `clustermesh.config.enabled`
/// (templates/clustermesh-config).
fn lonely<'m>(member: &'m Member, index: &Index<'_>) -> Option<&'m MeshSecret> {
    let is_by_hand = member.api_server.is_true() && member.mesh_config.get() == Some(&false);
    if !is_by_hand || !member.offer.kvstoremesh.is_true() {
        return None;
    }
    let secret = member
        .mesh_secrets
        .iter()
        .find(|secret| secret.owns && secret.name == "cilium-clustermesh")?;
    let namespace = member.cilium.as_ref()?.namespace()?;
    let here = index.clusters.get(member.cluster)?;
    here.find_beside_charts(GroupKind::SECRET, Some(namespace), NAME)
        .is_missing()
        .then_some(secret)
}
