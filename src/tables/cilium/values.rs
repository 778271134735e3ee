//! The values under `cluster` and `clustermesh` that the Cilium chart has.
//!
//! Read in `values.yaml` and the templates of the newest patch release of each minor: 1.12.19, 1.13.18, 1.14.19,
//! 1.15.19, 1.16.19, 1.17.18, 1.18.12, 1.19.6, 1.20.0 and 1.21.0-pre.0 of <https://github.com/cilium/charts>.

/// A minor version of the chart, `(1, 16)`.
pub type Minor = (u64, u64);

/// The oldest and the newest minor that were read; nothing is said about others.
pub const READ: (Minor, Minor) = ((1, 12), (1, 20));

/// A key of a section with the minor that brought it.
#[derive(Debug)]
pub struct ValueKey {
    /// Its last part.
    pub key: &'static str,
    /// The first minor of those that were read which has it.
    pub since: Minor,
}

/// A mapping of the chart whose keys the chart chooses.
#[derive(Debug)]
pub struct Section {
    /// Its path, `clustermesh.config`.
    pub path: &'static str,
    /// All keys that it has, or had.
    pub keys: &'static [ValueKey],
}

const fn section(path: &'static str, keys: &'static [ValueKey]) -> Section {
    Section { path, keys }
}

const fn always(key: &'static str) -> ValueKey {
    ValueKey { key, since: READ.0 }
}

const fn since(key: &'static str, since: Minor) -> ValueKey {
    ValueKey { key, since }
}

/// The section of the chart at that path.
pub fn section_at(path: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.path == path)
}

/// Every section that holds a key of that name.
pub fn sections_with(key: &str) -> impl Iterator<Item = &'static Section> {
    SECTIONS
        .iter()
        .filter(move |section| section.keys.iter().any(|one| one.key == key))
}

/// All sections, by path.
static SECTIONS: &[Section] = &[
    section("cluster", &[always("id"), always("name")]),
    section(
        "clustermesh",
        &[
            since("annotations", (1, 15)),
            always("apiserver"),
            since("cacheTTL", (1, 19)),
            always("config"),
            since("defaultGlobalNamespace", (1, 20)),
            since("disableKubernetesHostAliases", (1, 20)),
            since("enableEndpointSliceSynchronization", (1, 16)),
            since("enableMCSAPISupport", (1, 16)),
            since("maxConnectedClusters", (1, 15)),
            since("mcsapi", (1, 19)),
            since("policyDefaultLocalCluster", (1, 18)),
            always("useAPIServer"),
        ],
    ),
    section(
        "clustermesh.apiserver",
        &[
            always("affinity"),
            always("etcd"),
            since("etcdQPS", (1, 20)),
            since("extraArgs", (1, 14)),
            always("extraEnv"),
            since("extraInitContainers", (1, 21)),
            always("extraVolumeMounts"),
            always("extraVolumes"),
            since("healthPort", (1, 16)),
            always("image"),
            since("kvstoremesh", (1, 14)),
            since("lifecycle", (1, 15)),
            since("metrics", (1, 14)),
            always("nodeSelector"),
            always("podAnnotations"),
            always("podDisruptionBudget"),
            always("podLabels"),
            always("podSecurityContext"),
            always("priorityClassName"),
            since("readinessProbe", (1, 16)),
            always("replicas"),
            always("resources"),
            always("securityContext"),
            always("service"),
            since("terminationGracePeriodSeconds", (1, 15)),
            always("tls"),
            always("tolerations"),
            since("topologySpreadConstraints", (1, 13)),
            always("updateStrategy"),
        ],
    ),
    section(
        "clustermesh.apiserver.etcd",
        &[
            always("image"),
            since("init", (1, 13)),
            since("lifecycle", (1, 15)),
            since("resources", (1, 13)),
            always("securityContext"),
            since("storageMedium", (1, 16)),
        ],
    ),
    section(
        "clustermesh.apiserver.etcd.init",
        &[
            since("extraArgs", (1, 15)),
            since("extraEnv", (1, 15)),
            since("resources", (1, 13)),
        ],
    ),
    section(
        "clustermesh.apiserver.kvstoremesh",
        &[
            since("enabled", (1, 14)),
            since("etcdQPS", (1, 20)),
            since("extraArgs", (1, 14)),
            since("extraEnv", (1, 14)),
            since("extraVolumeMounts", (1, 14)),
            since("healthPort", (1, 16)),
            since("image", (1, 14)),
            since("kvstoreMode", (1, 18)),
            since("lifecycle", (1, 15)),
            since("readinessProbe", (1, 16)),
            since("resources", (1, 14)),
            since("securityContext", (1, 14)),
        ],
    ),
    section(
        "clustermesh.apiserver.metrics",
        &[
            since("enabled", (1, 14)),
            since("etcd", (1, 14)),
            since("kvstoremesh", (1, 14)),
            since("port", (1, 14)),
            since("serviceMonitor", (1, 14)),
        ],
    ),
    section(
        "clustermesh.apiserver.metrics.etcd",
        &[
            since("enabled", (1, 14)),
            since("mode", (1, 14)),
            since("port", (1, 14)),
        ],
    ),
    section(
        "clustermesh.apiserver.metrics.kvstoremesh",
        &[since("enabled", (1, 14)), since("port", (1, 14))],
    ),
    section(
        "clustermesh.apiserver.metrics.serviceMonitor",
        &[
            since("annotations", (1, 14)),
            since("enabled", (1, 14)),
            since("etcd", (1, 14)),
            since("interval", (1, 14)),
            since("kvstoremesh", (1, 14)),
            since("labels", (1, 14)),
            since("metricRelabelings", (1, 14)),
            since("namespace", (1, 14)),
            since("relabelings", (1, 14)),
            since("scrapeTimeout", (1, 18)),
        ],
    ),
    section(
        "clustermesh.apiserver.metrics.serviceMonitor.etcd",
        &[
            since("interval", (1, 14)),
            since("metricRelabelings", (1, 14)),
            since("relabelings", (1, 14)),
            since("scrapeTimeout", (1, 18)),
        ],
    ),
    section(
        "clustermesh.apiserver.metrics.serviceMonitor.kvstoremesh",
        &[
            since("interval", (1, 14)),
            since("metricRelabelings", (1, 14)),
            since("relabelings", (1, 14)),
            since("scrapeTimeout", (1, 18)),
        ],
    ),
    section(
        "clustermesh.apiserver.podDisruptionBudget",
        &[
            always("enabled"),
            always("maxUnavailable"),
            always("minAvailable"),
            since("unhealthyPodEvictionPolicy", (1, 18)),
        ],
    ),
    section(
        "clustermesh.apiserver.service",
        &[
            always("annotations"),
            since("enableSessionAffinity", (1, 16)),
            since("externalTrafficPolicy", (1, 14)),
            since("externallyCreated", (1, 19)),
            since("internalTrafficPolicy", (1, 14)),
            since("labels", (1, 17)),
            since("loadBalancerClass", (1, 15)),
            always("loadBalancerIP"),
            since("loadBalancerSourceRanges", (1, 17)),
            always("nodePort"),
            since("port", (1, 21)),
            always("type"),
        ],
    ),
    section(
        "clustermesh.apiserver.tls",
        &[
            always("admin"),
            since("authMode", (1, 14)),
            always("auto"),
            always("ca"),
            always("client"),
            since("disableDefaultVolumes", (1, 21)),
            since("enableSecrets", (1, 16)),
            always("remote"),
            always("server"),
        ],
    ),
    section(
        "clustermesh.apiserver.tls.auto",
        &[
            always("certManagerIssuerRef"),
            always("certValidityDuration"),
            always("enabled"),
            always("method"),
            since("privateKey", (1, 20)),
            always("schedule"),
            since("server", (1, 20)),
            since("subject", (1, 20)),
        ],
    ),
    section(
        "clustermesh.apiserver.tls.auto.server",
        &[
            since("extraDnsNames", (1, 20)),
            since("extraIpAddresses", (1, 20)),
        ],
    ),
    section(
        "clustermesh.config",
        &[always("clusters"), always("domain"), always("enabled")],
    ),
    section(
        "clustermesh.mcsapi",
        &[
            since("corednsAutoConfigure", (1, 19)),
            since("enabled", (1, 19)),
            since("installCRDs", (1, 19)),
        ],
    ),
    section(
        "clustermesh.mcsapi.corednsAutoConfigure",
        &[
            since("affinity", (1, 19)),
            since("annotations", (1, 19)),
            since("coredns", (1, 19)),
            since("enabled", (1, 19)),
            since("extraArgs", (1, 19)),
            since("extraVolumeMounts", (1, 19)),
            since("extraVolumes", (1, 19)),
            since("nodeSelector", (1, 19)),
            since("podLabels", (1, 19)),
            since("priorityClassName", (1, 19)),
            since("resources", (1, 19)),
            since("tolerations", (1, 19)),
            since("ttlSecondsAfterFinished", (1, 19)),
        ],
    ),
    section(
        "clustermesh.mcsapi.corednsAutoConfigure.coredns",
        &[
            since("clusterDomain", (1, 19)),
            since("clustersetDomain", (1, 19)),
            since("configMapName", (1, 19)),
            since("deploymentName", (1, 19)),
            since("namespace", (1, 19)),
            since("serviceAccountName", (1, 19)),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_their_keys_are_sorted() {
        assert!(SECTIONS.is_sorted_by(|a, b| a.path < b.path));
        for section in SECTIONS {
            assert!(
                section.keys.is_sorted_by(|a, b| a.key < b.key),
                "{}",
                section.path
            );
        }
    }

    #[test]
    fn a_section_below_another_is_a_key_of_it() {
        for section in SECTIONS {
            if let Some((parent, key)) = section.path.rsplit_once('.') {
                let parent = section_at(parent).unwrap();
                assert!(parent.keys.iter().any(|one| one.key == key), "{}", section.path);
            }
        }
    }
}
