use super::support::places::Told;
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::helm::Lookup;
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A feature is on that Cilium does not support in a mesh.
pub(crate) static RULE: Rule = Rule {
    name: "unsupported-with-mesh",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/unsupported-with-mesh.md"),
    check,
};

const SPIRE: [&str; 4] = ["authentication", "mutual", "spire", "enabled"];
const EGRESS: [&str; 2] = ["egressGateway", "enabled"];

/// How deep a policy is searched for required authentication.
const DEPTH: usize = 8;

/// What is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    MutualAuthentication,
    EgressGateway,
    /// Identities in an etcd of the cluster's own: the chart refuses to render an API server for the mesh beside it.
    KvstoreIdentities,
    /// No CiliumEndpoints, from which the API server learns of pods: the chart refuses as well.
    NoEndpoints,
}

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::MutualAuthentication => "mutual authentication",
            Self::EgressGateway => "the egress gateway",
            Self::KvstoreIdentities => "`identityAllocationMode: kvstore`",
            Self::NoEndpoints => "`disableEndpointCRD: true`",
        }
    }
}

impl Told for Feature {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let s = words::s(clusters);
        format!(
            "{} use{s} {}, which Cilium does not support in a mesh",
            words::clusters(clusters),
            self.name()
        )
    }

    fn label(&self) -> String {
        let label = match self {
            Self::MutualAuthentication => "identities of other clusters are never authenticated",
            Self::EgressGateway => "only serves pods of the gateway's own cluster",
            Self::KvstoreIdentities | Self::NoEndpoints => "the chart refuses to render",
        };
        label.to_owned()
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self {
            Self::MutualAuthentication | Self::EgressGateway => Severity::Warning,
            Self::KvstoreIdentities | Self::NoEndpoints => Severity::Error,
        })
    }

    fn help(&self) -> String {
        let help = match self {
            Self::MutualAuthentication | Self::EgressGateway => {
                "switch it off, or keep this cluster out of the mesh"
            }
            Self::KvstoreIdentities => {
                "leave identities in custom resources, the default, or switch KVStoreMesh on from Cilium 1.18 on"
            }
            Self::NoEndpoints => {
                "remove it: with identities in custom resources, a mesh needs CiliumEndpoints"
            }
        };
        help.to_owned()
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for group in &context.mesh.groups {
        for member in group
            .connected
            .iter()
            .filter_map(|at| context.mesh.members.get(*at))
            .filter(|member| member.mesh_on())
        {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            for (feature, place) in uses(member, cluster) {
                gathered.add(place.edit_span(), feature, &member.name, place);
            }
        }
    }
    gathered.report(findings);
}

/// Where a feature is in use: the value that switches it on, or else what asks for it.
fn uses(member: &Member, cluster: &Cluster) -> Vec<(Feature, Place)> {
    let mut uses = Vec::new();
    for (feature, path) in [
        (Feature::MutualAuthentication, &SPIRE[..]),
        (Feature::EgressGateway, &EGRESS[..]),
    ] {
        // What nobody switches on is not in use, whatever policies ask for.
        if switched_on(member, path) == Some(true) {
            uses.extend(member.place_of(path).map(|place| (feature, place)));
        }
    }
    uses.extend(refused(member));
    let required = |object: &crate::kustomize::Object| required_authentication(&object.node, DEPTH).cloned();
    for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
        for (_, object) in cluster.objects_of(kind) {
            if let Some(node) = required(object) {
                let place = Place::in_object(object, &node, "authentication.mode");
                uses.push((Feature::MutualAuthentication, place));
            }
        }
    }
    uses
}

const IDENTITIES: [&str; 1] = ["identityAllocationMode"];
const NO_ENDPOINTS: [&str; 1] = ["disableEndpointCRD"];

/// What templates/validate.yaml refuses beside the API server of a mesh, since 1.15.
fn refused(member: &Member) -> Option<(Feature, Place)> {
    if !member.api_server.is_true() || !member.version_at_least(1, 15)? {
        return None;
    }
    let mode = match member.cilium.as_ref()?.values.lookup(&IDENTITIES) {
        Lookup::Value(node) => node.as_text()?.to_owned(),
        Lookup::Absent => "crd".to_owned(),
        Lookup::Unknown(_) => return None,
    };
    let meshed = member.version_at_least(1, 18)? && member.offer.kvstoremesh.get() != Some(&false);
    match mode.as_str() {
        "kvstore" if !meshed => Some((Feature::KvstoreIdentities, member.place_of(&IDENTITIES)?)),
        "crd" if switched_on(member, &NO_ENDPOINTS)? => {
            Some((Feature::NoEndpoints, member.place_of(&NO_ENDPOINTS)?))
        }
        _ => None,
    }
}

fn switched_on(member: &Member, path: &[&str]) -> Option<bool> {
    match member.cilium.as_ref()?.values.lookup(path) {
        Lookup::Value(node) => node.as_bool(),
        Lookup::Absent => Some(false),
        Lookup::Unknown(_) => None,
    }
}

/// `authentication.mode: required` in some rule of a policy.
fn required_authentication(node: &Node, depth: usize) -> Option<&Node> {
    if depth == 0 {
        return None;
    }
    let mode = node
        .at(&["authentication", "mode"])
        .filter(|mode| mode.as_text() == Some("required"));
    mode.or_else(|| {
        let inner = node
            .items()
            .iter()
            .chain(node.entries().iter().map(|entry| &entry.value));
        inner
            .filter_map(|inner| required_authentication(inner, depth - 1))
            .next()
    })
}
