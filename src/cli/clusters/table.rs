//! The clusters as text.

use std::io::{self, Write};

use super::facts::{Shown, shown};
use crate::flux::{Cluster, Delivery};
use crate::mesh::{Group, Known, Member, Mesh};
use crate::report::{Palette, in_words, one_line};
use crate::sink::count_unknown;
use crate::source::{SourceMap, Span};

/// Width of the column with the names of the facts.
const NAMES: usize = 17;
/// Values wider than this push their place out of its column.
const WIDEST_VALUE: usize = 40;

pub(super) fn write(
    mesh: &Mesh<'_>,
    sources: &SourceMap,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    for member in &mesh.members {
        let Some(cluster) = mesh.fleet.clusters.get(member.cluster) else {
            continue;
        };
        write_cluster(member, cluster, sources, palette, out)?;
        writeln!(out)?;
    }
    if mesh.groups.is_empty() {
        return writeln!(out, "no cluster is meshed with another");
    }
    mesh.groups
        .iter()
        .try_for_each(|group| writeln!(out, "{}", relation(mesh, group)))
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
    member: &Member,
    cluster: &Cluster,
    sources: &SourceMap,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", palette.bold(one_line(&cluster.name)))?;
    let rows = rows(member, cluster);
    let with_place = rows.iter().filter(|row| row.place.is_some());
    let width = with_place
        .map(|row| row.value.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDEST_VALUE);
    for Row { name, value, place } in rows {
        match place {
            None => writeln!(out, "  {name:<NAMES$}{value}")?,
            Some(span) => {
                let place = palette.dim(position(sources, span));
                writeln!(out, "  {name:<NAMES$}{value:<width$}  {place}")?;
            }
        }
    }
    Ok(())
}

fn rows(member: &Member, cluster: &Cluster) -> Vec<Row> {
    let mut rows = vec![Row {
        place: cluster.entry_span,
        ..Row::new("entry", &cluster.entry)
    }];
    for fact in shown(member) {
        rows.extend(in_table(&fact).map(|value| Row {
            place: fact.evidence.first().map(|first| first.span),
            ..Row::new(fact.name.replace('-', " "), value)
        }));
    }
    if !member.global_services.is_empty() {
        rows.push(Row::new("global services", member.global_services.len()));
    }
    if cluster.delivery == Delivery::Flux {
        rows.push(Row::new("kustomizations", cluster.kustomizations.len()));
        rows.push(Row::new("objects", cluster.objects().count()));
    }
    let unknown: Vec<String> = count_unknown(&[cluster])
        .into_iter()
        .map(|(reason, count)| in_words(reason, count))
        .collect();
    if !unknown.is_empty() {
        rows.push(Row::new("not known", unknown.join(", ")));
    }
    rows
}

/// What the table says of a fact; nothing for what nobody states.
fn in_table(fact: &Shown) -> Option<String> {
    Some(match &fact.value {
        Known::Stated(values) => values.join(", "),
        Known::Default(values) => format!("{} (by default)", values.join(", ")),
        Known::Absent => return None,
        Known::Malformed => {
            let text = fact
                .evidence
                .first()
                .map(|first| first.text.as_str())
                .unwrap_or_default();
            format!("`{text}` (malformed)")
        }
        Known::Unknown(reason) => format!("unknown ({reason})"),
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

fn relation(mesh: &Mesh<'_>, group: &Group) -> String {
    let names = |positions: &[usize]| {
        let members = positions.iter().filter_map(|at| mesh.members.get(*at));
        members
            .map(|member| one_line(&member.name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut text = format!("mesh: {}", names(&group.members));
    if group.connected.len() < 2 {
        text.push_str(" (configured, switched off)");
    } else if group.connected.len() < group.members.len() {
        text.push_str(&format!(" (connected: {})", names(&group.connected)));
    }
    if !group.external.is_empty() {
        text.push_str(&format!(
            "; peers outside of the repository: {}",
            one_line(&group.external.join(", "))
        ));
    }
    text
}
