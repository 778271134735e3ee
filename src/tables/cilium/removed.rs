//! Values that the Cilium chart had once, and what it does with them now. Read in the charts that [`super::value_table`]
//! names.

use semver::Version;

use super::values::Minor;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_value_fails_first_and_is_forgotten_later() {
        let pool = &REMOVED[0];
        assert_eq!(pool.in_version(&Version::new(1, 13, 18)), None);
        assert_eq!(pool.in_version(&Version::new(1, 18, 12)), Some(Removal::Fails));
        assert_eq!(pool.in_version(&Version::new(1, 19, 6)), Some(Removal::Lost));
    }
}
