//! The rules: one file each, one line in the registry each.

mod build_problems;
mod change;
mod fixes;
#[cfg(test)]
mod fixture;
mod flux;
mod gather;
mod ignore_comments;
mod kustomize;
mod mesh;
mod meshlint;
mod page;
mod places;
mod policy;
mod reference;
mod registry;
mod rule;
mod schema;
mod service;
mod subject;
mod words;
mod yaml;

pub(crate) use fixes::settled;
pub(crate) use ignore_comments::{IgnoreComment, Name, ignore_comments};
pub(crate) use meshlint::unused_ignore::{entry_finding as unused_ignore_entry, finding as unused_ignore};
pub(crate) use page::{Excerpt, FINDS, FIX, MATTERS, Sample};
pub use rule::{Category, Context, Past, Rule};
pub use subject::Subjects;

/// The rule whose findings the sink makes.
pub(crate) static UNUSED_IGNORE: &Rule = &meshlint::unused_ignore::RULE;

pub use registry::{RULES, find};
