//! Facts: values with every place that states them.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::finding::ObjectRef;
use crate::kustomize::Object;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The repository states it.
    Stated(T),
    /// Nothing states it, and the chart's default for the cluster's version holds.
    Default(T),
    /// Nothing states it and there is no default.
    Absent,
    /// Something states it, but not as a value of this type (`id: abc`); the evidence has the text.
    Malformed,
    /// It cannot be known from the repository.
    Unknown(UnknownReason),
}

impl<T> Known<T> {
    /// The value, only where the repository states it.
    pub fn stated(&self) -> Option<&T> {
        match self {
            Self::Stated(value) => Some(value),
            _ => None,
        }
    }
}

/// Who states a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// Values of the Cilium HelmRelease.
    HelmRelease,
    /// Values in another object that brings Cilium: a HelmChart of k3s, a CiliumConfig, the ConfigMap of a rendered chart.
    Manifest,
    /// A custom resource of Cilium, for example a CiliumLoadBalancerIPPool.
    Resource,
    /// A variable of the cluster settings, recognised by its name.
    Settings,
    /// The configuration of the machines that the cluster is made of: Talos, kubeadm, kind, k3s, Cluster API.
    Machine,
    /// Values that bootstrap the cluster before Flux runs, or all there is without Flux.
    Bootstrap,
}

/// A place in the repository that states something.
#[derive(Debug, Clone)]
pub struct Place {
    /// The node that states it: its origin has the span and the variables that went in.
    pub node: Node,
    /// Who states it.
    pub statement: Statement,
    /// The object that holds it; `None` for a plain values file.
    pub object: Option<ObjectRef>,
    /// The route inside the object, for example `spec.values.cluster.id`.
    pub route: String,
}

impl Place {
    /// A node of an object that states it itself, as custom resources and Secrets do.
    pub fn in_object(object: &Object, node: &Node, route: impl Into<String>) -> Self {
        Self {
            node: node.clone(),
            statement: Statement::Resource,
            object: Some(object.reference()),
            route: route.into(),
        }
    }

    /// The bytes to edit in order to change what is stated.
    pub fn edit_span(&self) -> Span {
        self.node.origin().edit_span()
    }

    /// Where the value takes effect, when that is not the place to edit: the scalar that holds the `${…}`.
    pub fn effect_span(&self) -> Option<Span> {
        let effect = self.node.span();
        (effect != self.edit_span()).then_some(effect)
    }

    /// The text of the stated scalar.
    pub fn text(&self) -> &str {
        self.node.as_text().unwrap_or_default()
    }
}

/// One place with the value read there.
#[derive(Debug, Clone)]
pub struct Evidence<T> {
    /// The value; `None` when it is malformed or unknown.
    pub value: Option<T>,
    /// Where it stands.
    pub place: Place,
}

/// A value with every place that states it. The evidence is ordered by authority: what Flux applies first.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// What holds.
    pub value: Known<T>,
    /// All places that state it.
    pub evidence: Vec<Evidence<T>>,
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self {
            value: Known::Absent,
            evidence: Vec::new(),
        }
    }
}

impl<T> Fact<T> {
    /// A fact that nothing can be said about.
    pub fn unknown(reason: UnknownReason) -> Self {
        Self {
            value: Known::Unknown(reason),
            evidence: Vec::new(),
        }
    }

    /// The value, stated or by default.
    pub fn get(&self) -> Option<&T> {
        match &self.value {
            Known::Stated(value) | Known::Default(value) => Some(value),
            _ => None,
        }
    }

    /// The value, only where the repository states it.
    pub fn stated(&self) -> Option<&T> {
        match &self.value {
            Known::Stated(value) => Some(value),
            _ => None,
        }
    }

    /// The place with the most authority.
    pub fn best(&self) -> Option<&Evidence<T>> {
        self.evidence.first()
    }

    /// Why the value cannot be known.
    pub fn unknown_reason(&self) -> Option<UnknownReason> {
        match self.value {
            Known::Unknown(reason) => Some(reason),
            _ => None,
        }
    }
}

impl Fact<bool> {
    /// Whether the value is known and true.
    pub fn is_true(&self) -> bool {
        self.get() == Some(&true)
    }
}

/// Addresses that a cluster uses, with the place that says so.
#[derive(Debug, Clone)]
pub struct Range {
    /// The first address.
    pub first: IpAddr,
    /// The last address.
    pub last: IpAddr,
    /// The network, unless the range is written as two addresses.
    pub net: Option<IpNet>,
    /// Where it stands; for a default of the chart: the nearest place where another value could be written.
    pub place: Place,
    /// Whether the chart's default gave it.
    pub by_default: bool,
}

impl Range {
    /// Whether both have an address in common.
    pub fn overlaps(&self, other: &Range) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.last && other.first <= self.last
    }

    /// Whether both are exactly the same addresses.
    pub fn is_same_as(&self, other: &Range) -> bool {
        (self.first, self.last) == (other.first, other.last)
    }

    /// Whether every address of `other` is in this range.
    pub fn contains(&self, other: &Range) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.first && other.last <= self.last
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.net {
            Some(net) => net.fmt(f),
            None if self.first == self.last => self.first.fmt(f),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

/// What is wrong with something that ought to be a CIDR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CidrFault {
    /// It is no address with a prefix length at all.
    Unreadable,
    /// An address without `/n`.
    NoPrefixLength,
    /// `/n` beyond what the address family has.
    PrefixTooLong,
    /// Bits are set behind the prefix: the network it stands for is another one than it looks like.
    HostBits(IpNet),
    /// An IPv6 network where IPv4 belongs, or the other way round.
    WrongFamily,
    /// The last address of a block comes before its first.
    Backwards,
}

/// A CIDR-typed value that is malformed.
#[derive(Debug, Clone)]
pub struct MalformedCidr {
    /// The text as it reached the field.
    pub text: String,
    /// What is wrong.
    pub fault: CidrFault,
    /// Where.
    pub place: Place,
}
