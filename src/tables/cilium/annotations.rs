//! The annotations by which Cilium lets itself be told about Services (pkg/annotation of cilium/cilium, up to 1.20).

use std::net::IpAddr;

/// Which texts an annotation may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Legal {
    /// `true` or `false`; Cilium takes everything that is not `true` for false.
    Flag,
    /// One of these, in any case.
    OneOf(&'static [&'static str]),
    /// Addresses separated by commas.
    Addresses,
    /// A number from 0 to 65535.
    Weight,
    /// Anything.
    Any,
}

/// An annotation that Cilium knows.
#[derive(Debug)]
pub(crate) struct Annotation {
    pub(crate) key: &'static str,
    /// The kind of object that it is read from.
    pub(crate) kind: &'static str,
    pub(crate) legal: Legal,
}

const fn on_service(key: &'static str, legal: Legal) -> Annotation {
    Annotation {
        key,
        kind: "Service",
        legal,
    }
}

const AFFINITY: Legal = Legal::OneOf(&["local", "remote", "none", ""]);

static KNOWN: &[Annotation] = &[
    on_service("service.cilium.io/global", Legal::Flag),
    on_service("io.cilium/global-service", Legal::Flag),
    on_service("service.cilium.io/shared", Legal::Flag),
    on_service("io.cilium/shared-service", Legal::Flag),
    on_service("service.cilium.io/affinity", AFFINITY),
    on_service("io.cilium/service-affinity", AFFINITY),
    on_service("service.cilium.io/global-sync-endpoint-slices", Legal::Flag),
    on_service("service.cilium.io/local-endpointslice", Legal::Any),
    on_service(
        "service.cilium.io/lb-algorithm",
        Legal::OneOf(&["random", "maglev"]),
    ),
    on_service("service.cilium.io/lb-l7", Legal::Any),
    on_service("service.cilium.io/node", Legal::Any),
    on_service("service.cilium.io/node-selector", Legal::Any),
    on_service(
        "service.cilium.io/type",
        Legal::OneOf(&["ClusterIP", "NodePort", "LoadBalancer"]),
    ),
    on_service(
        "service.cilium.io/forwarding-mode",
        Legal::OneOf(&["dsr", "snat"]),
    ),
    on_service(
        "service.cilium.io/src-ranges-policy",
        Legal::OneOf(&["allow", "deny"]),
    ),
    on_service(
        "service.cilium.io/proxy-delegation",
        Legal::OneOf(&["none", "delegate-if-local"]),
    ),
    // Of the commercial distribution.
    on_service("service.cilium.io/phantom", Legal::Any),
    on_service("lbipam.cilium.io/ips", Legal::Addresses),
    on_service("io.cilium/lb-ipam-ips", Legal::Addresses),
    on_service("lbipam.cilium.io/sharing-key", Legal::Any),
    on_service("io.cilium/lb-ipam-sharing-key", Legal::Any),
    on_service("lbipam.cilium.io/sharing-cross-namespace", Legal::Any),
    on_service("io.cilium/lb-ipam-sharing-cross-namespace", Legal::Any),
    Annotation {
        key: "service.cilium.io/weight",
        kind: "EndpointSlice",
        legal: Legal::Weight,
    },
    Annotation {
        key: "clustermesh.cilium.io/global",
        kind: "Namespace",
        legal: Legal::Flag,
    },
];

/// Prefixes under which nothing but Cilium's own annotations make sense on a Service.
const PREFIXES: [&str; 3] = ["service.cilium.io/", "lbipam.cilium.io/", "io.cilium/"];

/// Annotations of the commercial distribution come in families.
const FOREIGN_FAMILIES: [&str; 2] = ["service.cilium.io/health-", "service.cilium.io/bgp-"];

/// An annotation under its older and its current name.
#[derive(Debug)]
pub(crate) struct Renamed {
    pub(crate) old: &'static str,
    pub(crate) new: &'static str,
    /// The first minor version of Cilium that reads the new name.
    pub(crate) since: (u64, u64),
}

const fn renamed(old: &'static str, new: &'static str, since: (u64, u64)) -> Renamed {
    Renamed { old, new, since }
}

/// Older names that are still read (pkg/annotation/k8s.go of cilium/cilium 1.12, 1.13, 1.15, 1.16 and 1.20).
pub(crate) static CURRENT: &[Renamed] = &[
    renamed("io.cilium/global-service", "service.cilium.io/global", (1, 13)),
    renamed("io.cilium/shared-service", "service.cilium.io/shared", (1, 13)),
    renamed(
        "io.cilium/service-affinity",
        "service.cilium.io/affinity",
        (1, 13),
    ),
    renamed("io.cilium/lb-ipam-ips", "lbipam.cilium.io/ips", (1, 16)),
    renamed(
        "io.cilium/lb-ipam-sharing-key",
        "lbipam.cilium.io/sharing-key",
        (1, 16),
    ),
    renamed(
        "io.cilium/lb-ipam-sharing-cross-namespace",
        "lbipam.cilium.io/sharing-cross-namespace",
        (1, 16),
    ),
];

/// Annotations that mean nothing unless the Service is global.
pub(crate) const NEED_GLOBAL: [&str; 5] = [
    "service.cilium.io/shared",
    "io.cilium/shared-service",
    "service.cilium.io/affinity",
    "io.cilium/service-affinity",
    "service.cilium.io/global-sync-endpoint-slices",
];

/// The annotation of that name.
pub(crate) fn known(key: &str) -> Option<&'static Annotation> {
    KNOWN.iter().find(|annotation| annotation.key == key)
}

/// The names that Cilium reads from a kind of object.
pub(crate) fn names(kind: &str) -> impl Iterator<Item = &'static str> {
    KNOWN
        .iter()
        .filter(move |known| known.kind == kind)
        .map(|known| known.key)
}

/// Whether only Cilium can be meant by an annotation of a Service that is not known.
pub(crate) fn is_unknown(key: &str) -> bool {
    PREFIXES.iter().any(|prefix| key.starts_with(prefix))
        && !FOREIGN_FAMILIES.iter().any(|family| key.starts_with(family))
        && known(key).is_none()
}

impl Legal {
    /// Whether Cilium takes the text as it is meant.
    pub(crate) fn allows(self, text: &str) -> bool {
        match self {
            Self::Flag => ["true", "false"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word)),
            Self::OneOf(words) => words.iter().any(|word| text.eq_ignore_ascii_case(word)),
            Self::Addresses => text.split(',').all(|part| part.trim().parse::<IpAddr>().is_ok()),
            Self::Weight => text.parse::<u16>().is_ok(),
            Self::Any => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cilium_takes_is_legal() {
        for (key, text) in [
            ("service.cilium.io/global", "True"),
            ("service.cilium.io/affinity", "Local"),
            ("service.cilium.io/affinity", ""),
            ("service.cilium.io/weight", "0"),
            ("lbipam.cilium.io/ips", "10.0.0.1, fd00::1"),
            ("service.cilium.io/node-selector", "anything"),
        ] {
            assert!(known(key).unwrap().legal.allows(text), "{key}: {text}");
        }
        for (key, text) in [
            ("service.cilium.io/global", "yes"),
            ("service.cilium.io/global", "true "),
            ("service.cilium.io/affinity", "near"),
            ("service.cilium.io/weight", "65536"),
            ("lbipam.cilium.io/ips", "10.0.0.0/24"),
            ("lbipam.cilium.io/ips", ""),
        ] {
            assert!(!known(key).unwrap().legal.allows(text), "{key}: {text}");
        }
    }

    #[test]
    fn only_cilium_names_are_unknown() {
        assert!(is_unknown("service.cilium.io/globall"));
        assert!(is_unknown("io.cilium/global"));
        assert!(!is_unknown("service.cilium.io/health-check-probe-interval"));
        assert!(!is_unknown("ingress.cilium.io/tls-passthrough"));
        assert!(!is_unknown("service.cilium.io/shared"));
    }
}
