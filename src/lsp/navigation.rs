//! Definitions and references.

use std::collections::BTreeSet;

use lsp_types::Location;

use super::variable::Named;
use super::view::View;
use crate::source::{FileId, Span};

/// Where what is named at a byte is set, or lies.
pub(super) fn definition(view: &View<'_>, file: FileId, offset: usize) -> Vec<Location> {
    view.locations(match Named::at(view, file, offset) {
        Some(named) => named.set(view),
        None => view.analysis.links().from(file, offset),
    })
}

/// Where it is used, in all clusters; with the places where it is set, if these are asked for.
pub(super) fn references(view: &View<'_>, file: FileId, offset: usize, with_set: bool) -> Vec<Location> {
    let (mut places, set) = match Named::at(view, file, offset) {
        Some(named) => {
            let named = named.everywhere(view);
            (named.used_names(view), named.set(view))
        }
        None => of_links(view, file, offset),
    };
    if with_set {
        places.extend(set);
    }
    view.locations(places)
}

fn of_links(view: &View<'_>, file: FileId, offset: usize) -> (BTreeSet<Span>, BTreeSet<Span>) {
    let links = view.analysis.links();
    let mut targets = links.targets_at(file, offset);
    targets.extend(links.from(file, offset));
    (links.to(&targets), targets)
}
