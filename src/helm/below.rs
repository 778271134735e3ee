//! Values of files.

use crate::source::{FileId, Span};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Store};

/// What lies below `valuesFrom` and `values`: the values that the chart brings along.
pub(crate) enum Below {
    /// They are here.
    Values(Node),
    /// Something at that place keeps them from being known.
    Unknown(Span, UnknownReason),
}

impl Below {
    /// The values of a file. What one that does not parse leaves out may stand in what cannot be read.
    pub(crate) fn file(store: &Store<'_>, file: FileId) -> impl Iterator<Item = Self> {
        let parsed = store.parsed(file);
        let values = parsed.root().filter(|root| root.is_mapping());
        let error = parsed.errors.first();
        let unknown = error.map(|error| Self::Unknown(error.span, UnknownReason::Unparsable));
        values.cloned().map(Self::Values).into_iter().chain(unknown)
    }
}
