//! The few source lines that a finding shows: cut out, shortened and made safe to print before any renderer sees them.

use super::uri;
use crate::finding::Label;
use crate::neutral::{one_line, printable};
use crate::source::{FileId, LineColumn, SourceFile, SourceMap, Span};

/// Lines shown before and after a labelled one.
const CONTEXT: usize = 1;
/// Lines longer than this are cut around their labels: minified files, keys and certificates.
const LONGEST_LINE: usize = 240;
/// Bytes of a long line kept before its first label.
const LEAD: usize = 60;

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
    /// The words of the label.
    pub(super) text: String,
    /// Whether this is the place to edit.
    pub(super) primary: bool,
}

/// The excerpts for some labels: the file of the primary label first, the others in the order in which labels name them.
pub(super) fn excerpts(sources: &SourceMap, labels: &[Label]) -> Vec<Excerpt> {
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
        .flat_map(|id| of_file(sources.file(id), labels.iter().filter(|l| l.span.file == id)))
        .collect()
}

/// A label with the line (from 0) and the bytes within it.
struct Placed<'a> {
    line: usize,
    start: usize,
    end: usize,
    label: &'a Label,
}

fn of_file<'a>(file: &SourceFile, labels: impl Iterator<Item = &'a Label>) -> Vec<Excerpt> {
    let lines = Lines::of(file);
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
    groups.iter().map(|group| cut(file, &lines, group)).collect()
}

fn cut(file: &SourceFile, lines: &Lines<'_>, group: &[Placed<'_>]) -> Excerpt {
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
    for number in from..=to {
        let here = group.iter().filter(|one| one.line == number);
        push_line(&mut excerpt, file, lines.get(number), here.collect());
    }
    excerpt
}

fn push_line(excerpt: &mut Excerpt, file: &SourceFile, line: &[u8], marks: Vec<&Placed<'_>>) {
    let window = window(line, marks.first().map_or(0, |one| one.start));
    let base = excerpt.text.len() + if window.start > 0 { '…'.len_utf8() } else { 0 };
    for one in marks {
        let shown = |offset: usize| {
            let offset = character_border(line, offset).clamp(window.start, window.end);
            base + show(line.get(window.start..offset).unwrap_or_default()).len()
        };
        let span = one.label.span;
        let position = Span::new(
            span.file,
            (span.start as usize).min(file.bytes().map_or(0, <[u8]>::len)),
            0,
        );
        excerpt.marks.push(Mark {
            start: shown(one.start),
            end: shown(one.end).max(shown(one.start)),
            at: file.line_column(position.start),
            text: one_line(&one.label.text),
            primary: one.label.primary,
        });
    }
    if window.start > 0 {
        excerpt.text.push('…');
    }
    excerpt
        .text
        .push_str(&show(line.get(window.clone()).unwrap_or_default()));
    if window.end < line.len() {
        excerpt.text.push('…');
    }
    excerpt.text.push('\n');
}

fn show(bytes: &[u8]) -> String {
    printable(&String::from_utf8_lossy(bytes)).replace('\u{feff}', "")
}

/// The part of a line to show.
fn window(line: &[u8], around: usize) -> std::ops::Range<usize> {
    if line.len() <= LONGEST_LINE {
        return 0..line.len();
    }
    let start = around.min(line.len()).saturating_sub(LEAD);
    let end = (start + LONGEST_LINE).min(line.len());
    character_border(line, start)..character_border(line, end)
}

/// The next offset that does not cut a character in two.
fn character_border(line: &[u8], offset: usize) -> usize {
    let is_inside = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (offset..line.len())
        .find(|at| !is_inside(at))
        .unwrap_or(line.len())
}

/// The lines of a file that can be read, or none.
struct Lines<'a> {
    bytes: &'a [u8],
    starts: &'a [u32],
}

impl<'a> Lines<'a> {
    fn of(file: &'a SourceFile) -> Self {
        Self {
            bytes: file.bytes().unwrap_or_default(),
            starts: file.line_starts(),
        }
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
        let start = self
            .starts
            .get(number)
            .map_or(self.bytes.len(), |&start| start as usize);
        let end = self
            .starts
            .get(number + 1)
            .map_or(self.bytes.len(), |&start| start as usize);
        let line = self.bytes.get(start..end).unwrap_or_default();
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
        let cut = excerpts(&map, &[at(10), at(13), at(18)]);
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
        let cut = excerpts(&map, &[label(ids[0], 0, 1, false), label(ids[1], 0, 1, true)]);
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
            let cut = excerpts(&map, &[label(ids[0], start, end, true)]);
            let mark = &cut[0].marks[0];
            assert!(mark.end <= cut[0].text.len(), "{start}..{end}");
            assert!(!cut[0].text[mark.start..mark.end].contains(['\r', '\n']));
        }
        assert_eq!(excerpts(&map, &[label(ids[1], 0, 0, true)])[0].text, "\n");
    }

    #[test]
    fn long_lines_are_cut_around_the_label() {
        let line = format!("{}needle{}", "ä".repeat(3000), "ö".repeat(3000));
        let map = SourceMap::from_memory([("a", line)]);
        let cut = excerpts(&map, &[label(ids(&map)[0], 6000, 6006, true)]);
        assert_eq!(marked(&cut[0]), ["needle"]);
        assert!(cut[0].text.len() < LONGEST_LINE + 20);
        assert!(cut[0].text.starts_with('…') && cut[0].text.ends_with("…\n"));
        assert_eq!(cut[0].marks[0].at.column, 3001);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_shift_the_label() {
        let map = SourceMap::from_memory([("a", b"\xef\xbb\xbfk: \xff\x1b x\n".to_vec())]);
        let cut = excerpts(&map, &[label(ids(&map)[0], 9, 10, true)]);
        assert_eq!(marked(&cut[0]), ["x"]);
        assert!(!cut[0].text.contains('\u{1b}'));
    }
}
