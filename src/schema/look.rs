//! Goes through an object side by side with the definition of its kind.

use super::belongs::instead;
use super::fault::{Fault, Refusal, Wrong};
use super::refusal::{Patterns, plain_refusal, refusal};
use super::twice::twice;
use super::values::{is_of, is_open, is_what, takes};
use crate::sops::is_encrypted_document;
use crate::source::Span;
use crate::tables::schemas::{Catalogue, Choice, Fact, Field, Of, Place, Plain, Releases, Shape, Type};
use crate::yaml::{Entry, Node, Route, Step};

/// What SOPS adds to a file that it encrypts. Flux decrypts objects of every kind before it applies them.
const ENCRYPTION: &str = "sops";

/// What is wrong with an object that should be as `root` says, in every one of these releases.
pub(super) fn faults<'c>(
    catalogue: &'c Catalogue<'c>,
    root: &'c Place,
    releases: Releases,
    patterns: &'c Patterns,
    object: &Node,
) -> Vec<Fault> {
    let mut look = Look::new(catalogue, patterns, object);
    look.at(object, root, releases);
    look.faults
}

/// What is wrong with the metadata of an object whose definition says nothing of it.
pub(super) fn faults_of_metadata<'c>(
    catalogue: &'c Catalogue<'c>,
    place: &'c Place,
    patterns: &'c Patterns,
    object: &Node,
) -> Vec<Fault> {
    let Some(entry) = object.entry("metadata") else {
        return Vec::new();
    };
    let mut look = Look::new(catalogue, patterns, object);
    look.below(
        (Step::Key("metadata"), entry.key.span()),
        &entry.value,
        place,
        Releases::ALL,
    );
    look.faults
}

struct Look<'c, 'n> {
    catalogue: &'c Catalogue<'c>,
    patterns: &'c Patterns,
    /// Whether an empty text is like none.
    empty_is_none: bool,
    /// The way to the value that is looked at.
    steps: Vec<Step<'n>>,
    /// The keys on that way, or what items begin with.
    places: Vec<Span>,
    /// The types with fields on that way.
    above: Vec<(String, &'c [Field<'c>])>,
    faults: Vec<Fault>,
}

impl<'c, 'n> Look<'c, 'n> {
    fn new(catalogue: &'c Catalogue<'c>, patterns: &'c Patterns, object: &Node) -> Self {
        Self {
            catalogue,
            patterns,
            // Go cannot tell an empty text from one that is left out.
            empty_is_none: catalogue.product == "Kubernetes",
            steps: Vec::new(),
            places: vec![
                object
                    .entry("kind")
                    .map_or_else(|| object.span(), |kind| kind.value.span()),
            ],
            above: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn tell(&mut self, wrong: Wrong, node: &Node) {
        self.tell_at(wrong, node.origin().edit_span());
    }

    fn tell_at(&mut self, wrong: Wrong, span: Span) {
        self.faults.push(Fault {
            route: Route(&self.steps).to_string(),
            span,
            wrong,
        });
    }

    fn type_of(&self, of: Of) -> Option<&'c Type<'c>> {
        match of {
            Of::Numbered(number) => self.catalogue.type_of(number),
            Of::Plain(_) => None,
        }
    }

    /// Looks at a value. The document bounds the depth. What some of the releases take is not wrong.
    fn at(&mut self, node: &'n Node, place: &'c Place, releases: Releases) {
        if is_open(node) {
            return;
        }
        let choices = || place.iter().filter(|choice| !choice.has.and(releases).is_empty());
        let fitting: Vec<&Choice> = choices().filter(|choice| self.fits(node, choice.of)).collect();
        match fitting.as_slice() {
            [] => {
                if let Some(choice) = choices().next() {
                    let takes = self.takes(choice.of);
                    self.tell(wrong_type(node, takes), node);
                }
            }
            [only] => self.within(node, only, releases),
            several => self.least(node, several, releases),
        }
    }

    /// Of several types that may be meant, the one that finds least.
    fn least(&mut self, node: &'n Node, choices: &[&Choice], releases: Releases) {
        let before = self.faults.len();
        let mut least: Option<Vec<Fault>> = None;
        for choice in choices {
            self.within(node, choice, releases);
            let found = self.faults.split_off(before);
            if least.as_ref().is_none_or(|least| found.len() < least.len()) {
                least = Some(found);
            }
        }
        self.faults.extend(least.into_iter().flatten());
    }

    fn plain(&self, of: Of) -> Option<Plain> {
        match of {
            Of::Plain(plain) => Some(plain),
            Of::Numbered(number) => match self.catalogue.type_of(number)?.shape {
                Shape::Plain(plain) => Some(plain),
                _ => None,
            },
        }
    }

    fn fits(&self, node: &Node, of: Of) -> bool {
        if let Some(plain) = self.plain(of) {
            return is_of(node, plain);
        }
        match self.type_of(of).map(|one| &one.shape) {
            Some(Shape::Fields(_) | Shape::Map(_)) => node.is_mapping(),
            Some(Shape::List(_)) => node.is_sequence(),
            _ => true,
        }
    }

    fn takes(&self, of: Of) -> &'static str {
        match self.type_of(of).map(|one| &one.shape) {
            Some(Shape::Fields(_) | Shape::Map(_)) => "a map",
            Some(Shape::List(_)) => "a list",
            _ => self.plain(of).map_or("anything", takes),
        }
    }

    fn within(&mut self, node: &'n Node, choice: &Choice, releases: Releases) {
        let releases = releases.and(choice.has);
        let plain = self.plain(choice.of).and_then(|plain| plain_refusal(node, plain));
        self.refuse(node, plain);
        let Some(one) = self.type_of(choice.of) else {
            return;
        };
        let refusal = refusal(node, one, releases, self.patterns, self.empty_is_none);
        self.refuse(node, refusal);
        match &one.shape {
            Shape::Plain(_) => {}
            Shape::Fields(fields) => self.fields(node, one, fields, releases),
            Shape::Map(item) => {
                for entry in node.entries() {
                    let key = entry.key.as_scalar().map_or("", |key| &*key.text);
                    self.below((Step::Key(key), entry.key.span()), &entry.value, item, releases);
                }
            }
            Shape::List(item) => {
                self.twice(node, one, releases);
                for (index, value) in node.items().iter().enumerate() {
                    let begin = value.entries().first().map_or(value, |entry| &entry.key);
                    self.below((Step::Index(index), begin.span()), value, item, releases);
                }
            }
        }
    }

    fn refuse(&mut self, node: &Node, refusal: Option<Refusal>) {
        if let Some(refusal) = refusal {
            let text = node.as_text().unwrap_or_default().to_owned();
            self.tell(Wrong::Value { text, refusal }, node);
        }
    }

    fn twice(&mut self, list: &'n Node, one: &Type<'_>, releases: Releases) {
        let facts = one.facts.iter().filter(|(has, _)| releases.are_within(*has));
        for (first, again, what) in facts.flat_map(|(_, fact)| twice(list, *fact)) {
            let first = first.origin().edit_span();
            self.tell(Wrong::Twice { what, first }, again);
        }
    }

    fn below(&mut self, step: (Step<'n>, Span), node: &'n Node, place: &'c Place, releases: Releases) {
        self.steps.push(step.0);
        self.places.push(step.1);
        self.at(node, place, releases);
        self.places.pop();
        self.steps.pop();
    }

    fn fields(&mut self, node: &'n Node, one: &'c Type<'c>, fields: &'c [Field<'c>], releases: Releases) {
        let before = self.faults.len();
        self.above.push((Route(&self.steps).to_string(), fields));
        for entry in node.entries() {
            let Some(key) = entry.key.as_scalar() else {
                continue;
            };
            let name = &*key.text;
            let found = fields.binary_search_by_key(&name, |field| field.name).ok();
            let found = found.and_then(|at| fields.get(at));
            match found.filter(|field| !field.has.and(releases).is_empty()) {
                Some(field) => {
                    self.below(
                        (Step::Key(name), entry.key.span()),
                        &entry.value,
                        &field.place,
                        releases.and(field.has),
                    );
                }
                None if self.may_be_beside(node, one, entry, releases) => {}
                None => self.unknown(entry, name, found),
            }
        }
        self.above.pop();
        self.missing(node, fields, releases, before);
    }

    /// Tells the fields that are missing, but for those that one of the faults from `first` on is meant to be.
    fn missing(&mut self, node: &Node, fields: &[Field<'_>], releases: Releases, first: usize) {
        let here = Route(&self.steps).to_string();
        let is_missing =
            |field: &&Field<'_>| releases.are_within(field.required) && node.get(field.name).is_none();
        for field in fields.iter().filter(is_missing) {
            let is_misnamed = |fault: &Fault| fault.wrong.is_meant_to_be(field.name, &here);
            if self.faults.iter().skip(first).any(is_misnamed) {
                continue;
            }
            let mut steps = self.steps.clone();
            steps.push(Step::Key(field.name));
            self.faults.push(Fault {
                route: Route(&steps).to_string(),
                span: self.places.last().copied().unwrap_or_else(|| node.span()),
                wrong: Wrong::Missing {
                    field: field.name.to_owned(),
                },
            });
        }
    }

    /// Whether a field that is not listed is taken.
    fn may_be_beside(&self, node: &Node, one: &Type<'_>, entry: &Entry, releases: Releases) -> bool {
        let is = |wanted: Fact<'_>| {
            let mut facts = one.facts.iter();
            facts.any(|(has, fact)| *fact == wanted && !has.and(releases).is_empty())
        };
        let name = entry.key.as_text().unwrap_or_default();
        let is_encryption = self.steps.is_empty() && name == ENCRYPTION && is_encrypted_document(node);
        let is_head = matches!(name, "apiVersion" | "kind" | "metadata");
        // The API server adds these to each definition, and drops a status.
        let is_of_every_object = self.steps.is_empty() && (is_head || name == "status");
        is_encryption || is_of_every_object || is(Fact::Open) || (is_head && is(Fact::Embedded))
    }

    fn unknown(&mut self, entry: &'n Entry, name: &'n str, elsewhere: Option<&Field<'_>>) {
        let fields = self.above.last().map_or(&[][..], |(_, fields)| *fields);
        let above = self.above.len().saturating_sub(1);
        let since = elsewhere.and_then(|field| {
            let release = self.catalogue.releases.get(field.has.first())?;
            Some((self.catalogue.product.to_owned(), (*release).to_owned()))
        });
        let wrong = Wrong::UnknownField {
            name: name.to_owned(),
            instead: instead(
                self.catalogue,
                name,
                fields,
                self.above.get(..above).unwrap_or_default(),
            ),
            since,
        };
        self.steps.push(Step::Key(name));
        self.tell_at(wrong, entry.key.span());
        self.steps.pop();
    }
}

fn wrong_type(node: &Node, takes: &'static str) -> Wrong {
    Wrong::Type {
        takes,
        is: is_what(node),
        text: node.as_text().map(str::to_owned),
        is_substituted: node.origin().substituted.is_some(),
    }
}
