use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Link, Peering};
use crate::mesh::{Known, Member, Mesh, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A cluster dials an address that is not its peer's.
pub(crate) static RULE: Rule = Rule {
    name: "peer-address-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/peer-address-mismatch.md"),
    check,
};

/// What is dialled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Dialled {
    Ip(IpAddr),
    Name(String),
}

/// Whose address it is instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'m> {
    Another(&'m str),
    Nobody,
}

fn message(callers: &[String], link: Link<'_>, dialled: &Dialled, owner: Owner<'_>) -> String {
    let (s, of, peer) = (words::s(callers), words::clusters(callers), &link.peer.name);
    let address = match dialled {
        Dialled::Ip(address) => address.to_string(),
        Dialled::Name(name) => name.clone(),
    };
    match owner {
        Owner::Another(other) => {
            format!("{of} dial{s} peer `{peer}` at `{address}`, which is the address of `{other}`")
        }
        Owner::Nobody => {
            format!("{of} dial{s} peer `{peer}` at `{address}`, but its API server asks for another address")
        }
    }
}

fn help(link: Link<'_>) -> String {
    match link.to.offer.addresses.stated() {
        Some(addresses) => {
            let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
            format!(
                "dial {}, the address of `{}`",
                words::all_of(&addresses),
                link.to.name
            )
        }
        None => format!("dial the address of `{}`", link.to.name),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let owners = Owners::of(context.mesh);
    let mut gathered = Gathered::new();
    for link in Peering::of(context.mesh).links() {
        for (dialled, node, key) in dialled(link) {
            if let Some(owner) = owners.wrong(link, &dialled) {
                let place = Place {
                    node: node.clone(),
                    ..peering::field(link.peer, key)
                };
                gathered.add(
                    place.edit_span(),
                    (dialled, owner),
                    &link.from.name,
                    (link, place),
                );
            }
        }
    }
    for ((dialled, owner), found) in gathered.into_faults() {
        let (link, place) = &found.first;
        let label = format!("not the address of `{}`", link.to.name);
        let finding = places::at(message(&found.clusters, *link, &dialled, owner), place, label);
        let stated = link.to.offer.addresses.best().map(|evidence| &evidence.place);
        let finding = match stated {
            Some(place) => places::also(
                finding,
                place,
                format!("`{}` asks for its address here", link.to.name),
            ),
            None => finding,
        };
        findings.push(
            finding
                .help(help(*link))
                .clusters(found.clusters)
                .clusters([link.to.name.as_str()]),
        );
    }
}

/// What is dialled, with the node that says so and the field it belongs to: `ips` win over `address`.
fn dialled<'m>(link: Link<'m>) -> Vec<(Dialled, &'m Node, &'static str)> {
    match (&link.peer.ips, &link.peer.address) {
        (Known::Stated(ips), _) => {
            let read = |node: &'m Node| Some((Dialled::Ip(node.as_text()?.parse().ok()?), node, "ips"));
            ips.items().iter().filter_map(read).collect()
        }
        (Known::Absent, Known::Stated(address)) => {
            let Some(text) = address.as_text() else {
                return Vec::new();
            };
            let dialled = text.parse().map_or_else(
                |_| Dialled::Name(text.trim_end_matches('.').to_ascii_lowercase()),
                Dialled::Ip,
            );
            vec![(dialled, address, "address")]
        }
        _ => Vec::new(),
    }
}

/// Who asks for which address, and who for which name.
struct Owners<'m>(BTreeMap<Dialled, Vec<&'m Member>>);

impl<'m> Owners<'m> {
    fn of(mesh: &'m Mesh<'_>) -> Self {
        let mut owners: BTreeMap<Dialled, Vec<&Member>> = BTreeMap::new();
        for member in &mesh.members {
            let addresses = member
                .offer
                .addresses
                .stated()
                .into_iter()
                .flatten()
                .copied()
                .map(Dialled::Ip);
            let names = member.offer.hostnames.stated().into_iter().flatten();
            let names = names.map(|name| Dialled::Name(name.to_ascii_lowercase()));
            for dialled in addresses.chain(names) {
                owners.entry(dialled).or_default().push(member);
            }
        }
        Self(owners)
    }

    /// Whose address it is, if not the peer's.
    fn wrong(&self, link: Link<'_>, dialled: &Dialled) -> Option<Owner<'m>> {
        let owners = self.0.get(dialled).map_or(&[][..], Vec::as_slice);
        if owners.iter().any(|owner| owner.cluster == link.to.cluster) {
            return None;
        }
        let reachable = link
            .to
            .offer
            .service_type
            .get()
            .is_some_and(|kind| kind == "LoadBalancer");
        match (owners.first(), dialled) {
            (Some(other), _) => Some(Owner::Another(&other.name)),
            // A name may lead anywhere, and so may an address of another kind of Service.
            (None, Dialled::Ip(_))
                if reachable
                    && link
                        .to
                        .offer
                        .addresses
                        .stated()
                        .is_some_and(|all| !all.is_empty()) =>
            {
                Some(Owner::Nobody)
            }
            _ => None,
        }
    }
}
