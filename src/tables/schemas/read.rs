//! Reads a file of `data/`: lines of cells between tabs.
//!
//! * The product and its releases; the groups of its kinds; then a line for each kind: API version, kind, scope, releases, type.
//! * After an empty line the types, which are numbered from 0: what it is (`o` an object, `m` a map, `l` a list, or a letter of
//!   [`Plain`]), what is below it, and what else is said of it, behind a `=`.
//! * A field is `name:type`, with `!` behind a name that is required. A type is a letter or a number, several are separated by `|`.
//! * `@2..4,6` behind anything says that only these releases have it, counted from 0.

use super::model::{Bounds, Catalogue, Choice, Fact, Field, Kind, Of, Place, Plain, Releases, Shape, Type};

/// The groups of the kinds in a file.
pub(super) fn groups(text: &str) -> impl Iterator<Item = &str> {
    let line = text.lines().nth(1).unwrap_or_default();
    line.split('\t')
        .map(|group| if group == "core" { "" } else { group })
}

/// All of it.
pub(super) fn catalogue(text: &str) -> Catalogue<'_> {
    let mut lines = text.lines();
    let mut head = lines.next().unwrap_or_default().split('\t');
    let product = head.next().unwrap_or_default();
    let releases = head.collect();
    let kinds = lines.by_ref().skip(1).take_while(|line| !line.is_empty());
    let kinds = kinds.filter_map(kind).collect();
    Catalogue {
        product,
        releases,
        kinds,
        types: lines.filter_map(type_of).collect(),
    }
}

fn kind(line: &str) -> Option<((&str, &str), Kind)> {
    let mut cells = line.split('\t');
    let key = (cells.next()?, cells.next()?);
    let _scope = cells.next()?;
    let kind = Kind {
        has: releases(cells.next()?.trim_start_matches('@')),
        root: place(cells.next()?),
    };
    Some((key, kind))
}

fn type_of(line: &str) -> Option<Type<'_>> {
    let mut cells = line.split('\t').peekable();
    let shape = match cells.next()? {
        "o" => {
            let mut fields = Vec::new();
            while let Some(cell) = cells.next_if(|cell| !cell.starts_with('=')) {
                fields.push(field(cell)?);
            }
            Shape::Fields(fields)
        }
        "m" => Shape::Map(place(cells.next()?)),
        "l" => Shape::List(place(cells.next()?)),
        letter => Shape::Plain(plain(letter)?),
    };
    let facts = cells.filter_map(fact).collect();
    Some(Type { shape, facts })
}

fn field(cell: &str) -> Option<Field<'_>> {
    let (head, word) = cell.split_once(':')?;
    let (head, has) = with_releases(head);
    let (name, required) = match head.split_once('!') {
        Some((name, required)) => (name, releases(required)),
        None => (head, Releases(0)),
    };
    Some(Field {
        name,
        has,
        required,
        place: place(word),
    })
}

fn place(word: &str) -> Place {
    let choices = word.split('|').filter_map(|word| {
        let (word, has) = with_releases(word);
        let of = match word.parse() {
            Ok(number) => Of::Numbered(number),
            Err(_) => Of::Plain(plain(word)?),
        };
        Some(Choice { has, of })
    });
    choices.collect()
}

fn plain(letter: &str) -> Option<Plain> {
    Some(match letter {
        "*" => Plain::Any,
        "*o" => Plain::Object,
        "s" => Plain::Text,
        "b" => Plain::Bool,
        "i" => Plain::Int,
        "n" => Plain::Number,
        "x" => Plain::IntOrText,
        "q" => Plain::Quantity,
        _ => return None,
    })
}

fn fact(cell: &str) -> Option<(Releases, Fact<'_>)> {
    let cell = cell.strip_prefix('=')?;
    let (name, value) = cell.split_once(' ').unwrap_or((cell, ""));
    let (name, has) = with_releases(name);
    let fact = match name {
        "word" => Fact::Word(value),
        "length" => Fact::Length(bounds(value)),
        "range" => Fact::Range(bounds(value)),
        "items" => Fact::Items(bounds(value)),
        "entries" => Fact::Entries(bounds(value)),
        "format" => Fact::Format(value),
        "pattern" => Fact::Pattern(value),
        "keys" => Fact::Keys(value),
        "set" => Fact::Set,
        "null" => Fact::Nullable,
        "open" => Fact::Open,
        "embedded" => Fact::Embedded,
        _ => return None,
    };
    Some((has, fact))
}

fn bounds(value: &str) -> Bounds {
    let (least, most) = value.split_once("..").unwrap_or_default();
    Bounds {
        least: least.parse().ok(),
        most: most.parse().ok(),
    }
}

fn with_releases(text: &str) -> (&str, Releases) {
    match text.split_once('@') {
        Some((text, those)) => (text, releases(those)),
        None => (text, Releases::ALL),
    }
}

/// `2..4,6`; all where there is nothing.
fn releases(text: &str) -> Releases {
    if text.is_empty() {
        return Releases::ALL;
    }
    let all = text.split(',').flat_map(|part| {
        let (first, last) = part.split_once("..").unwrap_or((part, part));
        let (first, last) = (first.parse().unwrap_or(1), last.parse().unwrap_or(0));
        first..=last
    });
    all.fold(Releases(0), |all, at: usize| all.or(Releases::only(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_single_ones_and_ranges() {
        assert_eq!(releases(""), Releases::ALL);
        assert_eq!(releases("0"), Releases(0b1));
        assert_eq!(releases("1..3,5"), Releases(0b10_1110));
    }

    #[test]
    fn a_field_may_be_required_in_some_releases() {
        let field = field("ports!3..4@2..4:12@2|s@3..4").unwrap();
        assert_eq!(
            (field.name, field.has, field.required),
            ("ports", Releases(0b1_1100), Releases(0b1_1000))
        );
        assert_eq!(field.place.len(), 2);
        assert!(matches!(field.place[0].of, Of::Numbered(12)));
    }

    #[test]
    fn facts_have_a_name_and_a_value() {
        assert_eq!(
            fact("=word@1 Always"),
            Some((Releases(0b10), Fact::Word("Always")))
        );
        let Some((_, Fact::Length(bounds))) = fact("=length ..63") else {
            panic!()
        };
        assert_eq!((bounds.least, bounds.most), (None, Some(63.0)));
    }
}
