//! One cluster after the other, with the place of every fact.

use std::io::{self, Write};

use super::selection::{Described, relation};
use crate::fleet::Delivery;
use crate::mesh::shown::{NO_CILIUM, Shown, Value, shown};
use crate::mesh::{Group, Known, Member, Mesh};
use crate::neutral::one_line;
use crate::report::{Look, hanging, wrap};
use crate::source::{SourceMap, Span};
use crate::yaml::Node;

/// Values wider than this push their place out of its column.
const WIDEST_VALUE: usize = 40;

pub(super) fn write(
    mesh: &Mesh<'_>,
    described: &[Described<'_>],
    sources: &SourceMap,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for one in described {
        write_cluster(one, sources, look, out)?;
        writeln!(out)?;
    }
    if mesh.groups.is_empty() {
        return writeln!(out, "no cluster is meshed with another");
    }
    let has_one = |group: &&Group| {
        let is_shown = |member: &Member| described.iter().any(|one| std::ptr::eq(one.member, member));
        mesh.members_of(group).any(is_shown)
    };
    mesh.groups
        .iter()
        .filter(has_one)
        .try_for_each(|group| writeln!(out, "{}", hanging(&relation(mesh, group), look.width)))
}

/// A line of the table: the name of a fact, its value, and the place that states it.
struct Row {
    name: String,
    value: String,
    place: Option<Span>,
}

impl Row {
    fn new(name: impl Into<String>, value: impl ToString) -> Self {
        Self {
            name: name.into(),
            value: one_line(&value.to_string()),
            place: None,
        }
    }
}

fn write_cluster(
    described: &Described<'_>,
    sources: &SourceMap,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let palette = look.palette();
    writeln!(out, "{}", palette.bold(one_line(&described.cluster.name)))?;
    let rows = rows(described);
    let names = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let with_place = rows.iter().filter(|row| row.place.is_some());
    let values = with_place
        .map(|row| row.value.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDEST_VALUE);
    let indent = names + 4;
    for Row { name, value, place } in rows {
        let wrapped = wrap(&value, look.width.saturating_sub(indent));
        let value = wrapped.replace('\n', &format!("\n{:indent$}", ""));
        write!(out, "  {name:<names$}  ")?;
        match place.map(|span| position(sources, span)) {
            None => writeln!(out, "{value}")?,
            Some(place) => {
                let last = wrapped.lines().last().unwrap_or_default().chars().count();
                let is_beside = indent + last.max(values) + 2 + place.chars().count() <= look.width;
                let place = palette.dim(place);
                if is_beside {
                    let gap = values.saturating_sub(last);
                    writeln!(out, "{value}{:gap$}  {place}", "")?;
                } else {
                    writeln!(out, "{value}\n{:indent$}{place}", "")?;
                }
            }
        }
    }
    Ok(())
}

fn rows(described: &Described<'_>) -> Vec<Row> {
    let Described { member, cluster } = described;
    let mut rows = vec![Row {
        place: cluster.entry_span,
        ..Row::new("entry", &cluster.entry)
    }];
    for fact in shown(member).iter().filter(|fact| is_of_interest(fact, member)) {
        rows.extend(in_words_of(fact).map(|value| Row {
            place: fact.place(),
            ..Row::new(fact.name.replace('-', " "), value)
        }));
    }
    rows.extend(peers(member));
    if !member.global_services.is_empty() {
        rows.push(Row::new("global services", member.global_services.len()));
    }
    if cluster.delivery == Delivery::Flux {
        rows.push(Row::new("kustomizations", cluster.kustomizations.len()));
        rows.push(Row::new("objects", cluster.objects().count()));
    }
    let unknown = described.not_known();
    if !unknown.is_empty() {
        rows.push(Row::new("not known", unknown.join(", ")));
    }
    rows
}

/// Leaves out what follows from something else: without Cilium there is one line to say so, without an API server there
/// is nothing to say of it, and peers that are known have a line each.
fn is_of_interest(fact: &Shown, member: &Member) -> bool {
    if fact.value == Value::Unknown(NO_CILIUM) {
        return fact.name == "cilium";
    }
    match fact.name {
        "peers" => member.peers.get().is_none_or(Vec::is_empty),
        "tunnel-protocol" => !member.native_routing.is_true(),
        "encryption-type" | "node-encryption" => member.encryption.enabled.is_true(),
        name if name.starts_with("api-server-") || name.starts_with("tls-") => member.api_server.is_true(),
        _ => true,
    }
}

impl Shown {
    /// Where the value stands. The evidence for a default says something else.
    fn place(&self) -> Option<Span> {
        let holds = matches!(self.value, Value::Stated(_) | Value::Malformed);
        self.evidence.first().filter(|_| holds).map(|first| first.span)
    }
}

/// What is said of a fact; nothing for what nobody states.
fn in_words_of(fact: &Shown) -> Option<String> {
    let list = |values: &[String]| match values {
        [] => "none".to_owned(),
        values => values.join(", "),
    };
    Some(match &fact.value {
        Value::Stated(values) => list(values),
        Value::Default(values) => format!("{} (by default)", list(values)),
        Value::Absent => return None,
        Value::Malformed => {
            let text = fact.evidence.first().map(|first| first.text.as_str());
            format!("`{}` (malformed)", text.unwrap_or_default())
        }
        Value::Unknown(NO_CILIUM) => "none in the repository".to_owned(),
        Value::Unknown(reason) => format!("unknown ({reason})"),
    })
}

/// A line for each peer: its name, and the address that is dialled where it is stated.
fn peers(member: &Member) -> impl Iterator<Item = Row> {
    member.peers.get().into_iter().flatten().map(|peer| {
        let text = |known: &Known<Node>| match known {
            Known::Stated(node) => node.as_text().map(str::to_owned),
            _ => None,
        };
        let ips = match &peer.ips {
            Known::Stated(list) => list.items().iter().filter_map(Node::as_text).collect(),
            _ => Vec::new(),
        };
        let host = text(&peer.address).or_else(|| (!ips.is_empty()).then(|| ips.join("/")));
        let address = match (host, text(&peer.port)) {
            (Some(host), Some(port)) => format!(" at {host}, port {port}"),
            (Some(host), None) => format!(" at {host}"),
            (None, Some(port)) => format!(", port {port}"),
            (None, None) => String::new(),
        };
        Row {
            place: Some(peer.place.edit_span()),
            ..Row::new("peer", format!("{}{address}", peer.name))
        }
    })
}

fn position(sources: &SourceMap, span: Span) -> String {
    let file = sources.file(span.file);
    format!(
        "{}:{}",
        one_line(file.path().as_str()),
        file.line_column(span.start).line
    )
}
