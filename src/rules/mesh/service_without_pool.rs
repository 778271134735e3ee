use crate::cluster::{ClusterIndex, GroupKind};
use crate::finding::{Finding, ObjectRef, Severity};
use crate::helm::Lookup;
use crate::mesh::{Member, Pool, PoolUser, Provider, pool_users};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A Service or Gateway has a label for a pool of load balancer addresses, and no pool is for it.
pub(crate) static RULE: Rule = Rule {
    name: "service-without-pool",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/service-without-pool.md"),
    check,
};

const POOL: GroupKind<'static> = GroupKind::new("cilium.io", "CiliumLoadBalancerIPPool");

/// Why no pool is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// Its label would do, on the Service that is made for the Gateway.
    StaysOnGateway,
    /// Its label is one that pools ask for, with another value.
    OtherValue,
    /// It asks for Cilium by its class, and has no label that pools ask for.
    NoLabel,
}

fn message(why: Why, object: &ObjectRef, clusters: &[String]) -> String {
    let of = words::clusters(clusters);
    match why {
        Why::StaysOnGateway => format!(
            "no pool of {of} is for the Service of Gateway `{}`: the label stays on the Gateway",
            object.name
        ),
        Why::OtherValue | Why::NoLabel => {
            format!("no pool of {of} is for {} `{}`", object.kind, object.name)
        }
    }
}

fn label(why: Why) -> &'static str {
    match why {
        Why::StaysOnGateway => "a pool asks for this label, and the Service does not get it",
        Why::OtherValue => "pools ask for this label with another value",
        Why::NoLabel => "asks Cilium for an address",
    }
}

fn help(why: Why) -> &'static str {
    match why {
        Why::StaysOnGateway => "move the label to `spec.infrastructure.labels`",
        Why::OtherValue | Why::NoLabel => {
            "give it the labels of a pool's `serviceSelector`, or add a pool that selects it"
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for (member, index) in context.mesh.members.iter().zip(&context.index.clusters) {
        if member.pools.is_empty() || !is_alone(member, index) {
            continue;
        }
        let on_nodes = gateways_on_nodes(member);
        // What asks for an address is told of as that.
        let asks = |user: &PoolUser<'_>| {
            let object = user.object.reference();
            member.requests.iter().any(|request| request.object == object)
        };
        let users = pool_users(index.cluster).filter(|user| match user.object.kind() {
            "Gateway" => !on_nodes,
            _ => !asks(user),
        });
        for user in users {
            if let Some((why, span)) = without_pool(&user, &member.pools) {
                gathered.add(span, why, &member.name, (span, user.object.reference()));
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(why, found)| {
        let (span, object) = found.first;
        let finding = Finding::new(message(why, &object, &found.clusters), span, label(why))
            .help(help(why))
            .object(object)
            .clusters(found.clusters);
        // Something beside Cilium may serve what has another value.
        match why {
            Why::OtherValue => finding.severity(Severity::Warning),
            Why::StaysOnGateway | Why::NoLabel => finding,
        }
    }));
}

/// Whether all pools are known, and only Cilium hands out addresses from such.
fn is_alone(member: &Member, index: &ClusterIndex<'_>) -> bool {
    let by_cilium = |pool: &Pool| pool.provider == Provider::Cilium;
    member.pools.iter().all(by_cilium)
        && !member.pools_from_charts
        && index.find_beside_charts(POOL, None, "").is_missing()
}

/// Whether Gateways are served on the nodes, or may be, and get no address of a load balancer.
fn gateways_on_nodes(member: &Member) -> bool {
    let Some(cilium) = &member.cilium else { return true };
    match cilium.values.lookup(&["gatewayAPI", "hostNetwork", "enabled"]) {
        Lookup::Absent => false,
        Lookup::Value(node) => node.as_bool() != Some(false),
        Lookup::Unknown(_) => true,
    }
}

/// Why no pool is for it, where its labels show that one was meant.
fn without_pool(user: &PoolUser<'_>, pools: &[Pool]) -> Option<(Why, Span)> {
    let takes_none = |pool: &Pool| pool.takes(&user.labels) == Some(false);
    if !pools.iter().all(takes_none) || is_of_cloud(user) {
        return None;
    }
    if let Some(labels) = &user.with_own_labels {
        let mut pools = pools.iter();
        let pool = pools.find(|pool| pool.takes(labels) == Some(true))?;
        let span = labels.span_asked_by(pool.selector.as_ref()?)?;
        return Some((Why::StaysOnGateway, span));
    }
    let mut asked = pools.iter().filter_map(|pool| pool.selector.as_ref());
    match asked.find_map(|selector| user.labels.span_asked_by(selector)) {
        Some(span) => Some((Why::OtherValue, span)),
        None => user.class.map(|class| (Why::NoLabel, class.origin().edit_span())),
    }
}

/// Whether annotations show that a cloud hands out the address.
fn is_of_cloud(user: &PoolUser<'_>) -> bool {
    const CLOUDS: [&str; 4] = [
        "service.beta.kubernetes.io/",
        "load-balancer.",
        "cloud.google.com/",
        "networking.gke.io/",
    ];
    let annotations = user.object.node.at(&["metadata", "annotations"]);
    let mut keys = annotations
        .map_or(&[][..], Node::entries)
        .iter()
        .filter_map(|entry| entry.key.as_text());
    keys.any(|key| CLOUDS.iter().any(|cloud| key.starts_with(cloud)))
}
