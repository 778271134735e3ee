//! Inventories in the form of INI files.

use super::hosts::{Hosts, MAX_HOSTS};
use crate::source::{FileId, Span};
use crate::yaml::Node;

enum Section {
    Hosts(String),
    Variables(String),
    Children(String),
}

/// Reads an inventory; `None` when the text is something else.
pub(super) fn read(file: FileId, text: &str) -> Option<Hosts> {
    let mut hosts = Hosts::default();
    let mut section = Section::Hosts("ungrouped".to_owned());
    let mut at = 0;
    let mut has_section = false;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = without_comment(line.trim_end());
        let trimmed = content.trim();
        if trimmed.is_empty() {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            has_section = true;
            section = match name.split_once(':') {
                Some((group, "vars")) => Section::Variables(group.trim().to_owned()),
                Some((group, "children")) => Section::Children(group.trim().to_owned()),
                Some(_) => return None,
                None => Section::Hosts(name.trim().to_owned()),
            };
            continue;
        }
        let offset = start + content.len() - content.trim_start().len();
        match &section {
            Section::Children(group) => hosts.add_child(group, trimmed),
            Section::Variables(group) => {
                let (name, value) = trimmed.split_once('=')?;
                let blank = value.len() - value.trim_start().len();
                let value_at = offset + name.len() + 1 + blank;
                hosts.add_variable(group, name.trim(), scalar(file, value_at, value.trim()));
            }
            Section::Hosts(group) => {
                let words = words(trimmed);
                let (_, pattern) = words.first()?;
                if pattern.contains('=') || pattern.contains("{{") {
                    return None;
                }
                let own: Vec<(String, Node)> = words
                    .iter()
                    .skip(1)
                    .filter_map(|(at, word)| {
                        let (name, value) = word.split_once('=')?;
                        let value_at = offset + at + name.len() + 1;
                        Some((name.to_owned(), scalar(file, value_at, value)))
                    })
                    .collect();
                let group = group.clone();
                for host in spelt_out(pattern) {
                    hosts.add_host(&group, &host, own.clone());
                }
            }
        }
    }
    has_section.then_some(hosts)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    line.find(" #").map_or(line, |at| line[..at].trim_end())
}

/// The words of a line with their places; quotes keep blanks together.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                start = start.or(Some(at));
            }
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => {
                if let Some(begin) = start.take() {
                    words.push((begin, &line[begin..at]));
                }
            }
            _ => start = start.or(Some(at)),
        }
    }
    words.extend(start.map(|begin| (begin, &line[begin..])));
    words
}

/// A value: what is quoted is text, all else has the type that it looks like.
fn scalar(file: FileId, at: usize, written: &str) -> Node {
    let span = Span::new(file, at, at + written.len());
    let quoted = |quote: char| written.len() > 1 && written.starts_with(quote) && written.ends_with(quote);
    if quoted('"') || quoted('\'') {
        return Node::string(&written[1..written.len() - 1], span);
    }
    // JSON in a value is a list or a map.
    if written.starts_with(['[', '{']) && !written.starts_with("{{") {
        let parsed = crate::yaml::parse(file, written);
        if let (true, Some(document)) = (parsed.errors.is_empty(), parsed.documents.first()) {
            return moved(&document.root, at);
        }
    }
    Node::plain(written, span)
}

/// A tree that was read from the middle of a file, with its places in the file.
fn moved(node: &Node, by: usize) -> Node {
    use crate::yaml::{Entry, Kind};
    let Span { file, start, end } = node.span();
    let span = Span::new(file, start as usize + by, end as usize + by);
    let kind = match node.kind() {
        Kind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
        Kind::Sequence(items) => Kind::Sequence(items.iter().map(|item| moved(item, by)).collect()),
        Kind::Mapping(entries) => Kind::Mapping(
            entries
                .iter()
                .map(|entry| Entry {
                    key: moved(&entry.key, by),
                    value: moved(&entry.value, by),
                })
                .collect(),
        ),
    };
    Node::new(kind, span)
}

/// The hosts of a pattern: `node[01:03].lab`, `db-[a:f]`.
pub(super) fn spelt_out(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut todo = vec![pattern.to_owned()];
    while let Some(next) = todo.pop() {
        let range = next.find('[').and_then(|open| {
            let close = open + next[open..].find(']')?;
            let items = range(&next[open + 1..close])?;
            Some((next[..open].to_owned(), items, next[close + 1..].to_owned()))
        });
        match range {
            Some((before, items, after)) if done.len() + todo.len() < MAX_HOSTS => {
                todo.extend(
                    items
                        .into_iter()
                        .rev()
                        .map(|item| format!("{before}{item}{after}")),
                );
            }
            Some(_) => return done,
            None => done.push(next),
        }
        if done.len() >= MAX_HOSTS {
            return done;
        }
    }
    done
}

fn range(text: &str) -> Option<Vec<String>> {
    let mut parts = text.split(':');
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next().unwrap_or("1"));
    let step: usize = step.parse().ok().filter(|step| *step > 0)?;
    if let (Ok(first), Ok(last)) = (from.parse::<usize>(), to.parse::<usize>()) {
        let width = if from.starts_with('0') { from.len() } else { 0 };
        let width = width.min(20);
        let numbers = (first..=last).step_by(step).take(MAX_HOSTS);
        return Some(numbers.map(|number| format!("{number:0width$}")).collect());
    }
    let letter = |text: &str| {
        text.chars()
            .next()
            .filter(|c| text.len() == 1 && c.is_ascii_alphabetic())
    };
    let (first, last) = (letter(from)?, letter(to)?);
    Some((first..=last).step_by(step).map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_hosts_are_spelt_out_within_bounds() {
        assert_eq!(spelt_out("n[08:10].lab"), ["n08.lab", "n09.lab", "n10.lab"]);
        assert_eq!(spelt_out("db-[a:c]"), ["db-a", "db-b", "db-c"]);
        assert_eq!(spelt_out("plain"), ["plain"]);
        assert!(spelt_out("n[1:99999999999]").len() <= MAX_HOSTS);
        assert!(spelt_out("n[1:9999][1:9999][1:9999]").len() <= MAX_HOSTS);
    }
}
