//! The one list of all rules: dispatch, `rules`, `explain`, the README table and the tests read it.

use super::Rule;
use super::{flux, kustomize, service, yaml};

/// Every rule, sorted by category, then name.
pub static RULES: &[&Rule] = &[
    &service::annotation_not_a_string::RULE,
    &flux::dependency_cycle::RULE,
    &flux::malformed_substitution::RULE,
    &flux::missing_dependency::RULE,
    &flux::missing_path::RULE,
    &flux::missing_source::RULE,
    &flux::missing_substitute_source::RULE,
    &flux::undefined_variable::RULE,
    &kustomize::kustomize_build_failed::RULE,
    &yaml::unparsable_yaml::RULE,
];

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}
