//! The few source lines that a finding shows: cut out, shortened and made safe to print before any renderer sees them.

use std::borrow::Cow;
use std::ops::Range;

use super::run::Report;
use super::style::wrap;
use super::uri;
use crate::finding::Label;
use crate::neutral::{one_line, printable};
use crate::source::{FileId, LineColumn, SourceFile, Span};

/// Lines shown before and after a labelled one.
const CONTEXT: usize = 1;
/// Columns that a report draws before a line, besides the digits of its number.
const GUTTER: usize = 4;
/// Columns of `╰── ` before the words of a label.
const ARROW: usize = 4;
/// Columns that the words of a label need at least, as far as the width allows.
const WORDS: usize = 24;

/// Consecutive lines of one file with the labels on them.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file.
    pub(super) path: String,
    /// Where it lies on this machine, as a URI.
    pub(super) uri: Option<String>,
    /// The lines, each with a line break behind it.
    pub(super) text: String,
    /// Number of the first line, from 1.
    pub(super) first_line: usize,
    /// How many lines there are.
    pub(super) line_count: usize,
    /// Sorted by position.
    pub(super) marks: Vec<Mark>,
}

/// A label on an [`Excerpt`]. It never reaches over the end of a line.
#[derive(Debug)]
pub(super) struct Mark {
    /// First byte in [`Excerpt::text`].
    pub(super) start: usize,
    /// Behind the last byte.
    pub(super) end: usize,
    /// Where that is in the file.
    pub(super) at: LineColumn,
    /// The words of the label, broken where there is no room for all of them beside each other.
    pub(super) text: String,
    /// Whether this is the place to edit.
    pub(super) primary: bool,
}

/// The excerpts for some labels: the file of the primary label first, the others in the order in which labels name them.
pub(super) fn excerpts(report: &Report<'_>, labels: &[Label]) -> Vec<Excerpt> {
    let mut files: Vec<FileId> = Vec::new();
    let primary_first = labels
        .iter()
        .filter(|l| l.primary)
        .chain(labels.iter().filter(|l| !l.primary));
    for label in primary_first {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
        .into_iter()
        .flat_map(|id| {
            let labels = labels.iter().filter(|l| l.span.file == id);
            let secrets = report.outcome.secrets.get(&id).map(Vec::as_slice);
            let lines = Lines::of(report.sources.file(id), secrets.unwrap_or_default());
            of_file(&lines, report.look.width, labels)
        })
        .collect()
}

/// A label with the line (from 0) and the bytes within it.
struct Placed<'a> {
    line: usize,
    start: usize,
    end: usize,
    label: &'a Label,
}

fn of_file<'a>(lines: &Lines<'_>, width: usize, labels: impl Iterator<Item = &'a Label>) -> Vec<Excerpt> {
    let mut placed: Vec<Placed<'a>> = labels.map(|label| lines.place(label)).collect();
    placed.sort_by_key(|one| (one.line, one.start, one.end));
    let mut groups: Vec<Vec<Placed<'a>>> = Vec::new();
    for one in placed {
        match groups.last_mut() {
            // Contexts that touch become one excerpt.
            Some(group)
                if group
                    .last()
                    .is_some_and(|last| one.line <= last.line + 2 * CONTEXT + 1) =>
            {
                group.push(one)
            }
            _ => groups.push(vec![one]),
        }
    }
    groups.iter().map(|group| cut(lines, width, group)).collect()
}

fn cut(lines: &Lines<'_>, width: usize, group: &[Placed<'_>]) -> Excerpt {
    let file = lines.file;
    let first = group.first().map_or(0, |one| one.line);
    let last = group.last().map_or(0, |one| one.line);
    let from = first.saturating_sub(CONTEXT);
    let to = (last + CONTEXT).min(lines.count().saturating_sub(1)).max(last);
    let mut excerpt = Excerpt {
        path: one_line(file.path().as_str()),
        uri: file.on_disk().and_then(uri::of_file),
        text: String::new(),
        first_line: from + 1,
        line_count: to - from + 1,
        marks: Vec::new(),
    };
    let digits = (to + 1).to_string().len();
    let room = width.saturating_sub(digits + GUTTER).max(WORDS);
    for number in from..=to {
        let here = group.iter().filter(|one| one.line == number);
        push_line(&mut excerpt, file, room, &lines.shown(number), here.collect());
    }
    excerpt
}

fn push_line(
    excerpt: &mut Excerpt,
    file: &SourceFile,
    room: usize,
    line: &Line<'_>,
    marks: Vec<&Placed<'_>>,
) {
    let first = marks.first().map_or(0, |one| line.moved(one.start));
    let window = window(&line.bytes, room, first);
    let cut_off = if window.start > 0 { "…" } else { "" };
    let through = |offset: usize| {
        let bytes = line.bytes.get(window.start..offset).unwrap_or_default();
        format!("{cut_off}{}", show(bytes))
    };
    let shown = |offset: usize| {
        let offset = character_border(&line.bytes, line.moved(offset));
        through(offset.clamp(window.start, window.end))
    };
    let base = excerpt.text.len();
    for one in marks {
        let (start, end) = (shown(one.start), shown(one.end.max(one.start)));
        let span = one.label.span;
        let position = Span::new(
            span.file,
            (span.start as usize).min(file.bytes().map_or(0, <[u8]>::len)),
            0,
        );
        let (end, words) = beside(&start, end, room, &printable(&one.label.text));
        excerpt.marks.push(Mark {
            start: base + start.len(),
            end: base + end,
            at: file.line_column(position.start),
            text: words,
            primary: one.label.primary,
        });
    }
    excerpt.text.push_str(&through(window.end));
    if window.end < line.bytes.len() {
        excerpt.text.push('…');
    }
    excerpt.text.push('\n');
}

/// Where a mark ends so that the words of its label, which stand below its middle, have room, and the words broken to fit.
fn beside(before: &str, through: String, room: usize, words: &str) -> (usize, String) {
    let columns = |text: &str| text.chars().count();
    let (start, end) = (columns(before), columns(&through));
    let needed = columns(words).min(WORDS);
    let last_middle = room.saturating_sub(ARROW + needed);
    let middle = usize::midpoint(start, end);
    let end = if middle > last_middle && last_middle > start {
        2 * last_middle - start
    } else {
        end
    };
    let kept: usize = through.chars().take(end).map(char::len_utf8).sum();
    let left = room.saturating_sub(usize::midpoint(start, end) + ARROW);
    (kept, wrap(words, left.max(needed)))
}

fn show(bytes: &[u8]) -> String {
    printable(&String::from_utf8_lossy(bytes)).replace('\u{feff}', "")
}

/// The part of a line to show: all of it, else what has room, with its first label in it.
fn window(line: &[u8], room: usize, label: usize) -> Range<usize> {
    let is_first = |byte: &u8| byte & 0xc0 != 0x80;
    let columns = |bytes: &[u8]| bytes.iter().filter(|byte| is_first(byte)).count();
    if columns(line) <= room {
        return 0..line.len();
    }
    let before = columns(line.get(..label).unwrap_or(line));
    // A sign at each end says that something is cut off.
    let skipped = if before <= room / 3 { 0 } else { before - room / 4 };
    let offset = |column: usize| {
        let mut starts = line.iter().enumerate().filter(|(_, byte)| is_first(byte));
        starts.nth(column).map_or(line.len(), |(at, _)| at)
    };
    offset(skipped)..offset(skipped + room.saturating_sub(2))
}

/// The next offset that does not cut a character in two.
fn character_border(line: &[u8], offset: usize) -> usize {
    let is_inside = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (offset..line.len())
        .find(|at| !is_inside(at))
        .unwrap_or(line.len())
}

/// What stands in the place of a secret.
const REDACTED: &[u8] = b"[redacted]";

/// A line as it is shown.
struct Line<'a> {
    bytes: Cow<'a, [u8]>,
    /// What of the line in the file is replaced.
    hidden: Vec<Range<usize>>,
}

impl<'a> Line<'a> {
    fn new(bytes: &'a [u8], hidden: Vec<Range<usize>>) -> Self {
        let mut shown = Cow::Borrowed(bytes);
        for range in hidden.iter().rev() {
            shown.to_mut().splice(range.clone(), REDACTED.iter().copied());
        }
        Self { bytes: shown, hidden }
    }

    /// Where an offset of the line in the file lies: that of a byte within a secret, at its end.
    fn moved(&self, offset: usize) -> usize {
        let before = self.hidden.iter().filter(|range| range.start < offset);
        before.fold(offset, |at, range| {
            at + REDACTED.len() + range.end.saturating_sub(offset) - range.len()
        })
    }
}

/// The lines of a file that can be read, or none.
struct Lines<'a> {
    file: &'a SourceFile,
    bytes: &'a [u8],
    starts: &'a [u32],
    secrets: &'a [Range<usize>],
}

impl<'a> Lines<'a> {
    fn of(file: &'a SourceFile, secrets: &'a [Range<usize>]) -> Self {
        Self {
            file,
            bytes: file.bytes().unwrap_or_default(),
            starts: file.line_starts(),
            secrets,
        }
    }

    fn start(&self, number: usize) -> usize {
        self.starts
            .get(number)
            .map_or(self.bytes.len(), |&start| start as usize)
    }

    /// The line without what is secret of it.
    fn shown(&self, number: usize) -> Line<'a> {
        let (start, line) = (self.start(number), self.get(number));
        let margin = line.len() - line.trim_ascii_start().len();
        let within = |range: &Range<usize>| {
            let from = range.start.saturating_sub(start).max(margin);
            let to = range.end.saturating_sub(start).min(line.len());
            (from < to).then_some(from..to)
        };
        Line::new(line, self.secrets.iter().filter_map(within).collect())
    }

    /// A break at the end of the file begins no further line.
    fn count(&self) -> usize {
        let ends_in_break = self
            .starts
            .last()
            .is_some_and(|&start| start as usize >= self.bytes.len());
        (self.starts.len() - usize::from(ends_in_break)).max(1)
    }

    fn get(&self, number: usize) -> &'a [u8] {
        let line = self.bytes.get(self.start(number)..self.start(number + 1));
        let line = line.unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// Brings a label into a line: what reaches over its end is cut off, what lies behind the last line moves to its end.
    fn place<'l>(&self, label: &'l Label) -> Placed<'l> {
        let (start, end) = (label.span.start as usize, label.span.end as usize);
        let found = self
            .starts
            .partition_point(|&line| line as usize <= start)
            .saturating_sub(1);
        let line = found.min(self.count() - 1);
        let line_start = self.starts.get(line).map_or(0, |&start| start as usize);
        let length = self.get(line).len();
        let start = start.saturating_sub(line_start).min(length);
        Placed {
            line,
            start,
            end: end.saturating_sub(line_start).clamp(start, length),
            label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Look;
    use crate::sink::Outcome;
    use crate::source::SourceMap;

    fn cut_out(
        sources: &SourceMap,
        width: usize,
        secrets: &[Range<usize>],
        labels: &[Label],
    ) -> Vec<Excerpt> {
        let secrets = labels.iter().map(|one| (one.span.file, secrets.to_vec()));
        let outcome = Outcome {
            secrets: secrets.collect(),
            ..Outcome::default()
        };
        let report = Report {
            sources,
            outcome: &outcome,
            look: Look { width, ..Look::PLAIN },
        };
        excerpts(&report, labels)
    }

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "one secret is a range")]
    fn secrets_are_replaced_and_labels_stay_on_them() {
        let map = SourceMap::from_memory([("a", "user: bob\n  pass: geheim # x\n")]);
        let id = ids(&map)[0];
        let (secret, comment) = (label(id, 18, 24, true), label(id, 25, 28, false));
        let cut = cut_out(&map, 80, &[18..24], &[secret, comment]);
        assert_eq!(cut[0].text, "user: bob\n  pass: [redacted] # x\n");
        assert_eq!(marked(&cut[0]), ["[redacted]", "# x"]);
        let block = cut_out(&map, 80, &[3..24], &[label(id, 12, 16, true)]);
        assert_eq!(block[0].text, "use[redacted]\n  [redacted] # x\n");
    }

    #[test]
    fn nothing_is_wider_than_asked_for() {
        let line = format!("{}needle{}", "a ".repeat(100), " b".repeat(100));
        let map = SourceMap::from_memory([("a", line)]);
        for width in [60, 80, 120] {
            for (start, end) in [(0, 3), (200, 206), (100, 380), (395, 406)] {
                let text = "words that say something of the value above them, at length".to_owned();
                let one = Label {
                    text,
                    ..label(ids(&map)[0], start, end, true)
                };
                let cut = cut_out(&map, width, &[], &[one]);
                let (excerpt, mark) = (&cut[0], &cut[0].marks[0]);
                assert!(excerpt.text.chars().count() <= width - GUTTER, "{width}");
                let middle = excerpt.text[..mark.start].chars().count()
                    + excerpt.text[mark.start..mark.end].chars().count() / 2;
                let widest = mark.text.lines().map(|line| line.chars().count()).max().unwrap();
                assert!(
                    1 + GUTTER + middle + ARROW + widest <= width,
                    "{width} {start} {mark:?}"
                );
            }
        }
    }

    fn label(file: FileId, start: usize, end: usize, primary: bool) -> Label {
        Label {
            span: Span::new(file, start, end),
            text: "here".to_owned(),
            primary,
        }
    }

    fn ids(map: &SourceMap) -> Vec<FileId> {
        map.iter().map(|(id, _)| id).collect()
    }

    fn marked(excerpt: &Excerpt) -> Vec<&str> {
        excerpt
            .marks
            .iter()
            .map(|mark| &excerpt.text[mark.start..mark.end])
            .collect()
    }

    #[test]
    fn near_labels_share_an_excerpt_and_far_ones_do_not() {
        let text: String = (1..=20).map(|n| format!("line{n:02}\n")).collect();
        let map = SourceMap::from_memory([("a", text)]);
        let id = ids(&map)[0];
        let at = |line: usize| label(id, (line - 1) * 7, (line - 1) * 7 + 6, line == 10);
        let cut = cut_out(&map, 120, &[], &[at(10), at(13), at(18)]);
        let shape: Vec<_> = cut
            .iter()
            .map(|one| (one.first_line, one.line_count, marked(one)))
            .collect();
        assert_eq!(shape, [(9, 6, vec!["line10", "line13"]), (17, 3, vec!["line18"])]);
    }

    #[test]
    fn the_file_to_edit_comes_first() {
        let map = SourceMap::from_memory([("a", "1"), ("b", "2")]);
        let ids = ids(&map);
        let cut = cut_out(
            &map,
            120,
            &[],
            &[label(ids[0], 0, 1, false), label(ids[1], 0, 1, true)],
        );
        assert_eq!(
            cut.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
    }

    #[test]
    fn labels_stay_within_their_first_line_and_the_file() {
        let map = SourceMap::from_memory([("a", "one\r\ntwo\n"), ("b", "")]);
        let ids = ids(&map);
        for (start, end) in [(0, 8), (9, 9), (9, 40), (400, 500)] {
            let cut = cut_out(&map, 120, &[], &[label(ids[0], start, end, true)]);
            let mark = &cut[0].marks[0];
            assert!(mark.end <= cut[0].text.len(), "{start}..{end}");
            assert!(!cut[0].text[mark.start..mark.end].contains(['\r', '\n']));
        }
        assert_eq!(
            cut_out(&map, 120, &[], &[label(ids[1], 0, 0, true)])[0].text,
            "\n"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_label() {
        let line = format!("{}needle{}", "ä".repeat(3000), "ö".repeat(3000));
        let map = SourceMap::from_memory([("a", line)]);
        let cut = cut_out(&map, 120, &[], &[label(ids(&map)[0], 6000, 6006, true)]);
        assert_eq!(marked(&cut[0]), ["needle"]);
        assert!(cut[0].text.chars().count() <= 120 - GUTTER);
        assert!(cut[0].text.starts_with('…') && cut[0].text.ends_with("…\n"));
        assert_eq!(cut[0].marks[0].at.column, 3001);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_shift_the_label() {
        let map = SourceMap::from_memory([("a", b"\xef\xbb\xbfk: \xff\x1b x\n".to_vec())]);
        let cut = cut_out(&map, 120, &[], &[label(ids(&map)[0], 9, 10, true)]);
        assert_eq!(marked(&cut[0]), ["x"]);
        assert!(!cut[0].text.contains('\u{1b}'));
    }
}
