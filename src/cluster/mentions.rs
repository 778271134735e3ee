//! Which of many texts mention a name: all words are gone through once, however many names are asked for.

use std::ops::Range;
use std::sync::Arc;

use crate::yaml::{Kind, Node};

/// The words of some texts.
#[derive(Debug)]
pub(crate) struct Words<T> {
    /// Each with the number of whoever owns it.
    texts: Vec<(T, usize)>,
    /// By word: the number of its text and where the word is there.
    places: Vec<(usize, Range<usize>)>,
}

impl<T: AsRef<str>> Words<T> {
    /// The words of texts, each with the number of whoever owns it.
    pub(crate) fn of(texts: impl IntoIterator<Item = (T, usize)>) -> Self {
        let mut words = Self {
            texts: texts.into_iter().collect(),
            places: Vec::new(),
        };
        let texts = words.texts.iter().enumerate();
        let mut places: Vec<_> = texts
            .flat_map(|(nth, (text, _))| {
                parts(text.as_ref()).map(move |(at, part)| (nth, at..at + part.len()))
            })
            .collect();
        places.sort_unstable_by(|a, b| (words.word(a), a.0, a.1.start).cmp(&(words.word(b), b.0, b.1.start)));
        words.places = places;
        words
    }

    fn word(&self, (nth, place): &(usize, Range<usize>)) -> &str {
        let text = self
            .texts
            .get(*nth)
            .and_then(|(text, _)| text.as_ref().get(place.clone()));
        text.unwrap_or_default()
    }

    /// The owners of the texts that mention a name which is not a part of another.
    pub(crate) fn owners<'w>(&'w self, name: &'w str) -> impl Iterator<Item = usize> + 'w {
        // The rarest of its words leads to few places.
        let by_part = parts(name).map(|(within, part)| (self.places_of(part), within));
        let (places, within) = by_part.min_by_key(|(places, _)| places.len()).unwrap_or_default();
        places.iter().filter_map(move |(nth, place)| {
            let (text, owner) = self.texts.get(*nth)?;
            let start = place.start.checked_sub(within)?;
            let rest = text.as_ref().get(start..)?.strip_prefix(name)?;
            let before = text.as_ref().get(..start)?.chars().next_back();
            let is_whole = !before.is_some_and(is_part) && !rest.chars().next().is_some_and(is_part);
            is_whole.then_some(*owner)
        })
    }

    /// Whether some text mentions a name.
    pub(crate) fn mention(&self, name: &str) -> bool {
        self.owners(name).next().is_some()
    }

    fn places_of(&self, part: &str) -> &[(usize, Range<usize>)] {
        let start = self.places.partition_point(|place| self.word(place) < part);
        let end = self.places.partition_point(|place| self.word(place) <= part);
        self.places.get(start..end).unwrap_or_default()
    }
}

/// Every key and scalar of a tree.
pub(crate) fn texts_of(root: &Node) -> Vec<Arc<str>> {
    let mut texts = Vec::new();
    let mut todo = vec![root];
    while let Some(node) = todo.pop() {
        match node.kind() {
            Kind::Scalar(scalar) => texts.push(Arc::clone(&scalar.text)),
            Kind::Sequence(items) => todo.extend(items),
            Kind::Mapping(entries) => {
                todo.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
        }
    }
    texts
}

/// Whether a character belongs to the word beside it.
pub(crate) fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// The words of a text, each with where it begins.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends = text
        .match_indices(|c| !is_part(c))
        .map(|(at, sign)| (at, at + sign.len()));
    let ends = ends.chain(std::iter::once((text.len(), text.len())));
    let words = ends.scan(0, move |start, (end, next)| {
        let word = (*start, text.get(*start..end).unwrap_or_default());
        *start = next;
        Some(word)
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// Whether a text holds a name that is not a part of another.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether any key or scalar of a tree mentions a name.
pub(crate) fn holds_word(root: &Node, word: &str) -> bool {
    let mut todo = vec![root];
    while let Some(node) = todo.pop() {
        match node.kind() {
            Kind::Scalar(scalar) if has_word(&scalar.text, word) => return true,
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => todo.extend(items),
            Kind::Mapping(entries) => {
                todo.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
        }
    }
    false
}

/// Names that others are built from.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    /// Each with what it belongs to, by text.
    parts: Vec<(&'a str, Option<&'a str>)>,
    lengths: Vec<usize>,
}

impl<'a> Parts<'a> {
    /// Names, each with the namespace that it belongs to. Empty ones are part of nothing.
    pub(crate) fn of(parts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().filter(|(part, _)| !part.is_empty()).collect();
        parts.sort_unstable();
        parts.dedup();
        let mut lengths: Vec<usize> = parts.iter().map(|(part, _)| part.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { parts, lengths }
    }

    /// Whether a name holds one of them that fits `belongs`.
    pub(crate) fn are_in(&self, name: &str, belongs: impl Fn(Option<&'a str>) -> bool) -> bool {
        let within = |length: usize| {
            (0..=name.len().saturating_sub(length)).filter_map(move |at| name.get(at..at + length))
        };
        let lengths = self.lengths.iter().take_while(|length| **length <= name.len());
        lengths
            .flat_map(|length| within(*length))
            .any(|text| self.has(text, &belongs))
    }

    /// Whether a name begins with one of them that fits `belongs`.
    pub(crate) fn begin(&self, name: &str, belongs: impl Fn(Option<&'a str>) -> bool) -> bool {
        let mut starts = self.lengths.iter().filter_map(|length| name.get(..*length));
        starts.any(|text| self.has(text, &belongs))
    }

    fn has(&self, text: &str, belongs: &impl Fn(Option<&'a str>) -> bool) -> bool {
        let start = self.parts.partition_point(|(part, _)| *part < text);
        let same = self
            .parts
            .iter()
            .skip(start)
            .take_while(|(part, _)| *part == text);
        same.into_iter().any(|(_, namespace)| belongs(*namespace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_another_is_not_mentioned() {
        let words = Words::of([
            ("kubectl create namespace cert-manager\n", 1),
            ("namespace: cert-manager-webhook", 2),
            ("a.b.c and x_b.c", 3),
        ]);
        let owners = |name| words.owners(name).collect::<Vec<_>>();
        assert_eq!(owners("cert-manager"), [1]);
        assert_eq!(owners("b.c"), [3, 3]);
        assert_eq!(owners("a.b"), [3]);
        assert_eq!(owners("manager"), [0; 0]);
        assert_eq!(owners("b.d"), [0; 0]);
        assert_eq!(owners(".b"), [0; 0]);
        assert_eq!(owners(""), [0; 0]);
    }

    #[test]
    fn a_part_of_a_word_is_none() {
        assert!(has_word(
            "kubectl create namespace cert-manager\n",
            "cert-manager"
        ));
        assert!(!has_word("namespace: cert-manager-webhook", "cert-manager"));
    }

    #[test]
    fn parts_are_found_anywhere_in_a_name() {
        let parts = Parts::of([("shop", Some("a")), ("db", None), ("", None)]);
        assert!(parts.are_in("my-shop-1", |namespace| namespace == Some("a")));
        assert!(!parts.are_in("my-shop-1", |namespace| namespace.is_none()));
        assert!(parts.are_in("mydb", |_| true));
        assert!(!parts.are_in("bank", |_| true) && !parts.are_in("", |_| true));
        assert!(parts.begin("shopping", |_| true) && !parts.begin("my-shop", |_| true));
    }
}
