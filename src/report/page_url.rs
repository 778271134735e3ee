//! Where the page of a rule is published.

use crate::rules::Rule;

/// The address of a rule's page, when the package says where it is published.
pub(crate) fn page_url(rule: &Rule) -> Option<String> {
    let home = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    let category = rule.category.as_str();
    let is_published = !home.is_empty() && !rule.page.is_empty();
    is_published.then(|| format!("{home}/blob/v{version}/rules/{category}/{}.md", rule.name))
}
