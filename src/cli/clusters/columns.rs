//! The columns of the overview.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cell;
use super::selection::Described;
use crate::fleet::Delivery;
use crate::mesh::shown::{Shown, Value, shown};
use crate::mesh::{Group, Known, Member, Mesh};

/// From this size of a mesh on, peers that are all others are not listed.
const MANY: usize = 4;

/// A column before it is laid out.
pub(super) struct Filled {
    pub(super) header: &'static str,
    pub(super) cells: Vec<Cell>,
}

/// Everything a cell is made of.
struct Row<'a> {
    mesh: &'a Mesh<'a>,
    described: &'a Described<'a>,
    facts: BTreeMap<&'static str, Shown>,
}

impl Filled {
    /// Whether nothing is said of any cluster.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    /// Whether nothing at all is worth a word: it may be stated of any cluster, and does not hang on another column.
    pub(super) fn is_missed(&self) -> bool {
        let may_be_stated = [
            "ID",
            "NAME",
            "PODS",
            "SERVICES",
            "NODES",
            "LOAD BALANCERS",
            "CILIUM",
        ];
        self.is_empty() && may_be_stated.contains(&self.header)
    }
}

type Fill = fn(&Row<'_>) -> Cell;

/// Identity and addresses first, then how the clusters speak to each other, then figures.
const COLUMNS: [(&str, Fill); 18] = [
    ("CLUSTER", |row| Cell::plain(&row.described.cluster.name)),
    ("ID", |row| row.cell("cluster-id")),
    ("NAME", |row| row.cell("cluster-name")),
    ("PODS", |row| row.cell("pods")),
    ("SERVICES", |row| row.cell("services")),
    ("NODES", |row| row.cell("nodes")),
    ("LOAD BALANCERS", |row| row.cell("load-balancers")),
    ("CILIUM", |row| row.cell("cilium")),
    ("ROUTING", routing),
    ("NATIVE CIDR", |row| row.cell("native-cidr")),
    ("ENCRYPTION", encryption),
    ("API SERVER", api_server),
    ("TLS", tls),
    ("PEERS", peers),
    ("GLOBAL SERVICES", |row| {
        counted(row.described.member.global_services.len())
    }),
    ("KUSTOMIZATIONS", |row| {
        of_flux(row, row.described.cluster.kustomizations.len())
    }),
    ("OBJECTS", |row| {
        of_flux(row, row.described.cluster.objects().count())
    }),
    ("NOT KNOWN", |row| Cell::listed(row.described.not_known())),
];

/// Every column, those with nothing in them included.
pub(super) fn filled(mesh: &Mesh<'_>, described: &[Described<'_>]) -> Vec<Filled> {
    let rows: Vec<Row<'_>> = described.iter().map(|one| Row::new(mesh, one)).collect();
    COLUMNS
        .into_iter()
        .map(|(header, fill)| Filled {
            header,
            cells: rows.iter().map(fill).collect(),
        })
        .collect()
}

impl<'a> Row<'a> {
    fn new(mesh: &'a Mesh<'a>, described: &'a Described<'a>) -> Self {
        let facts = shown(described.member).into_iter();
        Self {
            mesh,
            described,
            facts: facts.map(|fact| (fact.name, fact)).collect(),
        }
    }

    fn cell(&self, name: &str) -> Cell {
        self.facts.get(name).map_or_else(Cell::nothing, Cell::of)
    }

    fn in_words(&self, name: &str, words: &str) -> Cell {
        self.facts
            .get(name)
            .map_or_else(Cell::nothing, |fact| Cell::in_words(fact, words))
    }

    /// Whether a switch is on; `None` where that cannot be told.
    fn is_on(&self, name: &str) -> Option<bool> {
        match &self.facts.get(name)?.value {
            Value::Stated(values) | Value::Default(values) => Some(values.first()? == "true"),
            _ => None,
        }
    }
}

fn counted(number: usize) -> Cell {
    if number == 0 {
        Cell::nothing()
    } else {
        Cell::plain(number)
    }
}

/// Where there is no Flux there is nothing to count.
fn of_flux(row: &Row<'_>, number: usize) -> Cell {
    match row.described.cluster.delivery {
        Delivery::Flux => Cell::plain(number),
        Delivery::Values => Cell::nothing(),
    }
}

fn routing(row: &Row<'_>) -> Cell {
    match row.is_on("native-routing") {
        Some(true) => row.in_words("native-routing", "native"),
        Some(false) => row
            .in_words("native-routing", "tunnel")
            .with(row.cell("tunnel-protocol")),
        None => row.cell("native-routing"),
    }
}

fn encryption(row: &Row<'_>) -> Cell {
    match row.is_on("encryption") {
        Some(true) => {
            let kind = row.cell("encryption-type");
            match row.is_on("node-encryption") {
                Some(true) => kind.with(row.in_words("node-encryption", "nodes too")),
                _ => kind,
            }
        }
        Some(false) => row.in_words("encryption", "off"),
        None => row.cell("encryption"),
    }
}

/// How peers reach the API server of the mesh.
fn api_server(row: &Row<'_>) -> Cell {
    match row.is_on("mesh-api-server") {
        Some(true) => {}
        Some(false) => return row.in_words("mesh-api-server", "off"),
        None => return row.cell("mesh-api-server"),
    }
    let kind = row.cell("api-server-type");
    if kind.is("NodePort") {
        return kind.with(row.cell("api-server-node-port"));
    }
    kind.with(row.cell("api-server-addresses"))
        .with(row.cell("api-server-names"))
}

/// What it asks of peers that log in, and who makes its certificates.
fn tls(row: &Row<'_>) -> Cell {
    if row.is_on("mesh-api-server") != Some(true) {
        return Cell::nothing();
    }
    let maker = match row.is_on("tls-auto") {
        Some(false) => row.in_words("tls-auto", "own certificates"),
        _ => row.cell("tls-method"),
    };
    row.cell("tls-auth-mode").with(maker)
}

fn peers(row: &Row<'_>) -> Cell {
    let member = row.described.member;
    let group = row.mesh.members.iter().position(|one| std::ptr::eq(one, member));
    let group = group.and_then(|at| row.mesh.group_of(at));
    match group {
        Some(group) if names_all_others(row.mesh, group, member) => {
            Cell::plain(format!("all {} others", group.members.len() - 1))
        }
        _ => row.cell("peers"),
    }
}

/// Whether a cluster of a mesh of many names every other one, and nobody else.
fn names_all_others(mesh: &Mesh<'_>, group: &Group, member: &Member) -> bool {
    if group.members.len() < MANY || member.peers_hidden {
        return false;
    }
    let named: BTreeSet<&str> = (member.peers.get().into_iter().flatten())
        .map(|peer| peer.name.as_str())
        .filter(|name| !member.is_called(name))
        .collect();
    let others: BTreeSet<&str> = mesh
        .members_of(group)
        .filter(|other| !std::ptr::eq(*other, member))
        .map(name_in_mesh)
        .collect();
    others.len() + 1 == group.members.len() && named == others
}

/// See [`Member::is_called`].
fn name_in_mesh(member: &Member) -> &str {
    match &member.cluster_name.value {
        Known::Stated(own) => own,
        _ => &member.name,
    }
}
