//! What is known of the fields of a kind.

/// The part of a type that matters to a strategic merge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Type {
    /// The fields that merge as lists or lead to such lists, in byte order of their names.
    pub(crate) fields: &'static [(&'static str, Field)],
}

/// What a field of a [`Type`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A map of that type.
    Map(&'static Type),
    /// A list that merges instead of being replaced.
    List {
        /// The fields that tell its elements apart; none for a list of scalars.
        keys: &'static [&'static str],
        /// The type of its elements, where that matters.
        element: Option<&'static Type>,
    },
}

impl Type {
    /// The field of that name, unless nothing merges in it.
    pub(crate) fn field(&self, name: &str) -> Option<Field> {
        self.fields
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| *field)
    }
}
