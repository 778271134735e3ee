//! What a change does to the clusters: two trees of files rendered, and the objects that each cluster gets set side by side.
//!
//! The order of keys, of documents and of keyed lists is no change, nor is the way in which a value is written. What cannot be known
//! on one side is said and never taken for a change.

mod aligned;
mod clusters;
mod facts;
mod fate;
mod fields;
mod lists;
mod model;
mod objects;
mod path;
mod secrecy;
mod stems;
mod tree;

pub use aligned::{Document, documents};
pub use clusters::compare;
pub use fate::{Fate, Pruner};
pub use model::{Change, ClusterChange, FactChange, FieldChange, Hidden, ObjectChange, Owned, Untold, Value};
pub(crate) use path::Path;
pub(crate) use secrecy::{Judge, Secrecy};
pub(crate) use tree::document_at;
pub use tree::{Side, Spot, Tree};
