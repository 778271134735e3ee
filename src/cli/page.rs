//! Pages of rules on a terminal: paragraphs as wide as it is, code as it stands.

use std::io::{self, Write};

use crate::report::{Look, wrap};

pub(super) fn write(page: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let palette = look.palette();
    let mut paragraph = Paragraph::default();
    let mut in_block = false;
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if !in_block && !is_fence && !line.is_empty() && heading.len() == line.len() && !line.starts_with('|')
        {
            if is_item(line) {
                paragraph.flush(look, out)?;
            }
            paragraph.add(line);
            continue;
        }
        paragraph.flush(look, out)?;
        if is_fence {
            in_block = !in_block;
            writeln!(out, "{}", palette.dim(line))?;
        } else if !in_block && heading.starts_with(' ') {
            writeln!(out, "{}", palette.bold(line))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    paragraph.flush(look, out)
}

fn is_item(line: &str) -> bool {
    let text = line.trim_start();
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with("- ") || text.starts_with("* ") || digits.len() < text.len() && digits.starts_with(". ")
}

/// Lines that belong together.
#[derive(Default)]
struct Paragraph {
    text: String,
    /// Columns before its first line, and before all others.
    margins: (usize, usize),
}

impl Paragraph {
    fn add(&mut self, line: &str) {
        let text = line.trim_start();
        if self.text.is_empty() {
            let margin = line.len() - text.len();
            let mark = if is_item(line) {
                text.find(' ').map_or(0, |at| at + 1)
            } else {
                0
            };
            self.margins = (margin, margin + mark);
        } else {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn flush(&mut self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return Ok(());
        }
        let (first, others) = self.margins;
        let wrapped = wrap(&text, look.width.saturating_sub(others));
        let broken = format!("\n{:others$}", "");
        writeln!(out, "{:first$}{}", "", wrapped.replace('\n', &broken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_and_broken_at_the_width() {
        let page = "# a\n\none two\nthree four\n\n- one two three\n  four\n- b\n\n| a | b |\n\n```yaml\nlong: line as it is\n```\nend\n";
        let mut out = Vec::new();
        let look = Look {
            width: 14,
            ..Look::PLAIN
        };
        write(page, look, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "# a\n\none two three\nfour\n\n- one two\n  three four\n- b\n\n| a | b |\n\n```yaml\nlong: line as it is\n```\nend\n"
        );
    }
}
