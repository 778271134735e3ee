//! Columns beside each other, in as many tables as the width asks for.

use std::io::{self, Write};

use crate::report::Palette;

/// A cell whose parts take more than this is broken into lines.
const WIDEST_CELL: usize = 32;
const GAP: usize = 2;

/// A column; `cells` are the parts of each row's cell.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) header: &'static str,
    pub(super) cells: Vec<Vec<String>>,
}

/// A column with its cells broken into lines.
struct Laid {
    header: &'static str,
    cells: Vec<Vec<String>>,
    width: usize,
}

/// Writes tables of at most `width` columns of characters, as far as single cells allow. Every table begins with the first column,
/// which names the rows.
pub(super) fn write(
    columns: &[Column],
    width: usize,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let laid: Vec<Laid> = columns.iter().map(Laid::new).collect();
    let Some((names, rest)) = laid.split_first() else {
        return Ok(());
    };
    let mut table: Vec<&Laid> = Vec::new();
    let mut used = names.width;
    let mut first = true;
    for column in rest {
        if !table.is_empty() && used + GAP + column.width > width {
            write_table(names, &table, first, palette, out)?;
            first = false;
            table.clear();
            used = names.width;
        }
        used += GAP + column.width;
        table.push(column);
    }
    write_table(names, &table, first, palette, out)
}

fn write_table(
    names: &Laid,
    columns: &[&Laid],
    first: bool,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    if !first {
        writeln!(out)?;
    }
    let all = || std::iter::once(names).chain(columns.iter().copied());
    let header = line(all().map(|column| (column.header, column.width)));
    writeln!(out, "{}", palette.bold(header))?;
    for row in 0..names.cells.len() {
        let height = all().map(|column| column.lines(row).len()).max().unwrap_or(0);
        for nth in 0..height {
            let cells = all().map(|column| {
                let text = column.lines(row).get(nth).map_or("", String::as_str);
                (text, column.width)
            });
            writeln!(out, "{}", line(cells))?;
        }
    }
    Ok(())
}

fn line<'a>(cells: impl Iterator<Item = (&'a str, usize)>) -> String {
    let mut text = String::new();
    for (cell, width) in cells {
        text.push_str(&format!("{cell:<width$}{:GAP$}", ""));
    }
    text.truncate(text.trim_end().len());
    text
}

impl Laid {
    fn new(column: &Column) -> Self {
        let cells: Vec<Vec<String>> = column.cells.iter().map(|parts| broken(parts)).collect();
        let widest = cells.iter().flatten().map(|line| line.chars().count()).max();
        Self {
            header: column.header,
            width: widest.unwrap_or(0).max(column.header.chars().count()),
            cells,
        }
    }

    fn lines(&self, row: usize) -> &[String] {
        self.cells.get(row).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Parts joined by commas, as many on a line as fit.
fn broken(parts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (nth, part) in parts.iter().enumerate() {
        let comma = if nth + 1 < parts.len() { "," } else { "" };
        match lines.last_mut() {
            Some(last) if last.chars().count() + 2 + part.chars().count() <= WIDEST_CELL => {
                last.push_str(&format!(" {part}{comma}"));
            }
            _ => lines.push(format!("{part}{comma}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Look;

    fn written(columns: &[(&'static str, &[&[&str]])], width: usize) -> String {
        let columns: Vec<Column> = columns
            .iter()
            .map(|(header, cells)| Column {
                header,
                cells: cells
                    .iter()
                    .map(|parts| parts.iter().map(|part| (*part).to_owned()).collect())
                    .collect(),
            })
            .collect();
        let mut out = Vec::new();
        write(&columns, width, Look::PLAIN.palette(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const COLUMNS: [(&str, &[&[&str]]); 3] = [
        ("WHO", &[&["a"], &["bcde"]]),
        ("X", &[&["1"], &["22"]]),
        ("LONG", &[&["333333"], &["4"]]),
    ];

    #[test]
    fn what_does_not_fit_goes_into_a_table_of_its_own() {
        assert_eq!(
            written(&COLUMNS, 16),
            "WHO   X   LONG\na     1   333333\nbcde  22  4\n"
        );
        let apart = "WHO   X\na     1\nbcde  22\n\nWHO   LONG\na     333333\nbcde  4\n";
        assert_eq!(written(&COLUMNS, 15), apart);
        assert_eq!(written(&COLUMNS, 1), apart);
    }

    #[test]
    fn long_lists_take_several_lines() {
        let names: Vec<String> = (10..30).map(|number| format!("c{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = written(&[("WHO", &[&["a"], &["b"]]), ("PEERS", &[&names, &["c10"]])], 80);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            (lines[1], lines[2]),
            (
                "a    c10, c11, c12, c13, c14, c15,",
                "     c16, c17, c18, c19, c20, c21,"
            )
        );
        assert_eq!(lines.last(), Some(&"b    c10"));
        assert!(lines.iter().all(|line| line.len() <= 5 + WIDEST_CELL));
    }
}
