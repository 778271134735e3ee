//! Go templates as ResourceSets have them: the part of the language of which the outcome is certain.

mod cost;
pub(crate) mod functions;
pub(crate) mod go;
pub(crate) mod jinja;
pub(crate) mod parse;
pub(crate) mod render;
pub(crate) mod value;
pub(crate) mod written;
