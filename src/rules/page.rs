//! The parts of a rule's page that the program shows by themselves.

use serde::Serialize;

use super::Rule;

/// The heading below which a page tells what its rule looks at.
pub(crate) const FINDS: &str = "What it finds";
/// The heading below which a page tells what happens where the fault is not mended.
pub(crate) const MATTERS: &str = "Why it matters";
/// The heading below which a page tells how to mend the fault.
pub(crate) const FIX: &str = "How to fix";

/// How many lines of an example are shown before and after one that fails.
const AROUND: usize = 4;

/// A part of a file of an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Excerpt {
    pub(crate) path: String,
    pub(crate) lines: Vec<String>,
}

/// An example of a page, in Markdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Sample {
    /// Whether the rule finds something in it.
    pub(crate) fails: bool,
    /// The first of a section has none.
    pub(crate) title: Option<String>,
    pub(crate) text: String,
}

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

    /// Lines of the first example that fails, around the first that the rule points at.
    pub(crate) fn failing_lines(&self) -> Option<Excerpt> {
        let section = self.section("Fails")?;
        let mark = format!(": {} \"", self.name);
        let mut path = "";
        let mut block: Vec<&str> = Vec::new();
        for line in section.lines() {
            if line.starts_with("```") {
                if let Some(at) = block.iter().position(|line| line.contains(&mark)) {
                    return Some(Excerpt {
                        path: path.to_owned(),
                        lines: around(&block, at),
                    });
                }
                path = title(line).unwrap_or_default();
                block.clear();
            } else if !is_further_mark(line) {
                block.push(line);
            }
        }
        None
    }

    /// The examples of the page in their order.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        [("Fails", true), ("Passes", false)]
            .into_iter()
            .flat_map(|(heading, fails)| {
                let section = self.section(heading).unwrap_or_default();
                samples(&section, fails)
            })
            .collect()
    }
}

/// The path in `yaml title="path"`.
fn title(fence: &str) -> Option<&str> {
    let (_, rest) = fence.split_once(" title=\"")?;
    rest.split_once('"').map(|(path, _)| path)
}

/// Whether the line only says more of what the line above it fails for.
fn is_further_mark(line: &str) -> bool {
    let line = line.trim_start_matches(['+', ' ']);
    line.starts_with("# label: ") || line.starts_with("# help: ")
}

fn around(block: &[&str], at: usize) -> Vec<String> {
    let from = at.saturating_sub(AROUND);
    let lines = block.iter().take(at + AROUND + 1).skip(from);
    lines.map(|line| (*line).to_owned()).collect()
}

fn samples(section: &str, fails: bool) -> Vec<Sample> {
    let mut samples = vec![Sample {
        fails,
        title: None,
        text: String::new(),
    }];
    for line in section.lines() {
        match (line.strip_prefix("### "), samples.last_mut()) {
            (Some(title), _) => samples.push(Sample {
                fails,
                title: Some(title.to_owned()),
                text: String::new(),
            }),
            (None, Some(sample)) => {
                sample.text.push_str(line);
                sample.text.push('\n');
            }
            (None, None) => {}
        }
    }
    samples.retain_mut(|sample| {
        sample.text = sample.text.trim().to_owned();
        !sample.text.is_empty()
    });
    samples
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

    #[test]
    fn a_failing_line_is_shown_with_what_stands_around_it() {
        let rule = Rule {
            name: "some-fault",
            category: Category::Mesh,
            severity: Severity::Warning,
            pedantic: false,
            since: "0.1.0",
            page: "# some-fault\n\n## Fails\n\n```yaml title=\"a.yaml\"\nfine: 1\n```\n\n```yaml title=\"b.yaml\"\na: 1\nb: 2\nc: 3\nd: 4\n\
                e: 5 # error: other \"x\"\nf: 6 # error: some-fault \"too many\"\n# label: \"here\"\ng: 7\n```\n\n### Another\n\nC\n\n## Passes\n\n\
                Like *Fails*\n",
            check: silent,
        };
        let excerpt = rule.failing_lines().unwrap();
        assert_eq!(excerpt.path, "b.yaml");
        assert_eq!(
            excerpt.lines,
            [
                "b: 2",
                "c: 3",
                "d: 4",
                "e: 5 # error: other \"x\"",
                "f: 6 # error: some-fault \"too many\"",
                "g: 7"
            ]
        );
        let shape: Vec<_> = rule
            .samples()
            .iter()
            .map(|one| (one.fails, one.title.clone()))
            .collect();
        assert_eq!(
            shape,
            [(true, None), (true, Some("Another".to_owned())), (false, None)]
        );
    }
}
