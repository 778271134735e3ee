//! Who parses a policy.

/// Which of the two kinds a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A CiliumNetworkPolicy.
    Namespace,
    /// A CiliumClusterwideNetworkPolicy.
    Cluster,
}

/// The agent that parses a policy, with the options that its verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct Agent {
    /// The minor of Cilium 1, one of [`super::READ`].
    pub minor: u64,
    /// `--enable-node-selector-labels`: nodes may be selected by labels. Without it `fromNodes` and `toNodes` are refused.
    pub node_labels: bool,
    /// `--enable-extended-ip-protocols`: protocols without ports may be named.
    pub extended_protocols: bool,
}

impl Agent {
    pub(super) fn is_before(&self, minor: u64) -> bool {
        self.minor < minor
    }
}
