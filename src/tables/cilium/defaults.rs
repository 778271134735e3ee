//! What the Cilium chart does with a value that nobody sets.
//!
//! Every line was read in the `values.yaml` (and, where marked, the templates) of the newest patch release of each
//! minor: 1.12.19, 1.13.18, 1.14.19, 1.15.19, 1.16.19, 1.17.18, 1.18.12, 1.19.6, 1.20.0 and 1.21.0-pre.0 of
//! <https://github.com/cilium/charts>.

use semver::Version;

/// A minor version of the chart, `(1, 16)`.
type Minor = (u64, u64);

/// One default, from the first minor that has it until the next line of the same key.
struct ChartDefault {
    key: &'static str,
    since: Minor,
    value: &'static str,
}

/// Before the oldest chart that was read.
const ALWAYS: Minor = (0, 0);

const fn default(key: &'static str, since: Minor, value: &'static str) -> ChartDefault {
    ChartDefault { key, since, value }
}

/// Sorted by key, then version.
static TABLE: &[ChartDefault] = &[
    // The agent finds it out.
    default("MTU", ALWAYS, "0"),
    default("alibabacloud.enabled", ALWAYS, "false"),
    default("authentication.mutual.spire.enabled", ALWAYS, "false"),
    default("cluster.id", ALWAYS, "0"),
    default("cluster.name", ALWAYS, "default"),
    default("clustermesh.apiserver.kvstoremesh.enabled", ALWAYS, "false"),
    default("clustermesh.apiserver.kvstoremesh.enabled", (1, 16), "true"),
    default("clustermesh.apiserver.replicas", ALWAYS, "1"),
    // New in 1.16; before, the Service has no affinity at all.
    default(
        "clustermesh.apiserver.service.enableSessionAffinity",
        ALWAYS,
        "Never",
    ),
    default(
        "clustermesh.apiserver.service.enableSessionAffinity",
        (1, 16),
        "HAOnly",
    ),
    default(
        "clustermesh.apiserver.service.externalTrafficPolicy",
        ALWAYS,
        "Cluster",
    ),
    default("clustermesh.apiserver.service.externallyCreated", ALWAYS, "false"),
    default(
        "clustermesh.apiserver.service.internalTrafficPolicy",
        ALWAYS,
        "Cluster",
    ),
    default("clustermesh.apiserver.service.nodePort", ALWAYS, "32379"),
    // A value since 1.21; before, templates/clustermesh-apiserver/service.yaml has the number itself.
    default("clustermesh.apiserver.service.port", ALWAYS, "2379"),
    default("clustermesh.apiserver.service.type", ALWAYS, "NodePort"),
    // New in 1.14.
    default("clustermesh.apiserver.tls.authMode", ALWAYS, "legacy"),
    default("clustermesh.apiserver.tls.authMode", (1, 19), "migration"),
    default(
        "clustermesh.apiserver.tls.auto.certValidityDuration",
        ALWAYS,
        "1095",
    ),
    default(
        "clustermesh.apiserver.tls.auto.certValidityDuration",
        (1, 20),
        "365",
    ),
    default("clustermesh.apiserver.tls.auto.enabled", ALWAYS, "true"),
    default("clustermesh.apiserver.tls.auto.method", ALWAYS, "helm"),
    default("clustermesh.config.domain", ALWAYS, "mesh.cilium.io"),
    default("clustermesh.config.enabled", ALWAYS, "false"),
    // New in 1.20; before, every namespace is global.
    default("clustermesh.defaultGlobalNamespace", ALWAYS, "true"),
    // New in 1.16; before, nothing synchronises EndpointSlices.
    default("clustermesh.enableEndpointSliceSynchronization", ALWAYS, "false"),
    // From 1.16 to 1.19; the same switch is called `mcsapi.enabled` since 1.19.
    default("clustermesh.enableMCSAPISupport", ALWAYS, "false"),
    // The value is new in 1.15; before, 255 is all there is.
    default("clustermesh.maxConnectedClusters", ALWAYS, "255"),
    default("clustermesh.mcsapi.enabled", ALWAYS, "false"),
    // New in 1.18; before, selectors match the endpoints of every cluster.
    default("clustermesh.policyDefaultLocalCluster", ALWAYS, "false"),
    default("clustermesh.policyDefaultLocalCluster", (1, 19), "true"),
    default("clustermesh.useAPIServer", ALWAYS, "false"),
    default("egressGateway.enabled", ALWAYS, "false"),
    // Null since 1.18, when templates/cilium-configmap.yaml makes it true except in ENI mode.
    default("enableIPv4Masquerade", ALWAYS, "true"),
    default("enableIPv6Masquerade", ALWAYS, "true"),
    default("encryption.enabled", ALWAYS, "false"),
    default("encryption.nodeEncryption", ALWAYS, "false"),
    default("encryption.type", ALWAYS, "ipsec"),
    default("eni.enabled", ALWAYS, "false"),
    default("gke.enabled", ALWAYS, "false"),
    default("ipMasqAgent.enabled", ALWAYS, "false"),
    default("ipam.mode", ALWAYS, "cluster-pool"),
    // Until 1.13 the same range is the default of the singular clusterPoolIPv4PodCIDR, and the list is empty.
    default("ipam.operator.clusterPoolIPv4PodCIDRList", ALWAYS, "10.0.0.0/8"),
    default("ipam.operator.clusterPoolIPv6PodCIDRList", ALWAYS, "fd00::/104"),
    default("ipv4.enabled", ALWAYS, "true"),
    default("ipv6.enabled", ALWAYS, "false"),
    // Unset until 1.17, when templates/cilium-configmap.yaml takes false.
    default("kubeProxyReplacement", ALWAYS, "false"),
    default("nativeRoutingCIDRFromClusterPool", ALWAYS, "false"),
    default("routingMode", ALWAYS, ""),
    default("socketLB.enabled", ALWAYS, "false"),
    default("tls.caBundle.enabled", ALWAYS, "false"),
    default("tunnelPort", ALWAYS, "0"),
    // Empty, which templates/cilium-configmap.yaml turns into this; until 1.13 the protocol is part of `tunnel`.
    default("tunnelProtocol", ALWAYS, "vxlan"),
    // New in 1.18 and empty, which the agent takes for this; before, there is nothing else.
    default("underlayProtocol", ALWAYS, "ipv4"),
];

/// The default of `key` in the chart of that version. Where the version is not known, only a default that every
/// version has.
pub(crate) fn of(key: &str, version: Option<&Version>) -> Option<&'static str> {
    let mut lines = TABLE.iter().filter(|line| line.key == key);
    match version {
        Some(version) => lines
            .rev()
            .find(|line| line.since <= (version.major, version.minor))
            .map(|line| line.value),
        None => {
            let first = lines.next()?.value;
            lines.all(|line| line.value == first).then_some(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_line_twice() {
        assert!(TABLE.is_sorted_by(|a, b| (a.key, a.since) < (b.key, b.since)));
    }

    #[test]
    fn a_default_holds_for_its_versions() {
        assert_eq!(
            of("ipam.mode", Some(&Version::new(1, 18, 3))),
            Some("cluster-pool")
        );
        assert_eq!(of("cluster.id", None), Some("0"));
        assert_eq!(of("cluster.nickname", None), None);
    }
}
