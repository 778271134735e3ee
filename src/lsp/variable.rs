//! One variable: who has it, where it is set and where it is used, in all clusters.

use std::collections::BTreeSet;
use std::ops::Range;

use super::expression;
use super::uses::{Owner, Use};
use super::view::View;
use crate::source::{FileId, Span};
use crate::yaml::{Node, Parsed, Walk};

/// A variable, as far as places and Kustomizations hang together by it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// The bytes of the name at the place that was asked about.
    pub(super) at: Span,
    /// The Kustomizations that have it there.
    pub(super) owners: BTreeSet<Owner>,
}

impl Named {
    /// The variable that is used or set at a byte.
    pub(super) fn at(view: &View<'_>, file: FileId, offset: usize) -> Option<Self> {
        Self::used_at(view, file, offset).or_else(|| Self::set_at(view, file, offset))
    }

    fn used_at(view: &View<'_>, file: FileId, offset: usize) -> Option<Self> {
        let text = view.analysis.sources.file(file).text().ok()?;
        let found = expression::around(text, offset)?;
        let uses = view.analysis.uses().in_file(file);
        let is_here = |one: &&Use| {
            let around = one.expression.range();
            *one.variable == *found.name && around.start <= offset && offset <= around.end
        };
        Some(Self {
            owners: uses.filter(is_here).map(|one| one.owner).collect(),
            name: found.name.to_owned(),
            at: Span::new(file, found.at.start, found.at.end),
        })
    }

    /// The variable whose value, or name, stands there.
    fn set_at(view: &View<'_>, file: FileId, offset: usize) -> Option<Self> {
        let store = view.analysis.store();
        let (key, value) = entry_at(store.parsed(file), offset)?;
        let name = key.as_text()?;
        let owners = all_owners(view).filter(|owner| {
            let known = owner.variable(&view.analysis.fleet, name);
            known.and_then(|variable| variable.span) == Some(value.span())
        });
        let owners: BTreeSet<Owner> = owners.collect();
        (!owners.is_empty()).then(|| Self {
            name: name.to_owned(),
            at: key.span(),
            owners,
        })
    }

    /// Where it is set, for those Kustomizations.
    pub(super) fn set(&self, view: &View<'_>) -> BTreeSet<Span> {
        let variables = self.owners.iter();
        variables
            .filter_map(|owner| owner.variable(&view.analysis.fleet, &self.name)?.span)
            .collect()
    }

    /// Takes in every Kustomization that has it from the same place, or uses it in the same expression, until there are no more.
    pub(super) fn everywhere(mut self, view: &View<'_>) -> Self {
        loop {
            let before = self.owners.len();
            let set = self.set(view);
            let used: BTreeSet<Span> = self.used(view).collect();
            let others = all_owners(view).filter(|owner| {
                let known = owner.variable(&view.analysis.fleet, &self.name);
                known
                    .and_then(|variable| variable.span)
                    .is_some_and(|span| set.contains(&span))
            });
            let others: Vec<Owner> = others.collect();
            let users = view.analysis.uses().iter();
            let users = users.filter(|one| *one.variable == *self.name && used.contains(&one.expression));
            let users: Vec<Owner> = users.map(|one| one.owner).collect();
            self.owners.extend(others.into_iter().chain(users));
            if self.owners.len() == before {
                return self;
            }
        }
    }

    /// Every expression with it in those Kustomizations.
    pub(super) fn used<'a>(&'a self, view: &View<'a>) -> impl Iterator<Item = Span> + 'a {
        let uses = view.analysis.uses().iter();
        uses.filter(|one| *one.variable == *self.name && self.owners.contains(&one.owner))
            .map(|one| one.expression)
    }

    /// The bytes of the name in every expression with it.
    pub(super) fn used_names(&self, view: &View<'_>) -> BTreeSet<Span> {
        let mut names = BTreeSet::new();
        for span in self.used(view) {
            let text = view.analysis.sources.snippet(span);
            let found = expression::names_of(text, &self.name).into_iter();
            let start = span.start as usize;
            names
                .extend(found.map(|at: Range<usize>| Span::new(span.file, start + at.start, start + at.end)));
        }
        names
    }

    /// The bytes of the name where it is set; nothing for a place of which that cannot be told.
    pub(super) fn set_name(&self, view: &View<'_>, value: Span) -> Option<Span> {
        let store = view.analysis.store();
        let entry = entry_at(store.parsed(value.file), value.start as usize);
        let key = entry.filter(|(key, of)| of.span() == value && key.as_text() == Some(&self.name));
        let written = key.map(|(key, _)| key.span());
        let written = written.filter(|span| view.analysis.sources.snippet(*span) == self.name);
        written.or_else(|| self.in_line_of(view, value))
    }

    /// `NAME=value` in a file that a generator reads.
    fn in_line_of(&self, view: &View<'_>, value: Span) -> Option<Span> {
        let text = view.analysis.sources.file(value.file).text().ok()?;
        let before = text.get(..value.start as usize)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = before.get(line..)?;
        let name = rest.trim_end_matches(['"', '\'']).strip_suffix('=')?;
        let start = line + (name.len() - name.trim_start().len());
        (name.trim() == self.name).then(|| Span::new(value.file, start, start + self.name.len()))
    }
}

/// Every Kustomization of every cluster.
pub(super) fn all_owners<'a>(view: &View<'a>) -> impl Iterator<Item = Owner> + use<'a> {
    let clusters = view.analysis.fleet.clusters.iter().enumerate();
    clusters.flat_map(|(cluster, of)| {
        let kustomizations = 0..of.kustomizations.len();
        kustomizations.map(move |kustomization| Owner {
            cluster,
            kustomization,
        })
    })
}

/// The innermost key with its value that a byte belongs to.
fn entry_at(parsed: &Parsed, offset: usize) -> Option<(&Node, &Node)> {
    let mut found = None;
    for document in &parsed.documents {
        document.root.walk(&mut |_, key, node| {
            let holds = |span: Span| (span.start as usize..=span.end as usize).contains(&offset);
            let is_around = key.is_some_and(|key| holds(key.span())) || holds(node.span());
            if let Some(key) = key.filter(|_| is_around && node.as_scalar().is_some()) {
                found = Some((key, node));
            }
            if is_around { Walk::Enter } else { Walk::Skip }
        });
    }
    found
}
