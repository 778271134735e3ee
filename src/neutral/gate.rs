//! The last thing that text for people goes through.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Verdict, is_harmless, judged};

/// What of our own is in a text that would not be let through otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Own {
    /// Colours and links for terminals.
    pub escapes: bool,
    /// Lines that are commands for GitHub.
    pub commands: bool,
}

/// Hands whole lines on, without what terminals and runners would obey.
#[derive(Debug)]
pub struct Gate<W: Write> {
    out: W,
    own: Own,
    line: Vec<u8>,
}

impl<W: Write> Gate<W> {
    /// A gate before `out`.
    pub fn new(out: W, own: Own) -> Self {
        Self {
            out,
            own,
            line: Vec::new(),
        }
    }

    /// Hands on what has no line break behind it, and gives back what it was written to.
    ///
    /// # Errors
    /// When that cannot be written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.hand_on()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.line);
        self.out.write_all(harmless(&text, self.own).as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.hand_on()?;
            }
        }
        Ok(bytes.len())
    }

    /// A line is only judged when all of it is there.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// One line as it may be printed.
fn harmless(line: &str, own: Own) -> Cow<'_, str> {
    let is_command = !own.commands && command_at(line, own).is_some();
    if is_harmless(line) && !is_command {
        return line.into();
    }
    let mut text = String::with_capacity(line.len() + 8);
    let mut own_until = 0;
    let command = command_at(line, own).filter(|_| is_command);
    let mut at = 0;
    for (c, verdict) in judged(line) {
        if c == '\u{1b}' && own.escapes {
            own_until = own_until.max(at + own_sequence(line.get(at..).unwrap_or_default()));
        }
        if at >= own_until && (verdict == Verdict::EndsMarker || command == Some(at)) {
            text.push(' ');
        }
        let is_kept = verdict != Verdict::Hidden || at < own_until;
        text.push(if is_kept { c } else { '\u{fffd}' });
        at += c.len_utf8();
    }
    text.into()
}

/// The second colon of a line that GitHub reads as a command (`ActionCommand.TryParseV2` trims it first).
fn command_at(line: &str, own: Own) -> Option<usize> {
    let mut rest = line;
    loop {
        let trimmed = rest
            .trim_start_matches(|c: char| c.is_whitespace() || super::verdict::is_hidden(c) && c != '\u{1b}');
        let skipped = if own.escapes {
            own_sequence(trimmed)
        } else {
            usize::from(trimmed.starts_with('\u{1b}'))
        };
        let after = trimmed.get(skipped..).unwrap_or_default();
        if after.len() == rest.len() {
            break;
        }
        rest = after;
    }
    rest.starts_with("::").then(|| line.len() - rest.len() + 1)
}

/// How many bytes a sequence of ours takes: a colour, or the beginning or end of a link (OSC 8).
fn own_sequence(text: &str) -> usize {
    if let Some(rest) = text.strip_prefix("\u{1b}[") {
        let digits = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b';')
            .count();
        return if rest.as_bytes().get(digits) == Some(&b'm') {
            digits + 3
        } else {
            0
        };
    }
    let Some(rest) = text.strip_prefix("\u{1b}]8;;") else {
        return 0;
    };
    let length = rest
        .bytes()
        .take_while(|byte| (b'!'..=b'~').contains(byte) && *byte != b'\\')
        .count();
    match rest.get(length..) {
        Some(end) if end.starts_with("\u{1b}\\") => "\u{1b}]8;;".len() + length + 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(text: &str, own: Own) -> String {
        let mut gate = Gate::new(Vec::new(), own);
        // In pieces that cut everything in two.
        text.as_bytes()
            .iter()
            .for_each(|byte| gate.write_all(&[*byte]).unwrap());
        String::from_utf8(gate.finish().unwrap()).unwrap()
    }

    #[test]
    fn our_own_colours_and_links_are_let_through_and_nothing_like_them() {
        let own = Own {
            escapes: true,
            commands: false,
        };
        let ours = "\u{1b}[1;31mred\u{1b}[0m \u{1b}]8;;file:///a%20b\u{1b}\\a b\u{1b}]8;;\u{1b}\\\n";
        assert_eq!(through(ours, own), ours);
        for theirs in [
            "\u{1b}[2J",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]8;;\u{7}",
            "\u{1b}c",
            "\u{1b}[8",
            "\u{1b}",
            "\u{9b}31m",
        ] {
            assert!(
                !through(theirs, own).contains(['\u{1b}', '\u{7}', '\u{9b}']),
                "{theirs:?}"
            );
        }
        assert!(!through(ours, Own::default()).contains('\u{1b}'));
    }

    #[test]
    fn a_line_that_is_a_command_is_none_any_more() {
        let plain = |text: &str| through(text, Own::default());
        assert_eq!(
            plain("::set-output name=a::b\n  ::x::y\na ::x::y"),
            ": :set-output name=a::b\n  : :x::y\na ::x::y"
        );
        assert_eq!(plain("\u{2003}\u{a0}::x::"), "\u{2003}\u{a0}: :x::");
        assert_eq!(plain("\u{200b}::x::"), "\u{fffd}: :x::");
        let ours = Own {
            escapes: false,
            commands: true,
        };
        assert_eq!(
            through("::error file=a::##[b]\n", ours),
            "::error file=a::# #[b]\n"
        );
        let coloured = Own {
            escapes: true,
            commands: false,
        };
        assert_eq!(
            through("\u{1b}[1m::x::\u{1b}[0m", coloured),
            "\u{1b}[1m: :x::\u{1b}[0m"
        );
    }
}
