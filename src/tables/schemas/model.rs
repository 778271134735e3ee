//! Kinds and types.

use std::collections::HashMap;

/// A set of releases of a product, in the order of its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Releases(pub(super) u32);

impl Releases {
    /// Every release that there is.
    pub(crate) const ALL: Self = Self(u32::MAX);

    /// None of them.
    pub(crate) const NONE: Self = Self(0);

    /// The one at that position.
    pub(crate) fn only(at: usize) -> Self {
        Self(u32::try_from(at).map_or(0, |at| 1u32.checked_shl(at).unwrap_or(0)))
    }

    /// Those in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of these are among the others.
    pub(crate) fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The position of the first.
    pub(crate) fn first(self) -> usize {
        self.0.trailing_zeros() as usize
    }
}

/// The kinds of a product.
#[derive(Debug, Default)]
pub(crate) struct Catalogue<'a> {
    /// What brings the kinds: `Kubernetes`.
    pub(crate) product: &'a str,
    /// The releases that were read, oldest first: `1.34`.
    pub(crate) releases: Vec<&'a str>,
    /// By API version and kind.
    pub(crate) kinds: HashMap<(&'a str, &'a str), Kind>,
    pub(crate) types: Vec<Type<'a>>,
}

impl<'a> Catalogue<'a> {
    /// The type of that number.
    pub(crate) fn type_of(&self, number: u32) -> Option<&Type<'a>> {
        self.types.get(number as usize)
    }

    /// What a field of an object takes.
    pub(crate) fn field(&self, object: &Place, name: &str) -> Option<&Place> {
        let Of::Numbered(number) = object.first()?.of else {
            return None;
        };
        match &self.type_of(number)?.shape {
            Shape::Fields(fields) => fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| &field.place),
            _ => None,
        }
    }
}

/// What is known of a kind in one version of its API.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// The releases that serve it.
    pub(crate) has: Releases,
    /// The whole object.
    pub(crate) root: Place,
}

/// What a place takes: nearly always one type, another in other releases where that changed.
pub(crate) type Place = Vec<Choice>;

/// What a place takes in some releases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) has: Releases,
    pub(crate) of: Of,
}

/// A type by itself or by its number in [`Catalogue::types`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Plain(Plain),
    Numbered(u32),
}

/// Types without anything below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Whatever it is.
    Any,
    /// A map of whatever it is.
    Object,
    Text,
    Bool,
    Int,
    Number,
    /// An integer, or text.
    IntOrText,
    /// `500m`, `2Gi`, or a number.
    Quantity,
}

/// A type with what is below it, and what else is said of its values.
#[derive(Debug)]
pub(crate) struct Type<'a> {
    pub(crate) shape: Shape<'a>,
    pub(crate) facts: Vec<(Releases, Fact<'a>)>,
}

/// What is below.
#[derive(Debug)]
pub(crate) enum Shape<'a> {
    Plain(Plain),
    Fields(Vec<Field<'a>>),
    Map(Place),
    List(Place),
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// The releases that have it.
    pub(crate) has: Releases,
    /// Those that refuse an object without it.
    pub(crate) required: Releases,
    pub(crate) place: Place,
}

/// What else is said of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fact<'a> {
    /// One of the words that it takes.
    Word(&'a str),
    /// How many characters a text has.
    Length(Bounds),
    /// Which numbers.
    Range(Bounds),
    /// How many items a list has.
    Items(Bounds),
    /// How many entries a map has.
    Entries(Bounds),
    Format(&'a str),
    /// A regular expression of Go that matches some part of the text.
    Pattern(&'a str),
    /// The fields by which the items of a list differ, between commas.
    Keys(&'a str),
    /// The items of a list differ.
    Set,
    /// Null is a value like others.
    Nullable,
    /// An object has fields beside those that are listed.
    Open,
    /// An object that is one of Kubernetes by itself: it has a kind and metadata.
    Embedded,
}

/// The least and the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
}
