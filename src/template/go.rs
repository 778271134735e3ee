//! Go templates of which not everything needs to be known: what is literal, or comes from a tree of known values, keeps its
//! place; the rest is unknown.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::parse::{self, BRACES, Delimiters};
use super::render;
use super::value::Value;
use super::written::{Written, printed};
use crate::source::{FileId, SourceMap, Span};
use crate::yaml::{Entry, Kind, Node, Substitution};

/// A file filled in from `dot`; `None` where it cannot be read, or goes by what nobody knows.
pub(crate) fn fill_file(sources: &SourceMap, file: FileId, dot: &Node) -> Option<Written> {
    let text = sources.file(file).text().ok()?;
    fill(text, dot, Some(file), &|range| {
        Span::new(file, range.start, range.end)
    })
}

/// A text filled in from `dot`, with a place for each range of the text, which is all of `file` where that is given.
pub(crate) fn fill(
    text: &str,
    dot: &Node,
    file: Option<FileId>,
    place: &dyn Fn(Range<usize>) -> Span,
) -> Option<Written> {
    let parts = parse::parse(text, BRACES).ok()?;
    let rendered = render::render_partly(text, &parts, &Value::of(dot)).ok()?;
    let mut written = Written::of(place(0..text.len()));
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for piece in rendered.pieces() {
        let output = rendered.text.get(piece.output.clone())?;
        if piece.is_copied {
            let range = piece.template..piece.template + output.len();
            match file {
                Some(file) => written.copy(output, file, piece.template),
                None => written.copy_lines(text, range, place),
            }
            continue;
        }
        let action = action_at(text, piece.template, BRACES);
        let count = seen.entry(piece.template).or_default();
        let expression = place(action.clone());
        let action = text.get(action)?;
        if let Some(scalars) = taken_by_scalar(action, dot, output, expression) {
            fill_by_scalar(&mut written, output, expression, scalars);
            continue;
        }
        let taken = taken(action, dot, output, *count, expression, piece.is_unknown);
        *count += 1;
        written.fill(output, expression, taken);
    }
    Some(written)
}

/// The action that begins at `start`.
pub(crate) fn action_at(text: &str, start: usize, delimiters: Delimiters) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let close = delimiters.close;
    let end = rest.find(close).map_or(rest.len(), |at| at + close.len());
    start..start + end
}

/// A field, or a field of one.
static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?:\.[A-Za-z_]\w*)+").ok());

/// What an action takes from `dot` for its output, which is the `count`-th that it gives.
pub(crate) fn taken(
    action: &str,
    dot: &Node,
    output: &str,
    count: usize,
    expression: Span,
    is_unknown: bool,
) -> Vec<Substitution> {
    let one = |path: &str, value: Option<Span>, unknown: bool| Substitution {
        variable: path.trim_start_matches('.').into(),
        expression,
        value,
        unknown,
        output: None,
    };
    if is_unknown {
        return vec![one(action.trim_matches(['{', '}', ' ', '-']), None, true)];
    }
    let paths = PATH.iter().flat_map(|regex| regex.find_iter(action));
    let all: Vec<(Substitution, bool)> = paths
        .filter_map(|path| {
            let path = path.as_str();
            let keys: Vec<&str> = path.split('.').filter(|key| !key.is_empty()).collect();
            let last = keys.last().map(|key| (*key).to_owned());
            let stated = match dot.at(&keys) {
                Some(node) if node.as_scalar().is_some() => Some(node),
                Some(node) => printed(node, None, output, count),
                None => printed(dot, last.as_ref(), output, count),
            };
            let value = stated.map(|node| node.origin().edit_span());
            let is_unknown = stated.is_some_and(|node| node.origin().is_unknown());
            let is_all = stated.is_some_and(|node| node.as_text() == Some(output));
            value.map(|value| (one(path, Some(value), is_unknown), is_all))
        })
        .collect();
    // One that is all of the output was looked up with the others.
    let mut whole = all.iter().filter(|(_, is_all)| *is_all);
    match (whole.next(), whole.next()) {
        (Some((only, _)), None) => vec![only.clone()],
        _ => all.into_iter().map(|(taken, _)| taken).collect(),
    }
}

/// The bytes of each scalar of `node` in what `toYaml` printed of it; `None` where these do not follow one another.
fn scalars_in<'n>(node: &'n Node, output: &str) -> Option<Vec<(Range<usize>, &'n Node)>> {
    const MAX_SCALARS: usize = 2_000;
    let mut scalars = Vec::new();
    collect_scalars(node, &mut scalars, 0);
    let mut at = 0;
    let mut found = Vec::new();
    for scalar in scalars.into_iter().take(MAX_SCALARS) {
        let text = scalar.as_text().filter(|text| !text.is_empty())?;
        let start = at + output.get(at..)?.find(text)?;
        at = start + text.len();
        found.push((start..at, scalar));
    }
    Some(found)
}

/// Keys and values in the order in which they are printed: maps are sorted.
fn collect_scalars<'n>(node: &'n Node, scalars: &mut Vec<&'n Node>, depth: usize) {
    const MAX_DEPTH: usize = 64;
    if depth > MAX_DEPTH {
        return;
    }
    match node.kind() {
        Kind::Scalar(_) => scalars.push(node),
        Kind::Sequence(items) => items
            .iter()
            .for_each(|item| collect_scalars(item, scalars, depth + 1)),
        Kind::Mapping(entries) => {
            let mut entries: Vec<&Entry> = entries.iter().collect();
            entries.sort_by_key(|entry| entry.key.as_text().unwrap_or_default().to_owned());
            for entry in entries {
                scalars.push(&entry.key);
                collect_scalars(&entry.value, scalars, depth + 1);
            }
        }
    }
}

/// What an action printed of a list or a map in `dot`: the bytes of each scalar, and what states it. `None` for any other action.
pub(crate) fn taken_by_scalar(
    action: &str,
    dot: &Node,
    output: &str,
    expression: Span,
) -> Option<Vec<(Range<usize>, Substitution)>> {
    if !output.contains('\n') {
        return None;
    }
    let path = PATH.iter().flat_map(|regex| regex.find_iter(action)).next()?;
    let keys: Vec<&str> = path.as_str().split('.').filter(|key| !key.is_empty()).collect();
    let node = dot.at(&keys).filter(|node| node.as_scalar().is_none())?;
    let taken = |(range, scalar): (Range<usize>, &Node)| {
        let taken = Substitution {
            variable: path.as_str().trim_start_matches('.').into(),
            expression,
            value: Some(scalar.origin().edit_span()),
            unknown: scalar.origin().is_unknown(),
            output: None,
        };
        (range, taken)
    };
    Some(scalars_in(node, output)?.into_iter().map(taken).collect())
}

/// Adds what an action printed, whose scalars come from different places.
fn fill_by_scalar(
    written: &mut Written,
    output: &str,
    expression: Span,
    scalars: Vec<(Range<usize>, Substitution)>,
) {
    let mut at = 0;
    for (range, taken) in scalars {
        written.fill(
            output.get(at..range.start).unwrap_or_default(),
            expression,
            Vec::new(),
        );
        at = range.end;
        written.fill(output.get(range).unwrap_or_default(), expression, vec![taken]);
    }
    written.fill(output.get(at..).unwrap_or_default(), expression, Vec::new());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::RepoPath;

    fn filled(template: &str, values: &str) -> Option<(String, Vec<Node>, SourceMap)> {
        let sources = SourceMap::from_memory([("a.gotmpl", template), ("b.yaml", values)]);
        let file = |name: &str| sources.file_at(&RepoPath::clamp(name)).unwrap();
        let dot = crate::yaml::parse(file("b.yaml"), values).documents[0]
            .root
            .clone();
        let written = fill_file(&sources, file("a.gotmpl"), &dot)?;
        let documents = written.documents()?;
        Some((written.text, documents, sources))
    }

    #[test]
    fn what_is_known_has_the_place_that_states_it() {
        let template = "id: {{ .Values.id }}\nname: {{ .Values.name | quote }}\nhost: {{ requiredEnv \"HOST\" }}\nlist:\n\
                        {{- range .Values.peers }}\n- {{ .ip }}\n{{- end }}\n";
        let values = "Values:\n  id: 7\n  name: east\n  peers:\n  - ip: 1.1.1.1\n  - ip: 2.2.2.2\n";
        let (text, documents, sources) = filled(template, values).unwrap();
        assert_eq!(
            text,
            "id: 7\nname: \"east\"\nhost: unknown\nlist:\n- 1.1.1.1\n- 2.2.2.2\n"
        );
        let root = &documents[0];
        let place = |node: &Node| sources.snippet(node.origin().edit_span()).to_owned();
        assert_eq!(place(root.get("id").unwrap()), "7");
        assert_eq!(place(root.get("name").unwrap()), "east");
        assert_eq!(place(&root.get("list").unwrap().items()[1]), "2.2.2.2");
        assert!(root.get("host").unwrap().origin().is_unknown());
    }

    #[test]
    fn what_goes_by_something_unknown_is_not_filled_in() {
        assert!(filled("{{ if env \"X\" }}a: 1{{ end }}\n", "Values: {}\n").is_none());
        assert!(filled("a: {{ .Values.x\n", "Values: {}\n").is_none());
    }
}
