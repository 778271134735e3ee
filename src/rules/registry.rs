//! The one list of all rules: dispatch, `rules`, `explain`, the README table and the tests read it.

use super::Rule;

/// Every rule, sorted by category, then name. `build.rs` lists what the categories declare.
pub static RULES: &[&Rule] = &include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}
