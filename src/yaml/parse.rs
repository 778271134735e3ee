//! Text to trees: the result types and the checks on a whole text; [`super::tree`] builds the nodes.

use super::events::EventSource;
use super::locate::Locator;
use super::parsed::{MAX_DEPTH, Parsed};
use super::scan::Grammar;
use super::tree::TreeBuilder;
use crate::source::FileId;

/// Reads a file's text. Never fails: what cannot be read is in [`Parsed::errors`].
pub fn parse(file: FileId, text: &str) -> Parsed {
    parse_at(&Locator::File { file }, text)
}

pub(super) fn parse_at(locator: &Locator, text: &str) -> Parsed {
    let mut source = Grammar::new(text, MAX_DEPTH);
    build(locator, text, &mut source)
}

fn build<'a>(locator: &'a Locator, text: &'a str, source: &mut dyn EventSource<'a>) -> Parsed {
    let mut builder = TreeBuilder::new(locator, text);
    while let Some(event) = source.next_event() {
        match event {
            Ok(event) => builder.take(event),
            Err(error) => builder.fail(error),
        }
        if builder.gave_up() {
            break;
        }
    }
    builder.finish()
}
