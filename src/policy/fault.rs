//! What the agent says of a policy that it refuses.

use std::fmt;

use crate::yaml::Node;

/// Why a policy is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<'n> {
    /// Why.
    pub fault: Fault,
    /// The node that is at fault.
    pub node: &'n Node,
}

impl<'n> Refusal<'n> {
    pub(super) fn new(fault: Fault, node: &'n Node) -> Self {
        Self { fault, node }
    }
}

/// A reason to refuse a policy. Prints as the agent of Cilium 1.20 words it; older ones differ in capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Neither `spec` nor `specs`.
    NoSpec,
    /// No section, or only empty ones.
    NoSection,
    /// Neither selector.
    NoSelector,
    /// Both selectors.
    TwoSelectors,
    /// `nodeSelector` in a policy of a namespace.
    NodeSelectorInNamespace,
    /// A label selector that Kubernetes would not take; what is wrong with it.
    Selector(String),
    /// Two ways to name peers in one rule, as Cilium spells them.
    Combined(&'static str, &'static str),
    /// `toServices` with `toPorts`, before 1.17.
    ServicesWithPorts,
    /// `icmps` with `toPorts`.
    IcmpWithPorts,
    /// Rules about DNS on ingress; the words differ with where they are noticed.
    DnsOnIngress,
    /// Rules about HTTP or others in a policy about nodes.
    Layer7OnHost,
    /// `fromNodes` or `toNodes` without the option that makes nodes selectable.
    NodesNotSelectable,
    /// An entity that does not exist.
    Entity(String),
    /// Text that is no address and no network.
    Cidr(String),
    /// `cidr` of a set is no network.
    CidrInSet(String),
    /// An exception that lies outside of its network.
    ExceptOutside {
        /// The network.
        cidr: String,
        /// The exception.
        except: String,
    },
    /// A set without a network or a group.
    EmptyCidrSet,
    /// A set with more than one of them.
    FullCidrSet,
    /// More than 40 ports or ICMP types.
    TooMany(&'static str),
    /// A port without a number or name.
    NoPort,
    /// A port that is neither a number below 65536 nor the name of a service.
    Port(String),
    /// A port beside a protocol that has none.
    PortOfProtocol(String),
    /// A protocol that does not exist in this version.
    Protocol(String),
    /// Rules of layer 7 for a protocol other than TCP.
    Layer7Protocol(String),
    /// A range of ports with rules of layer 7 or DNS.
    PortRange,
    /// Rules of layer 7 for port 0.
    Layer7PortZero,
    /// Rules of layer 7 of several protocols in one `rules`.
    SeveralProtocols,
    /// DNS rules without a port.
    DnsWithoutPort,
    /// `l7` without `l7proto`.
    NoL7Proto,
    /// `serverNames` with rules of layer 7 and without TLS termination.
    ServerNamesWithRules,
    /// An empty server name.
    EmptyServerName,
    /// `listener` on ingress.
    ListenerOnIngress(String),
    /// `listener` with rules of layer 7.
    ListenerWithRules(String),
    /// An expression in a rule about HTTP that cannot be compiled.
    Expression(String),
    /// A header without a name, or an action that does not exist.
    Header(String),
    /// Name and pattern in one selector of names.
    NameAndPattern,
    /// Characters that no DNS name has.
    MatchName(String),
    /// Characters that no pattern of DNS names has.
    MatchPattern(String),
    /// The family of ICMP is none.
    Family(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSpec => f.write_str("Invalid CiliumNetworkPolicy spec(s): empty policy"),
            Self::NoSection => {
                f.write_str("rule must have at least one of Ingress, IngressDeny, Egress, EgressDeny")
            }
            Self::NoSelector => f.write_str("rule must have one of EndpointSelector or NodeSelector"),
            Self::TwoSelectors => f.write_str("rule cannot have both EndpointSelector and NodeSelector"),
            Self::NodeSelectorInNamespace => f.write_str("rule cannot have NodeSelector"),
            Self::Selector(why) => write!(f, "invalid label selector: {why}"),
            Self::Combined(one, other) => write!(f, "combining {one} and {other} is not supported yet"),
            Self::ServicesWithPorts => f.write_str("combining ToServices and ToPorts is not supported yet"),
            Self::IcmpWithPorts => f.write_str("the ICMPs block may only be present without ToPorts"),
            Self::DnsOnIngress => f.write_str("L7 protocol DNS is not supported on ingress yet"),
            Self::Layer7OnHost => f.write_str("host policies do not support L7 rules yet"),
            Self::NodesNotSelectable => f.write_str(
                "FromNodes/ToNodes rules can only be applied when the \"enable-node-selector-labels\" flag is set",
            ),
            Self::Entity(name) => write!(f, "unsupported entity: {name}"),
            Self::Cidr(text) if text.is_empty() => f.write_str("IP must be specified"),
            Self::Cidr(text) => write!(f, "unable to parse CIDR: {text}"),
            Self::CidrInSet(text) => write!(f, "unable to parse CIDRRule \"{text}\""),
            Self::ExceptOutside { cidr, except } => write!(
                f,
                "allow CIDR prefix {cidr} does not contain exclude CIDR prefix {except}"
            ),
            Self::EmptyCidrSet => {
                f.write_str("one of cidr, cidrGroupRef, or cidrGroupSelector is required")
            }
            Self::FullCidrSet => {
                f.write_str("more than one of cidr, cidrGroupRef, or cidrGroupSelector may not be set")
            }
            Self::TooMany(what) => write!(f, "too many {what}, the max is 40"),
            Self::NoPort => f.write_str("port must be specified"),
            Self::Port(text) => write!(f, "unable to parse port: {text}"),
            Self::PortOfProtocol(_) => f.write_str("port must be empty or 0"),
            Self::Protocol(name) => write!(f, "invalid protocol \"{name}\""),
            Self::Layer7Protocol(name) => {
                write!(f, "L7 rules can only apply to TCP (not {name}) except for DNS rules")
            }
            Self::PortRange => f.write_str("DNS rules do not support port ranges"),
            Self::Layer7PortZero => f.write_str("L7 rules can not be used when a port is 0"),
            Self::SeveralProtocols => {
                f.write_str("multiple L7 protocol rule types specified in single rule")
            }
            Self::DnsWithoutPort => f.write_str("port 53 must be specified for DNS rules"),
            Self::NoL7Proto => {
                f.write_str("'l7' may only be specified when a 'l7proto' is also specified")
            }
            Self::ServerNamesWithRules => {
                f.write_str("ServerNames are not allowed with L7 rules without TLS termination")
            }
            Self::EmptyServerName => f.write_str("empty server name is not allowed"),
            Self::ListenerOnIngress(name) => write!(f, "Listener is not allowed on ingress ({name})"),
            Self::ListenerWithRules(name) => write!(f, "Listener is not allowed with L7 rules ({name})"),
            Self::Expression(text) => write!(f, "error parsing regexp: `{text}`"),
            Self::Header(why) => f.write_str(why),
            Self::NameAndPattern => {
                f.write_str("only one of MatchName or MatchPattern is allowed in an FQDNSelector")
            }
            Self::MatchName(text) => write!(f, "Invalid characters in MatchName: \"{text}\""),
            Self::MatchPattern(text) => write!(f, "Invalid characters in MatchPattern: \"{text}\""),
            Self::Family(text) => write!(f, "wrong family: {text}"),
        }
    }
}
