//! The short way: values put straight into the tree, where it is certain that printing, substituting and reading the
//! text would give the same. Most objects take it in most clusters, since their values are plain words.

use std::sync::Arc;

use crate::kustomize::Object;
use crate::yaml::{Kind, Node, Origin, Placed, Scalar, Style, Tag};

use super::evidence;
use super::printed::{Printed, PrintedPlace};
use super::typed;
use super::value::value_of;
use crate::postbuild::Variables;
use crate::postbuild::envsubst::{Evaluated, Missing, Template, Undefined};

/// Objects with more scalars to substitute than this go the long way.
const MAX_SPOTS: usize = 500;

/// The scalars of an object that hold expressions, each with a template of its own.
#[derive(Debug)]
pub(crate) struct Quick {
    /// In the order of the printed text.
    spots: Vec<Spot>,
}

#[derive(Debug)]
struct Spot {
    /// The way from the root: positions in lists and maps.
    path: Box<[usize]>,
    node: Node,
    /// Of the scalar's text, without the quotes and indentation that printing adds.
    template: Template,
    /// Position of its first expression in [`Printed::places`].
    first_place: usize,
    style: Style,
}

/// What the short way gives.
pub(crate) struct Done {
    pub(crate) object: Arc<Object>,
    /// With ranges in the printed text.
    pub(crate) undefined: Vec<Undefined>,
}

impl Quick {
    /// Finds the scalars to substitute; `None` when an expression is in a key, or printed otherwise than it stands in
    /// the scalar, or goes beyond one.
    pub(crate) fn new(
        object: &Object,
        text: &str,
        scalars: &[Placed],
        places: &[PrintedPlace],
    ) -> Option<Self> {
        let mut found = Vec::new();
        collect(&object.node, &mut Vec::new(), &mut found)?;
        let mut printed: Vec<(usize, &Placed)> = scalars
            .iter()
            .filter(|placed| holds_dollar(&placed.node))
            .enumerate()
            .collect();
        let mut spots = Vec::with_capacity(found.len());
        for (path, node) in found {
            // The same node stands in several places when the file has an alias: any of its prints will do.
            let at = printed
                .iter()
                .position(|(_, placed)| placed.node.is_same(&node))?;
            let (order, placed) = printed.remove(at);
            if let Some(spot) = Spot::new(path, node, placed, text, places)? {
                spots.push((order, spot));
            }
        }
        spots.sort_by_key(|(order, _)| *order);
        Some(Self {
            spots: spots.into_iter().map(|(_, spot)| spot).collect(),
        })
    }

    /// Substitutes, or `None` when a value asks for the long way.
    pub(crate) fn run(
        &self,
        object: &Object,
        printed: &Printed,
        variables: &Variables,
        missing: Missing,
    ) -> Option<Done> {
        let lookup = |name: &str| value_of(variables, name);
        let mut node = object.node.clone();
        let mut undefined = Vec::new();
        for spot in &self.spots {
            let evaluated = spot.template.eval(&lookup, missing).ok()?;
            let scalar = spot.scalar(&evaluated)?;
            let places: Vec<_> = spot.places(printed).collect();
            // From ranges in the scalar to ranges in the printed text.
            let moved = |range: &std::ops::Range<usize>| {
                let at = places.partition_point(|(own, _)| own.end < range.end);
                let (own, place) = places.get(at)?;
                let start = place.range.start + range.start.checked_sub(own.start)?;
                Some(start..start + range.len())
            };
            for one in &evaluated.undefined {
                undefined.push(Undefined {
                    variable: one.variable.clone(),
                    range: moved(&one.range)?,
                });
            }
            let origin = spot.node.origin();
            let mut all = evidence::earlier(origin);
            for piece in &evaluated.pieces {
                let output = evidence::short(&piece.output);
                for used in evaluated.uses_of(piece) {
                    let span = printed.span_of(&moved(&used.range)?);
                    all.push(evidence::substitution(variables, used, span, output.clone()));
                }
            }
            let origin = Origin {
                span: origin.span,
                substituted: (!all.is_empty()).then(|| all.into()),
            };
            *descend(&mut node, &spot.path)? = Node::new(Kind::Scalar(scalar), origin);
        }
        Some(Done {
            object: Arc::new(object.with(node)),
            undefined,
        })
    }
}

impl Spot {
    /// The outer `None` sends the object the long way; the inner one means that nothing is to be replaced here.
    fn new(
        path: Vec<usize>,
        node: Node,
        placed: &Placed,
        text: &str,
        places: &[PrintedPlace],
    ) -> Option<Option<Self>> {
        let scalar = node.as_scalar()?;
        let template = Template::parse(Arc::clone(&scalar.text)).ok()?;
        if template.is_literal() {
            return Some(None);
        }
        let first_place = places.partition_point(|place| place.range.start < placed.range.start);
        let own_places = places.get(first_place..)?.iter();
        let own_places = own_places.take_while(|place| place.range.start < placed.range.end);
        let as_printed = own_places.map(|place| text.get(place.range.clone()));
        let as_read = template.expressions().map(|range| template.text().get(range));
        if !as_printed.eq(as_read) {
            return None;
        }
        let style = match text.as_bytes().get(placed.range.start)? {
            b'\'' => Style::SingleQuoted,
            b'"' => Style::DoubleQuoted,
            b'|' => Style::Literal,
            _ => Style::Plain,
        };
        // What printing changes in the text of a folded scalar is known to the printer only.
        let is_as_it_stands = scalar.style != Style::Folded && matches!(scalar.tag, None | Some(Tag::Str));
        Some(Some(Self {
            path: path.into(),
            template,
            first_place,
            style: is_as_it_stands.then_some(style)?,
            node,
        }))
    }

    /// Each expression's range in the scalar with its place in the printed text.
    fn places<'p>(
        &'p self,
        printed: &'p Printed,
    ) -> impl Iterator<Item = (std::ops::Range<usize>, &'p PrintedPlace)> {
        let places = printed.places.get(self.first_place..).unwrap_or_default();
        self.template.expressions().zip(places)
    }

    /// The new scalar, if its text is read just as it is written.
    fn scalar(&self, evaluated: &Evaluated) -> Option<Scalar> {
        let text = evaluated.text()?;
        for piece in evaluated.pieces.iter().filter(|piece| piece.uses.is_some()) {
            let made = text.get(piece.output.clone())?;
            if made.is_empty() || made.starts_with(' ') || made.ends_with(' ') {
                return None;
            }
            if !made.chars().all(|c| self.takes(c)) {
                return None;
            }
        }
        let plain = Scalar {
            text: text.into(),
            style: self.style,
            tag: None,
        };
        match self.style {
            Style::Plain if is_plain(text) => typed::value(&plain).ok(),
            Style::Plain => None,
            _ => Some(Scalar {
                tag: Some(Tag::Str),
                ..plain
            }),
        }
    }

    /// Whether a character of a value means itself where the value ends up.
    fn takes(&self, c: char) -> bool {
        match c {
            '\'' => self.style != Style::SingleQuoted,
            '"' | '\\' => self.style != Style::DoubleQuoted,
            ' '..='~' => true,
            _ => c.is_alphanumeric(),
        }
    }
}

/// Whether a text on a line of its own is one plain scalar, `key: ` standing before it.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let starts_well = match (chars.next(), chars.next()) {
        (Some('-'), Some(next)) => next.is_ascii_digit(),
        (Some('/' | '_' | '.' | '+' | '~' | '$'), _) => true,
        (Some(first), _) => first.is_alphanumeric(),
        (None, _) => false,
    };
    let ends_well = !text.ends_with([' ', ':']);
    starts_well && ends_well && !text.contains(": ") && !text.contains(" #") && !text.contains(is_control)
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn holds_dollar(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.text.contains('$'))
}

/// Collects the values that hold a `$` with the way to each; `None` when a key holds one, or there are too many.
fn collect(node: &Node, path: &mut Vec<usize>, found: &mut Vec<(Vec<usize>, Node)>) -> Option<()> {
    match node.kind() {
        Kind::Scalar(_) if holds_dollar(node) => {
            found.push((path.clone(), node.clone()));
            (found.len() <= MAX_SPOTS).then_some(())
        }
        Kind::Scalar(_) => Some(()),
        Kind::Sequence(items) => items.iter().enumerate().try_for_each(|(at, item)| {
            path.push(at);
            collect(item, path, found)?;
            path.pop();
            Some(())
        }),
        Kind::Mapping(entries) => entries.iter().enumerate().try_for_each(|(at, entry)| {
            if holds_dollar(&entry.key) {
                return None;
            }
            path.push(at);
            collect(&entry.value, path, found)?;
            path.pop();
            Some(())
        }),
    }
}

/// The node at the end of a way, for changing.
fn descend<'n>(node: &'n mut Node, path: &[usize]) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, &at| match node.kind_mut() {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.get_mut(at),
        Kind::Mapping(entries) => entries.get_mut(at).map(|entry| &mut entry.value),
    })
}
