//! One finding with its source lines, for people. The only file that knows miette.
//!
//! miette is given excerpts that are already cut, so that one diagnostic can show several files, far-apart labels stay
//! apart, and no span can lie outside of its text (miette 7.6 panics there).

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use super::excerpt::{Excerpt, Mark, excerpts};
use super::page_url;
use super::run::Report;
use super::style::{Look, hyperlink, wrap};
use crate::finding::{Label, Severity};
use crate::neutral::printable;
use crate::sink::Reported;

/// The finding without the clusters that have it.
pub(super) fn drawn(report: &Report<'_>, reported: &Reported) -> String {
    let look = report.look;
    let labels = shown_labels(look, reported);
    let excerpts = excerpts(report, labels);
    let shown = Shown {
        reported,
        text: Excerpts::new(excerpts, look),
        look,
    };
    let theme = if look.colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_urls(look.links)
        .with_link_display_text("(page)")
        .with_wrap_lines(false)
        .with_context_lines(1)
        .without_syntax_highlighting();
    let mut text = String::new();
    // Writing to a string does not fail, and the excerpts hold every span they are asked for.
    let _ = handler.render_report(&mut text, &shown);
    match reported.finding.labels.len() - labels.len() {
        0 => {}
        1 => text.push_str("  one more place is not shown\n"),
        more => text.push_str(&format!("  {more} more places are not shown\n")),
    }
    text
}

/// Places of one finding that are shown unless all are asked for.
const SHOWN: usize = 6;

/// The primary label comes first.
fn shown_labels(look: Look, reported: &Reported) -> &[Label] {
    let labels = &reported.finding.labels;
    match labels.get(..SHOWN) {
        Some(first) if !look.full && labels.len() > SHOWN + 1 => first,
        _ => labels,
    }
}

/// One finding in the shape that miette prints.
struct Shown<'a> {
    reported: &'a Reported,
    text: Excerpts,
    look: Look,
}

impl Shown<'_> {
    fn prose(&self, text: &str) -> String {
        // What miette puts in front of each line: `  × ` or `  help: `.
        wrap(&printable(text), self.look.width.saturating_sub(8))
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prose(&self.reported.finding.message))
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    // miette shows the level as a sign only; logs need the word.
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(format!(
            "{}[{}]",
            self.reported.severity, self.reported.rule.name
        )))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.reported.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let help = self.reported.finding.help.as_ref()?;
        Some(Box::new(self.prose(help)))
    }

    fn url<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let url = page_url(self.reported.rule).filter(|_| self.look.links)?;
        Some(Box::new(url))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.text.marks().map(|(base, mark)| {
            let span = (base + mark.start, mark.end - mark.start);
            let words = (!mark.text.is_empty()).then(|| mark.text.clone());
            if mark.primary {
                LabeledSpan::new_primary_with_span(words, span)
            } else {
                LabeledSpan::new_with_span(words, span)
            }
        })))
    }
}

/// The excerpts of one finding laid end to end, with a gap between two so that no span belongs to both.
struct Excerpts {
    placed: Vec<(usize, Excerpt)>,
    links: bool,
}

impl Excerpts {
    const GAP: usize = 2;

    fn new(excerpts: Vec<Excerpt>, look: Look) -> Self {
        let mut base = 0;
        let place = |excerpt: Excerpt| {
            let at = base;
            base += excerpt.text.len() + Self::GAP;
            (at, excerpt)
        };
        Self {
            placed: excerpts.into_iter().map(place).collect(),
            links: look.links,
        }
    }

    fn name(&self, excerpt: &Excerpt) -> String {
        match &excerpt.uri {
            Some(uri) if self.links => hyperlink(uri, &excerpt.path),
            _ => excerpt.path.clone(),
        }
    }

    fn marks(&self) -> impl Iterator<Item = (usize, &Mark)> {
        self.placed
            .iter()
            .flat_map(|(base, excerpt)| excerpt.marks.iter().map(|mark| (*base, mark)))
    }
}

impl SourceCode for Excerpts {
    /// The whole excerpt, as its context has been chosen already; without context only the position is of interest.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let (base, excerpt) = self
            .placed
            .iter()
            .find(|(base, excerpt)| (*base..=base + excerpt.text.len()).contains(&start))
            .filter(|(base, excerpt)| end <= base + excerpt.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        let name = self.name(excerpt);
        let mark = excerpt.marks.iter().find(|mark| base + mark.start == start);
        let contents = match mark {
            Some(mark) if lines_before == 0 && lines_after == 0 => {
                let data = excerpt.text.get(mark.start..mark.end).unwrap_or_default();
                let (line, column) = (mark.at.line.saturating_sub(1), mark.at.column.saturating_sub(1));
                MietteSpanContents::new_named(name, data.as_bytes(), *span, line, column, 1)
            }
            _ => {
                let whole = SourceSpan::from((*base, excerpt.text.len()));
                let first = excerpt.first_line.saturating_sub(1);
                MietteSpanContents::new_named(
                    name,
                    excerpt.text.as_bytes(),
                    whole,
                    first,
                    0,
                    excerpt.line_count,
                )
            }
        };
        Ok(Box::new(contents))
    }
}
