//! From the tree of the substituted text back to a tree with origins.
//!
//! The two trees nearly always have the same shape, so old and new nodes are walked side by side. Keys find their old
//! entry by the place they were printed at, which also holds when a value has swallowed its neighbours.

use std::collections::HashMap;
use std::ops::Range;

use crate::yaml::{Entry, Kind, Node, Origin, Scalar, value_ranges};

use super::evidence::{self, short};
use super::prepare::unknown_expression;
use super::printed::Printed;
use super::typed::{self, changes_when_reread};
use crate::postbuild::Variables;
use crate::postbuild::envsubst::Evaluated;

/// The new text is YAML, but nothing that an object can hold.
pub(crate) struct Refused {
    /// Offset in the substituted text.
    pub(crate) at: usize,
    pub(crate) reason: String,
}

pub(crate) struct Rebuild<'a> {
    printed: &'a Printed,
    variables: &'a Variables,
    evaluated: &'a Evaluated,
    /// Scalars that hold an expression, by position in `printed.scalars`.
    touched: Vec<usize>,
}

impl<'a> Rebuild<'a> {
    pub(crate) fn new(printed: &'a Printed, variables: &'a Variables, evaluated: &'a Evaluated) -> Self {
        let mut touched: Vec<usize> = printed
            .places
            .iter()
            .filter_map(|place| printed.scalar_at(place.range.start))
            .chain(printed.spoiled.iter().copied())
            .collect();
        touched.sort_unstable();
        touched.dedup();
        Self {
            printed,
            variables,
            evaluated,
            touched,
        }
    }

    /// Gives the root its origins.
    pub(crate) fn tree(&mut self, new: &Node, old: &Node) -> Result<Node, Refused> {
        self.node(new, Some(old), old.origin())
    }

    /// `old` is what stood in the node's place, if that can be told; `around` the origin for what has none.
    fn node(&mut self, new: &Node, old: Option<&Node>, around: &Origin) -> Result<Node, Refused> {
        match new.kind() {
            Kind::Scalar(scalar) => self.scalar(new, scalar, old, around),
            Kind::Sequence(items) => {
                let old = old.filter(|old| old.is_sequence());
                let origin = self.origin_of_collection(new, old, around);
                let counterparts = old.map(Node::items).filter(|old| old.len() == items.len());
                let mut rebuilt = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let counterpart = counterparts.and_then(|old| old.get(at));
                    rebuilt.push(self.node(item, counterpart, &origin)?);
                }
                let same = counterparts
                    .is_some_and(|old| old.iter().zip(&rebuilt).all(|(old, new)| old.is_same(new)));
                Ok(match old {
                    Some(old) if same => old.clone(),
                    _ => Node::sequence(rebuilt, origin),
                })
            }
            Kind::Mapping(entries) => self.mapping(new, entries, old, around),
        }
    }

    fn mapping(
        &mut self,
        new: &Node,
        entries: &[Entry],
        old: Option<&Node>,
        around: &Origin,
    ) -> Result<Node, Refused> {
        let old = old.filter(|old| old.is_mapping());
        let origin = self.origin_of_collection(new, old, around);
        let old_entries = old.map_or(&[][..], Node::entries);
        let by_key: HashMap<&str, usize> = old_entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((&*entry.key.as_scalar()?.text, at)))
            .collect();
        let mut rebuilt: Vec<(usize, Entry)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let placed = self
                .scalar_of(&entry.key)
                .and_then(|index| self.printed.scalars.get(index));
            let counterpart = placed
                .filter(|placed| placed.is_key)
                .and_then(|placed| by_key.get(&*placed.node.as_scalar()?.text).copied());
            let old_entry = counterpart.and_then(|at| old_entries.get(at));
            let key = self.key(&entry.key, old_entry.map(|entry| &entry.key), &origin)?;
            let value = self.node(&entry.value, old_entry.map(|entry| &entry.value), key.origin())?;
            rebuilt.push((counterpart.unwrap_or(usize::MAX), Entry { key, value }));
        }
        // In the order of the files rather than the sorted one of the text.
        rebuilt.sort_by_key(|(at, _)| *at);
        let same = rebuilt.len() == old_entries.len()
            && rebuilt
                .iter()
                .zip(old_entries)
                .all(|((_, new), old)| new.key.is_same(&old.key) && new.value.is_same(&old.value));
        Ok(match old {
            Some(old) if same => old.clone(),
            _ => Node::mapping(rebuilt.into_iter().map(|(_, entry)| entry).collect(), origin),
        })
    }

    fn key(&mut self, new: &Node, old: Option<&Node>, around: &Origin) -> Result<Node, Refused> {
        let Some(scalar) = new.as_scalar() else {
            return Err(Refused {
                at: new.span().start as usize,
                reason: "a list or map stands as a key".to_owned(),
            });
        };
        let text = typed::key(scalar).map_err(|reason| Refused {
            at: new.span().start as usize,
            reason,
        })?;
        if let Some(old) = old
            && old
                .as_scalar()
                .is_some_and(|old| *old.text == *text && !text.contains('$'))
        {
            return Ok(old.clone());
        }
        let origin = self.origin_of_scalar(new, old, around);
        Ok(Node::string(&*text, origin))
    }

    fn scalar(
        &mut self,
        new: &Node,
        scalar: &Scalar,
        old: Option<&Node>,
        around: &Origin,
    ) -> Result<Node, Refused> {
        let typed = typed::value(scalar).map_err(|reason| Refused {
            at: new.span().start as usize,
            reason,
        })?;
        if let Some(old_scalar) = old.and_then(Node::as_scalar)
            && let Some(old) = old
            && !changes_when_reread(old_scalar)
            && !self.holds_expression(new, old_scalar)
            && typed::is_same_value(old_scalar, scalar)
        {
            return Ok(old.clone());
        }
        let origin = self.origin_of_scalar(new, old, around);
        Ok(Node::new(Kind::Scalar(typed), origin))
    }

    fn holds_expression(&self, new: &Node, old: &Scalar) -> bool {
        old.text.contains("${")
            && self
                .scalar_of(new)
                .is_none_or(|index| self.touched.binary_search(&index).is_ok())
    }

    /// The printed scalar at which a node of the new text begins.
    fn scalar_of(&self, new: &Node) -> Option<usize> {
        let at = new.span().start as usize;
        let piece = self
            .evaluated
            .pieces
            .partition_point(|piece| piece.output.start <= at)
            .checked_sub(1)
            .and_then(|index| self.evaluated.pieces.get(index))?;
        let source = match piece.uses {
            Some(_) => piece.source.start,
            None => piece.source.start + at - piece.output.start,
        };
        self.printed.scalar_at(source)
    }

    fn origin_of_scalar(&self, new: &Node, old: Option<&Node>, around: &Origin) -> Origin {
        let index = self.scalar_of(new).or_else(|| {
            // An empty value has no place of its own.
            let old = old?;
            let scalars = &self.printed.scalars;
            let is_old = |index: &&usize| {
                scalars
                    .get(**index)
                    .is_some_and(|placed| placed.node.is_same(old))
            };
            self.touched.iter().find(is_old).copied()
        });
        match index {
            Some(index) => self.origin_of_printed(index, new),
            None => old.map_or(around, Node::origin).clone(),
        }
    }

    /// The origin of what was printed there, with the expressions in it and what they became in `new`.
    fn origin_of_printed(&self, index: usize, new: &Node) -> Origin {
        let Some(placed) = self.printed.scalars.get(index) else {
            return Origin::at(crate::source::Span::at_start(self.printed.file));
        };
        let origin = placed.node.origin();
        let mut all = evidence::earlier(origin);
        let place = self.places_in(new);
        all.extend(evidence::substitutions(
            self.printed,
            self.variables,
            self.evaluated,
            &placed.range,
            &place,
        ));
        if self.printed.spoiled.binary_search(&index).is_ok() {
            all.extend(
                placed
                    .node
                    .as_scalar()
                    .and_then(|scalar| unknown_expression(scalar, origin)),
            );
        }
        Origin {
            span: origin.span,
            substituted: (!all.is_empty()).then(|| all.into()),
        }
    }

    /// A collection that was none before comes from the value of a variable.
    fn origin_of_collection(&self, new: &Node, old: Option<&Node>, around: &Origin) -> Origin {
        match old {
            Some(old) => old.origin().clone(),
            None => match self.scalar_of(new) {
                Some(index) => self.origin_of_printed(index, new),
                None => around.clone(),
            },
        }
    }

    /// Tells for ranges of the new text where they lie in the text of a new scalar.
    fn places_in(&self, new: &Node) -> impl Fn(Range<usize>) -> Option<Range<u32>> {
        let span = new.span().range();
        let written = self.evaluated.text().and_then(|text| text.get(span.clone()));
        let value = new.as_scalar().map(|scalar| &*scalar.text);
        let ranges = written
            .zip(value)
            .and_then(|(written, value)| value_ranges(written, value));
        move |range| {
            let (start, end) = (
                range.start.checked_sub(span.start)?,
                range.end.checked_sub(span.start)?,
            );
            short(&ranges.as_ref()?(start..end)?)
        }
    }
}
