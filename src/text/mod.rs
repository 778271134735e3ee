//! Words and names: what was probably meant by one that leads nowhere.

mod nearest_path;
pub(crate) mod suggest;

pub(crate) use nearest_path::{Want, nearest_path};
