//! The values under `cluster` and `clustermesh` that the Cilium chart has, and those that it had once.
//!
//! Read in `values.yaml` and the templates of the newest patch release of each minor: 1.12.19, 1.13.18, 1.14.19,
//! 1.15.19, 1.16.19, 1.17.18, 1.18.12, 1.19.6, 1.20.0 and 1.21.0-pre.0 of <https://github.com/cilium/charts>.

use semver::Version;

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

/// What a chart does with a value that it no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removal {
    /// It refuses to render.
    Fails,
    /// It says nothing, and what the value was to bring about does not happen.
    Lost,
    /// It says nothing, and hardly anything changes.
    Harmless,
}

/// A value that the chart had once.
#[derive(Debug)]
pub struct Removed {
    /// Its path.
    pub path: &'static [&'static str],
    /// The first minor without it.
    pub since: Minor,
    /// The first minor that no longer fails over it, where it failed once.
    pub silent_since: Option<Minor>,
    /// What the chart does with it from `since` on.
    pub removal: Removal,
    /// What to set in its place.
    pub instead: &'static [&'static str],
}

impl Removed {
    /// What a chart of that version does with the value; `None` while it still has it.
    pub fn in_version(&self, version: &Version) -> Option<Removal> {
        let minor = (version.major, version.minor);
        if minor < self.since {
            return None;
        }
        match self.silent_since {
            Some(silent) if minor >= silent => Some(Removal::Lost),
            _ => Some(self.removal),
        }
    }
}

const fn fails(path: &'static [&'static str], since: Minor, instead: &'static [&'static str]) -> Removed {
    Removed {
        path,
        since,
        silent_since: None,
        removal: Removal::Fails,
        instead,
    }
}

const fn lost(path: &'static [&'static str], since: Minor, instead: &'static [&'static str]) -> Removed {
    Removed {
        removal: Removal::Lost,
        ..fails(path, since, instead)
    }
}

const fn harmless(path: &'static [&'static str], since: Minor, instead: &'static [&'static str]) -> Removed {
    Removed {
        removal: Removal::Harmless,
        ..fails(path, since, instead)
    }
}

/// Values that matter to a mesh and that a version of the chart removed.
pub static REMOVED: &[Removed] = &[
    // templates/cilium-configmap.yaml fails over it from 1.14 to 1.18, and no longer mentions it in 1.19.
    Removed {
        silent_since: Some((1, 19)),
        ..fails(
            &["ipam", "operator", "clusterPoolIPv4PodCIDR"],
            (1, 14),
            &["ipam.operator.clusterPoolIPv4PodCIDRList"],
        )
    },
    Removed {
        silent_since: Some((1, 19)),
        ..fails(
            &["ipam", "operator", "clusterPoolIPv6PodCIDR"],
            (1, 14),
            &["ipam.operator.clusterPoolIPv6PodCIDRList"],
        )
    },
    // templates/validate.yaml fails over these as soon as they are not empty.
    fails(&["tunnel"], (1, 15), &["routingMode", "tunnelProtocol"]),
    fails(
        &["clustermesh", "apiserver", "tls", "ca", "cert"],
        (1, 15),
        &["tls.ca.cert"],
    ),
    fails(
        &["clustermesh", "apiserver", "tls", "ca", "key"],
        (1, 15),
        &["tls.ca.key"],
    ),
    fails(
        &["encryption", "interface"],
        (1, 16),
        &["encryption.ipsec.interface"],
    ),
    fails(&["encryption", "keyFile"], (1, 16), &["encryption.ipsec.keyFile"]),
    fails(
        &["encryption", "mountPath"],
        (1, 16),
        &["encryption.ipsec.mountPath"],
    ),
    fails(
        &["encryption", "secretName"],
        (1, 16),
        &["encryption.ipsec.secretName"],
    ),
    fails(&["remoteNodeIdentity"], (1, 16), &[]),
    harmless(
        &["clustermesh", "apiserver", "etcd", "image"],
        (1, 16),
        &["clustermesh.apiserver.image"],
    ),
    harmless(
        &["clustermesh", "apiserver", "kvstoremesh", "image"],
        (1, 15),
        &["clustermesh.apiserver.image"],
    ),
    lost(&["encryption", "wireguard", "userspaceFallback"], (1, 17), &[]),
    lost(&["externalWorkloads", "enabled"], (1, 18), &[]),
    lost(
        &["clustermesh", "enableMCSAPISupport"],
        (1, 20),
        &["clustermesh.mcsapi.enabled"],
    ),
    lost(
        &["encryption", "strictMode", "enabled"],
        (1, 20),
        &["encryption.strictMode.egress.enabled"],
    ),
    lost(
        &["encryption", "strictMode", "cidr"],
        (1, 20),
        &["encryption.strictMode.egress.cidr"],
    ),
    lost(
        &["encryption", "strictMode", "allowRemoteNodeIdentities"],
        (1, 20),
        &["encryption.strictMode.egress.allowRemoteNodeIdentities"],
    ),
    lost(&["encryption", "ipsec", "encryptedOverlay"], (1, 20), &[]),
    // templates/validate.yaml fails over them where the chart is not to make the certificates; else they never counted.
    harmless(
        &["clustermesh", "apiserver", "tls", "server", "cert"],
        (1, 20),
        &[],
    ),
    harmless(
        &["clustermesh", "apiserver", "tls", "admin", "cert"],
        (1, 20),
        &[],
    ),
    harmless(
        &["clustermesh", "apiserver", "tls", "remote", "cert"],
        (1, 20),
        &[],
    ),
    harmless(
        &["clustermesh", "apiserver", "tls", "enableSecrets"],
        (1, 20),
        &[],
    ),
];

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

    #[test]
    fn a_removed_value_fails_first_and_is_forgotten_later() {
        let pool = &REMOVED[0];
        assert_eq!(pool.in_version(&Version::new(1, 13, 18)), None);
        assert_eq!(pool.in_version(&Version::new(1, 18, 12)), Some(Removal::Fails));
        assert_eq!(pool.in_version(&Version::new(1, 19, 6)), Some(Removal::Lost));
    }
}
