//! How the nodes of a cluster carry the traffic of pods, as far as other clusters must do the same.

use super::fact::{Fact, Known};
use super::facts::{self, Witnesses};
use super::read;
use crate::yaml::Node;

/// What both ends of a connection between clusters have to agree on, and where the agents find their API server.
#[derive(Debug, Default)]
pub struct Datapath {
    /// `tunnelProtocol`; until 1.14 also `tunnel`.
    pub tunnel_protocol: Fact<String>,
    /// `tunnelPort`, 0 for the usual one of the protocol.
    pub tunnel_port: Fact<i64>,
    /// `underlayProtocol`, new in 1.18
    pub underlay: Fact<String>,
    /// `ipv4.enabled`
    pub ipv4: Fact<bool>,
    /// `ipv6.enabled`
    pub ipv6: Fact<bool>,
    /// `MTU`, 0 to find it out.
    pub mtu: Fact<i64>,
    /// `k8sServiceHost`
    pub api_server_host: Fact<String>,
    /// `k8sServicePort`
    pub api_server_port: Fact<String>,
}

impl Datapath {
    pub(super) fn of(witnesses: &Witnesses<'_>) -> Self {
        let none = std::iter::empty;
        let text = |key: &str| witnesses.fact(&[key], facts::text, none());
        let flag = |path: &[&str]| witnesses.fact(path, read::boolean, none());
        let number = |key: &str| witnesses.fact(&[key], read::integer, none());
        Self {
            tunnel_protocol: tunnel_protocol(witnesses),
            tunnel_port: number("tunnelPort"),
            underlay: witnesses.fact(&["underlayProtocol"], underlay, none()),
            ipv4: flag(&["ipv4", "enabled"]),
            ipv6: flag(&["ipv6", "enabled"]),
            mtu: number("MTU"),
            api_server_host: text("k8sServiceHost"),
            api_server_port: text("k8sServicePort"),
        }
    }
}

/// An empty text leaves it at VXLAN, in every version.
fn protocol(node: &Node) -> Option<String> {
    let text = node.as_text()?;
    Some(if text.is_empty() { "vxlan" } else { text }.to_owned())
}

/// An empty text leaves it to the agent, which takes IPv4.
fn underlay(node: &Node) -> Option<String> {
    let text = node.as_text()?;
    Some(if text.is_empty() { "ipv4" } else { text }.to_owned())
}

fn tunnel_protocol(witnesses: &Witnesses<'_>) -> Fact<String> {
    let none = std::iter::empty;
    let fact = witnesses.fact(&["tunnelProtocol"], protocol, none());
    let is_old = witnesses
        .version
        .is_some_and(|version| (version.major, version.minor) < (1, 15));
    if matches!(
        fact.value,
        Known::Stated(_) | Known::Unknown(_) | Known::Malformed
    ) || !is_old
    {
        return fact;
    }
    let old = witnesses.fact(&["tunnel"], protocol, none());
    match old.value {
        Known::Stated(_) | Known::Unknown(_) => old,
        _ => fact,
    }
}
