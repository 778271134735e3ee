//! The parts of a rule's page that the program shows by themselves.

use super::Rule;

impl Rule {
    /// The line under the title of the page: level, category and first version, as the code has them.
    pub fn header(&self) -> String {
        let pedantic = if self.pedantic {
            " (pedantic: off unless selected)"
        } else {
            ""
        };
        format!(
            "**{}**{pedantic} · {} · since {}",
            self.severity,
            self.category.as_str(),
            self.since
        )
    }

    /// The page's first sentence, on one line.
    pub fn summary(&self) -> String {
        let body = self
            .page
            .lines()
            .skip_while(|line| line.starts_with('#') || line.trim().is_empty());
        let body = body.skip_while(|line| line.starts_with("**") || line.trim().is_empty());
        let paragraph: Vec<&str> = body
            .take_while(|line| !line.trim().is_empty())
            .map(str::trim)
            .collect();
        paragraph.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Category, Context};
    use super::*;
    use crate::finding::{Finding, Severity};

    fn silent(_: &Context<'_>, _: &mut Vec<Finding>) {}

    #[test]
    fn the_summary_is_the_first_paragraph_below_the_header() {
        let rule = Rule {
            name: "some-fault",
            category: Category::Mesh,
            severity: Severity::Warning,
            pedantic: false,
            since: "0.1.0",
            page: "# some-fault\n\n**warning** · mesh · since 0.1.0\n\nTwo things\nare one.\n\n## What it checks\n",
            check: silent,
        };
        assert_eq!(rule.summary(), "Two things are one.");
        assert_eq!(rule.header(), "**warning** · mesh · since 0.1.0");
    }
}
