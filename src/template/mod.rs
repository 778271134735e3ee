//! Go templates as ResourceSets have them: the part of the language of which the outcome is certain.

mod cost;
pub(crate) mod functions;
pub(crate) mod go;
pub(crate) mod jinja;
pub(crate) mod parse;
pub(crate) mod render;
mod stopped;
pub(crate) mod value;
pub(crate) mod written;
pub(crate) use stopped::Stopped;
