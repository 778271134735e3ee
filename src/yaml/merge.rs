//! Merge keys (`<<`), expanded as kyaml's `DeAnchor` does when kustomize reads a file (`kyaml/yaml/rnode.go`).

use super::node::{Entry, Kind, Node, Style, Tag};
use super::parse_error::{ParseError, ParseErrorKind};

/// Whether the key asks for other maps to be merged in: a plain `<<`, or anything tagged `!!merge`.
pub(super) fn is_merge_key(key: &Node) -> bool {
    key.as_scalar().is_some_and(|scalar| match &scalar.tag {
        None => scalar.style == Style::Plain && &*scalar.text == "<<",
        Some(Tag::Other(tag)) => &**tag == "!!merge" || &**tag == "!<tag:yaml.org,2002:merge>",
        Some(_) => false,
    })
}

/// The entries with merge keys replaced by what they name: own entries first and winning, then those of the last
/// map of the list, and so on, an earlier map winning over a later one.
pub(super) fn expand(entries: Vec<Entry>) -> (Vec<Entry>, Option<ParseError>) {
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| is_merge_key(&entry.key));
    let mut maps = Vec::new();
    let mut error = None;
    for merge in &merges {
        if let Err(problem) = collect(&merge.value, &mut maps) {
            error = error.or(Some(problem));
        }
    }
    let own_count = own.len();
    let mut places: std::collections::HashMap<String, usize> = own
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((entry.key.as_scalar()?.text.to_string(), at)))
        .collect();
    for map in maps.iter().rev() {
        for entry in map.entries() {
            let Some(key) = entry.key.as_scalar() else {
                continue;
            };
            match places.get(&*key.text) {
                Some(&at) if at < own_count => {}
                Some(&at) => own[at] = entry.clone(),
                None => {
                    places.insert(key.text.to_string(), own.len());
                    own.push(entry.clone());
                }
            }
        }
    }
    (own, error)
}

fn collect(value: &Node, maps: &mut Vec<Node>) -> Result<(), ParseError> {
    match value.kind() {
        Kind::Mapping(_) => maps.push(value.clone()),
        Kind::Sequence(items) => {
            for item in items {
                if !item.is_mapping() {
                    return Err(not_a_map(item));
                }
                maps.push(item.clone());
            }
        }
        Kind::Scalar(_) => return Err(not_a_map(value)),
    }
    Ok(())
}

fn not_a_map(value: &Node) -> ParseError {
    ParseError::new(
        ParseErrorKind::Alias,
        value.span(),
        "`<<` merges maps, and this is none",
    )
    .upstream("map merge requires map or sequence of maps as the value")
    .help("give `<<` a map or a list of maps, or put the key in quotes")
}
