//! The rules as SARIF describes them, cut out of their pages.

use serde::Serialize;

use super::text::{Text, level};
use crate::finding::Severity;
use crate::report::page_url;
use crate::rules::{Category, FINDS, FIX, MATTERS, Rule};

/// GitHub refuses longer descriptions.
const LONGEST_DESCRIPTION: usize = 1024;
/// The parts of a page that help whoever reads a finding. The examples stay out: they would make up most of every log.
const HELPFUL: [&str; 5] = [FINDS, MATTERS, FIX, "Limits", "See also"];

/// A `reportingDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
    category: Category,
    pedantic: bool,
    since: &'static str,
    /// GitHub sorts by it.
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
}

impl Descriptor {
    pub(super) fn of(rule: &Rule) -> Self {
        let summary = without_links(&rule.summary(), Links::Gone);
        Self {
            id: rule.name,
            short_description: Text::new(&summary),
            full_description: Text::new(full_description(rule, &summary)),
            help: Help {
                text: help(rule, &summary, Links::Gone),
                markdown: help(rule, &summary, Links::Web),
            },
            help_uri: page_url(rule),
            default_configuration: Configuration {
                enabled: !rule.pedantic,
                level: level(rule.severity),
            },
            properties: Properties {
                tags: tags(rule),
                category: rule.category,
                pedantic: rule.pedantic,
                since: rule.since,
                problem_severity: match rule.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Info => "recommendation",
                },
            },
        }
    }
}

fn tags(rule: &Rule) -> Vec<&'static str> {
    let pedantic = rule.pedantic.then_some("pedantic");
    std::iter::once(rule.category.as_str()).chain(pedantic).collect()
}

/// The summary and the first paragraph on what is checked, where there is room for it.
fn full_description(rule: &Rule, summary: &str) -> String {
    let section = rule.section(FINDS).unwrap_or_default();
    let paragraph: Vec<&str> = section
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let paragraph = without_links(&paragraph.join(" "), Links::Gone);
    let full = format!("{summary} {paragraph}");
    if paragraph.is_empty() || full.chars().count() > LONGEST_DESCRIPTION {
        summary.to_owned()
    } else {
        full
    }
}

fn help(rule: &Rule, summary: &str, links: Links) -> String {
    let mut help = summary.to_owned();
    for heading in HELPFUL {
        let Some(section) = rule.section(heading) else {
            continue;
        };
        let (mark, section) = match links {
            Links::Web => ("## ", without_links(&section, links)),
            Links::Gone => ("", without_links(&section, links)),
        };
        help.push_str(&format!("\n\n{mark}{heading}\n\n{section}"));
    }
    help
}

/// Which links of a page are kept. Those to other pages lead nowhere from inside a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    /// Those to the web.
    Web,
    /// None; addresses are written out.
    Gone,
}

fn without_links(text: &str, links: Links) -> String {
    let mut left = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, label, target, after)) = next_link(left) {
        kept.push_str(before);
        let is_web = target.starts_with("https://") || target.starts_with("http://");
        match (links, is_web) {
            (Links::Web, true) => kept.push_str(&format!("[{label}]({target})")),
            (Links::Gone, true) => kept.push_str(&format!("{label} ({target})")),
            (_, false) => kept.push_str(label),
        }
        left = after;
    }
    kept + left
}

/// The first `[label](target)`: what stands before it, its parts, and what comes after.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = text.split_once("](")?;
    match (head.rfind('['), tail.split_once(')')) {
        (Some(open), Some((target, after))) => {
            Some((head.get(..open)?, head.get(open + 1..)?, target, after))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn links_to_other_pages_become_their_words() {
        let text = "see [one-rule](one-rule.md), [the docs](https://example.org/x) and a[0].";
        assert_eq!(
            without_links(text, Links::Web),
            "see one-rule, [the docs](https://example.org/x) and a[0]."
        );
        assert_eq!(
            without_links(text, Links::Gone),
            "see one-rule, the docs (https://example.org/x) and a[0]."
        );
    }

    #[test]
    fn every_rule_is_described_in_full() {
        for rule in RULES {
            let one = Descriptor::of(rule);
            assert!(
                one.short_description.text.chars().count() <= LONGEST_DESCRIPTION,
                "{}",
                rule.name
            );
            assert!(
                one.full_description.text.len() > one.short_description.text.len(),
                "{}",
                rule.name
            );
            for heading in HELPFUL {
                assert!(
                    one.help.markdown.contains(&format!("\n## {heading}\n\n")),
                    "{}",
                    rule.name
                );
            }
            assert!(
                !one.help.markdown.contains("title=\""),
                "{} shows its examples",
                rule.name
            );
            assert!(
                !one.help.markdown.contains(".md)"),
                "{} links to a page",
                rule.name
            );
        }
    }
}
