//! The clusters as text.

use std::io::{self, Write};

use super::facts::{Shown, shown};
use crate::flux::{Cluster, Delivery};
use crate::mesh::{Group, Known, Member, Mesh};
use crate::report::{Palette, in_words, one_line};
use crate::sink::count_unknown;
use crate::source::{SourceMap, Span};

/// Width of the column with the names of the facts.
const NAMES: usize = 16;

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

fn write_cluster(
    member: &Member,
    cluster: &Cluster,
    sources: &SourceMap,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", palette.bold(one_line(&cluster.name)))?;
    let mut row = |name: &str, value: &str, place: Option<Span>| {
        let place = place.map(|span| position(sources, span)).unwrap_or_default();
        let line = format!("  {name:<NAMES$}{:<24}", one_line(value));
        writeln!(out, "{}", format!("{line}  {}", palette.dim(place)).trim_end())
    };
    row("entry", &cluster.entry.to_string(), cluster.entry_span)?;
    for fact in shown(member) {
        if let Some(value) = in_table(&fact) {
            row(
                &fact.name.replace('-', " "),
                &value,
                fact.evidence.first().map(|first| first.span),
            )?;
        }
    }
    if !member.global_services.is_empty() {
        row("global services", &member.global_services.len().to_string(), None)?;
    }
    if cluster.delivery == Delivery::Flux {
        row("kustomizations", &cluster.kustomizations.len().to_string(), None)?;
        row("objects", &cluster.objects().count().to_string(), None)?;
    }
    let unknown: Vec<String> = count_unknown(&[cluster])
        .into_iter()
        .map(|(reason, count)| in_words(reason, count))
        .collect();
    if !unknown.is_empty() {
        row("not known", &unknown.join(", "), None)?;
    }
    Ok(())
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
