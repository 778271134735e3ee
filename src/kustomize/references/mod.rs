//! Values that one object takes from another: names that changed, `vars` and `replacements`.

pub(super) mod nameref;
pub(super) mod replacement;
pub(super) mod vars;
