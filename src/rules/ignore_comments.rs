//! Comments that switch rules off for one value: `# meshlint: ignore[rule-name] the reason`.

use std::ops::Range;

use super::rule::Rule;
use crate::source::{FileId, Span};
use crate::yaml::{Comment, Document, Node, Store, Walk};

/// What every comment for meshlint begins with, behind the `#`.
const MARK: &str = "meshlint:";

/// A comment for meshlint, read as far as it can be.
#[derive(Debug)]
pub(crate) struct IgnoreComment {
    /// The comment.
    pub(crate) span: Span,
    /// The names in the brackets.
    pub(crate) names: Vec<Name>,
    /// The first thing wrong with its form, not counting names that no rule has.
    pub(crate) flaw: Option<Flaw>,
    /// The bytes of the value that it is about; `None` when nothing follows.
    pub(crate) range: Option<Span>,
}

/// A name in the brackets of a comment.
#[derive(Debug)]
pub(crate) struct Name {
    /// The name as written.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Span,
    /// The rule of that name.
    pub(crate) rule: Option<&'static Rule>,
}

/// Why a comment cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Not `ignore[…]`.
    NotUnderstood,
    /// No rule in the brackets.
    NamesNothing,
    /// Nothing behind the brackets.
    WithoutReason,
}

/// The comments for meshlint in the repository's YAML files, in the order of the files.
pub(crate) fn ignore_comments(store: &Store<'_>, rules: &[&'static Rule]) -> Vec<IgnoreComment> {
    let mut found = Vec::new();
    for (file, source) in store.sources().iter() {
        if source.is_ignored()
            || !source.path().is_yaml()
            || !source.text().is_ok_and(|text| text.contains(MARK))
        {
            continue;
        }
        in_file(store, rules, file, &mut found);
    }
    found
}

fn in_file(store: &Store<'_>, rules: &[&'static Rule], file: FileId, found: &mut Vec<IgnoreComment>) {
    let parsed = store.parsed(file);
    let text = store.sources().file(file).text().unwrap_or_default();
    let values = Values::of(&parsed.documents);
    let mut next = None;
    // Backwards: comments one below the other are about the same line.
    let below = parsed.comments.iter().rev().map(|comment| {
        let line = line_of(text, *comment, next.as_ref());
        next = Some((comment.span.range().start, line.clone()));
        line
    });
    let lines: Vec<_> = below.collect();
    for (comment, line) in parsed.comments.iter().zip(lines.into_iter().rev()) {
        let Some((names, flaw)) = read(rules, comment.span, store.sources().snippet(comment.span)) else {
            continue;
        };
        found.push(IgnoreComment {
            span: comment.span,
            names,
            flaw,
            range: line.and_then(|line| values.in_line(&line)),
        });
    }
}

/// The names in a comment and what is wrong with it; `None` for a comment that is not for meshlint.
fn read(rules: &[&'static Rule], span: Span, comment: &str) -> Option<(Vec<Name>, Option<Flaw>)> {
    let text = comment.trim_start_matches('#').trim_start();
    let body = text.strip_prefix(MARK)?.trim_start();
    let Some((names, reason)) = body
        .strip_prefix("ignore")
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('['))
        .and_then(|rest| rest.split_once(']'))
    else {
        return Some((Vec::new(), Some(Flaw::NotUnderstood)));
    };
    // What stands behind another `#` is another comment.
    let reason = reason.split(" # ").next().unwrap_or_default();
    let mut at = span.range().start + comment.find('[').map_or(0, |bracket| bracket + 1);
    let mut read = Vec::new();
    for part in names.split(',') {
        let name = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        if !name.is_empty() {
            read.push(Name {
                text: name.to_owned(),
                span: Span::new(span.file, start, start + name.len()),
                rule: rules.iter().copied().find(|rule| rule.name == name),
            });
        }
    }
    let flaw = if read.is_empty() {
        Some(Flaw::NamesNothing)
    } else if !reason.contains(char::is_alphanumeric) {
        Some(Flaw::WithoutReason)
    } else {
        None
    };
    Some((read, flaw))
}

/// The values of a file by where they begin.
struct Values<'a> {
    documents: &'a [Document],
    /// Where each begins, the number of its document, its place among the values of that, and the bytes of key and value.
    begins: Vec<(usize, usize, usize, Span)>,
}

impl<'a> Values<'a> {
    fn of(documents: &'a [Document]) -> Self {
        let mut begins = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            document.root.walk(&mut |_, key, node| {
                let own = key.map_or(node.span(), Node::span);
                let end = node.span().end.max(own.end);
                let whole = Span { end, ..own };
                begins.push((own.range().start, at, begins.len(), whole));
                Walk::Enter
            });
        }
        begins.sort_unstable();
        Self { documents, begins }
    }

    /// The value that begins on a line: a document as a whole, where that begins there.
    fn in_line(&self, line: &Range<usize>) -> Option<Span> {
        let head = |document: &Document| {
            document
                .span
                .range()
                .start
                .min(document.root.span().range().start)
        };
        let later = self
            .documents
            .partition_point(|one| one.root.span().range().start < line.start);
        let begins = self.documents.get(later).filter(|one| line.end > head(one));
        let begins = begins.map(|document| (later, document));
        let first = self.begins.partition_point(|(start, ..)| *start < line.start);
        let within = self
            .begins
            .iter()
            .skip(first)
            .take_while(|(start, ..)| *start < line.end);
        // What an anchor of another file or place brings in does not stand here.
        let of_document = |at: usize| self.documents.get(at).map(|one| one.root.span().file);
        let value = within
            .filter(|(_, document, _, span)| of_document(*document) == Some(span.file))
            .min_by_key(|(_, document, nth, _)| (*document, *nth));
        match (begins, value) {
            (Some((at, document)), value) if value.is_none_or(|(_, other, ..)| at <= *other) => {
                let (whole, root) = (document.span.range(), document.root.span());
                // Findings about a file as a whole point at its first byte, whatever comments stand above.
                let start = if at == 0 { 0 } else { head(document) };
                Some(Span::new(root.file, start, root.range().end.max(whole.end)))
            }
            (_, value) => value.map(|(.., span)| *span),
        }
    }
}

/// The bytes of the line that a comment is about.
/// `next` is the start of the comment below with the line of that.
fn line_of(
    text: &str,
    comment: Comment,
    next: Option<&(usize, Option<Range<usize>>)>,
) -> Option<Range<usize>> {
    let mut start = text
        .get(..comment.span.range().start)?
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    loop {
        if let Some((at, line)) = next.filter(|(at, _)| comment.own_line && start > *at) {
            debug_assert!(*at > comment.span.range().start);
            return line.clone();
        }
        let rest = text.get(start..)?;
        let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let line = rest.get(..length)?.trim();
        let says_something = !line.is_empty() && !line.starts_with('#');
        if !comment.own_line || says_something {
            return Some(start..start + length);
        }
        if length == 0 || start + length >= text.len() {
            return None;
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn bound(text: &str) -> Option<String> {
        let sources = SourceMap::from_memory([("a.yaml", text)]);
        let store = Store::new(&sources);
        let mut comments = ignore_comments(&store, crate::rules::RULES);
        assert_eq!(comments.len(), 1, "{text}");
        let range = comments.remove(0).range?;
        Some(sources.snippet(range).to_owned())
    }

    fn flaw(comment: &str) -> Option<Flaw> {
        let sources = SourceMap::from_memory([("a.yaml", format!("a: 1 {comment}\n"))]);
        let store = Store::new(&sources);
        ignore_comments(&store, crate::rules::RULES).remove(0).flaw
    }

    #[test]
    fn a_comment_is_about_what_begins_on_its_line() {
        let tail = "# meshlint: ignore[missing-path] why";
        assert_eq!(
            bound(&format!("x: 1\na:  {tail}\n  b: 1\n  c: 2\nd: 3\n")).as_deref(),
            Some(format!("a:  {tail}\n  b: 1\n  c: 2").as_str())
        );
        assert_eq!(bound(&format!("x: 1\na: 2 {tail}\n")).as_deref(), Some("a: 2"));
        assert_eq!(
            bound(&format!("x:\n- y\n- b: 1 {tail}\n  c: 2\n")).as_deref(),
            Some(format!("b: 1 {tail}\n  c: 2").as_str())
        );
    }

    #[test]
    fn a_comment_on_its_own_is_about_what_follows() {
        let own = "# meshlint: ignore[missing-path] why\n# another\n";
        assert_eq!(
            bound(&format!("x: 1\n{own}a: 2\nb: 3\n")).as_deref(),
            Some("a: 2")
        );
        assert_eq!(bound(&format!("x: 1\n{own}")), None);
    }

    #[test]
    fn above_or_on_the_first_line_it_is_about_the_document() {
        let own = "# meshlint: ignore[missing-path] why\n";
        let first = format!("{own}a: 1\nb: 2\n");
        assert_eq!(bound(&first).as_deref(), Some(first.trim_end()));
        let second = bound(&format!("z: 0\n---\n{own}a: 1\nb: 2\n"));
        assert!(second.is_some_and(|range| range.ends_with("b: 2") && !range.contains("z: 0")));
    }

    #[test]
    fn a_reason_may_name_an_issue_but_another_comment_is_no_reason() {
        assert_eq!(flaw("# meshlint: ignore[missing-path] see #12"), None);
        assert_eq!(
            flaw("# meshlint: ignore[missing-path] # another"),
            Some(Flaw::WithoutReason)
        );
    }

    #[test]
    fn a_comment_states_rules_and_a_reason() {
        assert_eq!(flaw("# meshlint: ignore[missing-path] moved soon"), None);
        assert_eq!(flaw("# meshlint: ignore[missing-path, no-such] x"), None);
        assert_eq!(
            flaw("# meshlint: ignore[missing-path]"),
            Some(Flaw::WithoutReason)
        );
        assert_eq!(
            flaw("# meshlint: ignore[missing-path] --"),
            Some(Flaw::WithoutReason)
        );
        assert_eq!(flaw("# meshlint: ignore[] why"), Some(Flaw::NamesNothing));
        assert_eq!(
            flaw("# meshlint: ignore missing-path why"),
            Some(Flaw::NotUnderstood)
        );
        assert_eq!(flaw("# meshlint: off"), Some(Flaw::NotUnderstood));
    }
}
