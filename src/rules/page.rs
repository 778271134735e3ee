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

    /// What stands under a heading of level two.
    pub fn section(&self, heading: &str) -> Option<String> {
        let mut fence: Option<&str> = None;
        let mut section: Option<String> = None;
        for line in self.page.lines() {
            let ticks = line.get(..line.len() - line.trim_start_matches('`').len());
            match (fence, ticks.filter(|ticks| ticks.len() >= 3)) {
                (None, Some(ticks)) => fence = Some(ticks),
                (Some(open), Some(ticks)) if ticks == open => fence = None,
                _ => {}
            }
            if let Some(title) = line.strip_prefix("## ").filter(|_| fence.is_none()) {
                if section.is_some() {
                    break;
                }
                section = (title.trim() == heading).then(String::new);
                continue;
            }
            if let Some(section) = &mut section {
                section.push_str(line);
                section.push('\n');
            }
        }
        section.map(|text| text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Category, Context};
    use super::*;
    use crate::finding::{Finding, Severity};

    fn silent(_: &Context<'_>, _: &mut Vec<Finding>) {}

    #[test]
    fn a_page_falls_into_summary_and_sections() {
        let rule = Rule {
            name: "some-fault",
            category: Category::Mesh,
            severity: Severity::Warning,
            pedantic: false,
            since: "0.1.0",
            page: "# some-fault\n\n**warning** · mesh · since 0.1.0\n\nTwo things\nare one.\n\n## What it finds\n\nA\n\n\
                ```yaml\n## Limits\n```\n\n### More\n\nB\n\n## Limits\n\nC\n",
            check: silent,
        };
        assert_eq!(rule.summary(), "Two things are one.");
        assert_eq!(rule.header(), "**warning** · mesh · since 0.1.0");
        assert_eq!(
            rule.section("What it finds").as_deref(),
            Some("A\n\n```yaml\n## Limits\n```\n\n### More\n\nB")
        );
        assert_eq!(rule.section("Limits").as_deref(), Some("C"));
        assert_eq!(rule.section("Passes"), None);
    }
}
