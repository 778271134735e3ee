//! What the Cilium of a cluster makes of Services and policies that reach other clusters.

use semver::Version;

use super::fact::{Fact, Known};
use super::facts::Witnesses;
use super::read;
use crate::helm::Lookup;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// How Services and policies of a cluster reach beyond it: effective values of its Cilium chart.
#[derive(Debug, Default)]
pub struct Sharing {
    /// `clustermesh.enableEndpointSliceSynchronization`
    pub endpoint_slices: Fact<bool>,
    /// Whether ServiceExports are acted on: `clustermesh.mcsapi.enabled`, until 1.19 also
    /// `clustermesh.enableMCSAPISupport`.
    pub mcs_api: Fact<bool>,
    /// `clustermesh.defaultGlobalNamespace`
    pub global_namespaces: Fact<bool>,
    /// `clustermesh.policyDefaultLocalCluster`: whether a selector without a cluster means this cluster only.
    pub policy_local: Fact<bool>,
    /// `kubeProxyReplacement`
    pub kube_proxy_replacement: Fact<bool>,
    /// `socketLB.enabled`
    pub socket_lb: Fact<bool>,
}

impl Sharing {
    pub(super) fn of(witnesses: &Witnesses<'_>) -> Self {
        let flag = |path: &[&str], option: &str| switch(witnesses, path, option, read::boolean);
        Self {
            endpoint_slices: flag(
                &["clustermesh", "enableEndpointSliceSynchronization"],
                "clustermesh-enable-endpoint-sync",
            ),
            mcs_api: mcs_api(witnesses),
            global_namespaces: since(
                witnesses,
                (1, 20),
                true,
                flag(
                    &["clustermesh", "defaultGlobalNamespace"],
                    "clustermesh-default-global-namespace",
                ),
            ),
            policy_local: since(
                witnesses,
                (1, 18),
                false,
                flag(
                    &["clustermesh", "policyDefaultLocalCluster"],
                    "policy-default-local-cluster",
                ),
            ),
            kube_proxy_replacement: switch(
                witnesses,
                &["kubeProxyReplacement"],
                "kube-proxy-replacement",
                replacement,
            ),
            socket_lb: flag(&["socketLB", "enabled"], "bpf-lb-sock"),
        }
    }
}

/// A chart value that ends up as `option` in the agent's configuration. `extraConfig` may say the same in another way;
/// which of the two wins is not for us to tell.
fn switch(
    witnesses: &Witnesses<'_>,
    path: &[&str],
    option: &str,
    read: fn(&Node) -> Option<bool>,
) -> Fact<bool> {
    let beside = witnesses
        .applied
        .map(|values| values.lookup(&["extraConfig", option]));
    match beside {
        Some(Lookup::Value(_)) => Fact::unknown(UnknownReason::External),
        Some(Lookup::Unknown(reason)) => Fact::unknown(reason),
        _ => witnesses.fact(path, read, std::iter::empty()),
    }
}

/// A switch that exists from a version on: before, stating it changes nothing.
fn since(witnesses: &Witnesses<'_>, minor: (u64, u64), before: bool, mut fact: Fact<bool>) -> Fact<bool> {
    match witnesses.version {
        Some(version) if below(version, minor) => fact.value = Known::Default(before),
        Some(_) => {}
        None if fact.unknown_reason().is_none() => fact.value = Known::Unknown(UnknownReason::Chart),
        None => {}
    }
    fact
}

fn below(version: &Version, minor: (u64, u64)) -> bool {
    (version.major, version.minor) < minor
}

fn mcs_api(witnesses: &Witnesses<'_>) -> Fact<bool> {
    let switch = |path: &[&str]| switch(witnesses, path, "clustermesh-enable-mcs-api", read::boolean);
    let new = || switch(&["clustermesh", "mcsapi", "enabled"]);
    let old = || switch(&["clustermesh", "enableMCSAPISupport"]);
    let Some(version) = witnesses.version else {
        return Fact::unknown(UnknownReason::Chart);
    };
    if below(version, (1, 19)) {
        return old();
    }
    let new = new();
    if new.is_true() || new.unknown_reason().is_some() || !below(version, (1, 20)) {
        return new;
    }
    let old = old();
    if old.is_true() || old.unknown_reason().is_some() {
        old
    } else {
        new
    }
}

/// Until 1.13 the value was a word.
fn replacement(node: &Node) -> Option<bool> {
    match node.as_text()? {
        "true" | "strict" => Some(true),
        "false" | "disabled" => Some(false),
        _ => None,
    }
}
