use crate::finding::{Finding, Severity};
use crate::mesh::{CidrFault, MalformedCidr, Statement};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A value that ought to be a network is none.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-cidr",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/malformed-cidr.md"),
    check,
};

fn message(malformed: &MalformedCidr, clusters: &[String]) -> String {
    let field = malformed.place.route.rsplit('.').next().unwrap_or_default();
    let field = field.split('[').next().unwrap_or_default();
    let text = &malformed.text;
    let of = words::clusters(clusters);
    match malformed.fault {
        CidrFault::Unreadable => format!("`{text}` in `{field}` of {of} is no network"),
        CidrFault::NoPrefixLength => format!("`{text}` in `{field}` of {of} has no prefix length"),
        CidrFault::PrefixTooLong => {
            format!("`{text}` in `{field}` of {of} has a prefix length that is too long")
        }
        CidrFault::HostBits(net) => {
            format!("`{text}` in `{field}` of {of} has bits set behind its prefix: the network is `{net}`")
        }
        CidrFault::WrongFamily => format!("`{text}` in `{field}` of {of} is of the wrong address family"),
        CidrFault::Backwards => format!("the block that ends with `{text}` in {of} ends before it starts"),
    }
}

fn label(fault: CidrFault) -> String {
    match fault {
        CidrFault::Unreadable => "must be an address with a prefix length".to_owned(),
        CidrFault::NoPrefixLength => "`/n` is missing".to_owned(),
        CidrFault::PrefixTooLong => "at most /32 for IPv4, /128 for IPv6".to_owned(),
        CidrFault::HostBits(net) => format!("stands for `{net}`"),
        CidrFault::WrongFamily => "IPv4 and IPv6 do not go together here".to_owned(),
        CidrFault::Backwards => "comes before `start`".to_owned(),
    }
}

fn help(malformed: &MalformedCidr) -> String {
    match malformed.fault {
        CidrFault::HostBits(net) => format!("write `{net}`, or the prefix length that is meant"),
        CidrFault::NoPrefixLength => format!(
            "write `{}/n` with the prefix length of the network",
            malformed.text
        ),
        CidrFault::WrongFamily => "write a network of the family that the field is for".to_owned(),
        CidrFault::Backwards => "exchange `start` and `stop`".to_owned(),
        CidrFault::Unreadable | CidrFault::PrefixTooLong => {
            "write a network such as `10.42.0.0/16`".to_owned()
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    // What reaches the chart or a resource first: a setting that is substituted there is told of only once.
    let by_sureness = |setting: bool| {
        context
            .mesh
            .members
            .iter()
            .flat_map(|member| {
                member
                    .malformed_cidrs
                    .iter()
                    .map(move |malformed| (member, malformed))
            })
            // A map or list is of the wrong type, which the rule about fields tells.
            .filter(|(_, malformed)| malformed.place.node.as_scalar().is_some())
            .filter(move |(_, malformed)| (malformed.place.statement == Statement::Settings) == setting)
    };
    let sure: std::collections::BTreeSet<_> = by_sureness(false)
        .map(|(_, malformed)| malformed.place.edit_span())
        .collect();
    let settings = by_sureness(true).filter(|(_, malformed)| !sure.contains(&malformed.place.edit_span()));
    for (member, malformed) in by_sureness(false).chain(settings) {
        let span = malformed.place.edit_span();
        gathered.add(span, malformed.text.clone(), &member.name, malformed);
    }
    for (_, found) in gathered.into_faults() {
        let malformed = found.first;
        let finding = places::at(
            message(malformed, &found.clusters),
            &malformed.place,
            label(malformed.fault),
        )
        .help(help(malformed))
        .clusters(found.clusters);
        findings.push(match level(malformed) {
            Severity::Error => finding,
            milder => finding.severity(milder),
        });
    }
}

/// Host bits are dropped by everything that reads a network, so they only mislead. Of a setting nothing tells for sure
/// who reads it.
fn level(malformed: &MalformedCidr) -> Severity {
    let is_setting = malformed.place.statement == Statement::Settings;
    match malformed.fault {
        CidrFault::HostBits(_) => Severity::Warning,
        _ if is_setting => Severity::Warning,
        _ => Severity::Error,
    }
}
