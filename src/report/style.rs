//! How text for people looks: colour, links, width. Decided once by the command line, passed down as data.

use std::fmt;

use crate::finding::Severity;

/// Everything about a terminal that a report may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether to use ANSI colours.
    pub colour: bool,
    /// Whether rule names may be links to their pages, and paths to their files.
    pub links: bool,
    /// Columns at which prose is wrapped.
    pub width: usize,
    /// Whether the final lines with the figures are left out.
    pub quiet: bool,
    /// Whether every finding is shown with its lines, however many of a kind there are.
    pub full: bool,
}

impl Look {
    /// Plain text of a fixed width, as files, pipes and tests get it.
    pub const PLAIN: Self = Self {
        colour: false,
        links: false,
        width: 120,
        quiet: false,
        full: false,
    };

    /// Whether a text in this look has sequences that only terminals understand.
    pub fn escapes(self) -> bool {
        self.colour || self.links
    }

    /// The colours to use.
    pub fn palette(self) -> Palette {
        Palette { colour: self.colour }
    }
}

/// Wraps words in colours, or leaves them alone.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    colour: bool,
}

impl Palette {
    /// Bold text.
    pub fn bold<T: fmt::Display>(self, text: T) -> String {
        self.paint("1", text)
    }

    /// Less important text.
    pub fn dim<T: fmt::Display>(self, text: T) -> String {
        self.paint("2", text)
    }

    /// Text in the colour of a level.
    pub fn severity<T: fmt::Display>(self, severity: Severity, text: T) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        self.paint(code, text)
    }

    fn paint<T: fmt::Display>(self, code: &str, text: T) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}

/// Text that terminals show as a link (OSC 8). Both must be safe to print.
pub(super) fn hyperlink(uri: &str, text: &str) -> String {
    format!("\u{1b}]8;;{uri}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

/// Breaks text at spaces so that no line is wider than `width`, as far as its words allow. Names stay whole.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            wrapped.push('\n');
        }
        let mut column = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                wrapped.push('\n');
                column = 0;
            } else if column > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += length;
        }
    }
    wrapped
}

/// [`wrap`] for a text that may be indented: what is broken off stands two columns further in.
pub(crate) fn hanging(text: &str, width: usize) -> String {
    let rest = text.trim_start_matches(' ');
    let indent = " ".repeat(text.len() - rest.len());
    let wrapped = wrap(rest, width.saturating_sub(indent.len() + 2));
    format!("{indent}{}", wrapped.replace('\n', &format!("\n{indent}  ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_off_hangs() {
        assert_eq!(hanging("  one two three", 11), "  one two\n    three");
        assert_eq!(hanging("one two", 80), "one two");
    }

    #[test]
    fn wrapping_keeps_names_whole() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(
            wrap("`cluster-apps-infrastructure` is", 10),
            "`cluster-apps-infrastructure`\nis"
        );
        assert_eq!(wrap("a\nb c", 80), "a\nb c");
    }
}
