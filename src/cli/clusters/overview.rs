//! All clusters beside each other.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::cell::{Cell, Mark, legend};
use super::columns::{Filled, filled};
use super::grid::{self, Column};
use super::selection::{Described, relation};
use crate::mesh::Mesh;
use crate::neutral::one_line;
use crate::report::{Look, hanging};

pub(super) fn write(
    mesh: &Mesh<'_>,
    described: &[Described<'_>],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (missed, columns): (Vec<Filled>, Vec<Filled>) =
        filled(mesh, described).into_iter().partition(Filled::is_empty);
    let laid: Vec<Column> = columns
        .iter()
        .map(|column| Column {
            header: column.header,
            cells: column.cells.iter().map(Cell::words).collect(),
        })
        .collect();
    grid::write(&laid, look.width, look.palette(), out)?;
    let notes = [marks(&columns), unstated(&missed, described), meshes(mesh)];
    for block in notes.iter().filter(|block| !block.is_empty()) {
        writeln!(out)?;
        for line in block {
            writeln!(out, "{}", hanging(line, look.width))?;
        }
    }
    Ok(())
}

/// What the marks in the table mean, of those that stand there.
fn marks(columns: &[Filled]) -> Vec<String> {
    let cells = columns.iter().flat_map(|column| &column.cells);
    let marks: BTreeSet<Mark> = cells.flat_map(Cell::marks).collect();
    let legend: Vec<(String, &str)> = marks.into_iter().filter_map(legend).collect();
    let width = legend.iter().map(|(mark, _)| mark.len()).max().unwrap_or(0);
    legend
        .into_iter()
        .map(|(mark, words)| format!("{mark:<width$}  {words}"))
        .collect()
}

/// The clusters of which the repository shows no Cilium, and so next to nothing, and what it states of none.
fn unstated(missed: &[Filled], described: &[Described<'_>]) -> Vec<String> {
    let without = described.iter().filter(|one| !one.member.has_cilium());
    let without: Vec<String> = without.map(|one| one_line(&one.cluster.name)).collect();
    if without.len() == described.len() {
        return vec!["the repository shows no Cilium for any cluster".to_owned()];
    }
    let mut lines = Vec::new();
    if !without.is_empty() {
        lines.push(format!(
            "the repository shows no Cilium for {}",
            without.join(", ")
        ));
    }
    let missed: Vec<&str> = missed
        .iter()
        .filter(|column| column.is_missed())
        .map(|column| column.header)
        .collect();
    if !missed.is_empty() {
        lines.push(format!("nothing states of any cluster: {}", missed.join(", ")));
    }
    lines
}

fn meshes(mesh: &Mesh<'_>) -> Vec<String> {
    if mesh.groups.is_empty() {
        return vec!["no cluster is meshed with another".to_owned()];
    }
    mesh.groups.iter().map(|group| relation(mesh, group)).collect()
}
