//! ResourceSets: objects that the flux-operator makes from templates and inputs (controlplaneio-fluxcd/flux-operator
//! `internal/builder/resourceset.go`). Only what is certain is made: templates whose inputs are all in the repository,
//! in the part of the template language that [`parse`] and [`functions`] know. The rest stays as unknown as it was.

mod inputs;
#[cfg(test)]
mod tests;

pub(crate) use inputs::Providers;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::budget::Budget;
use crate::kustomize::Object;
use crate::postbuild::substitute::{as_reread, key_as_reread};
use crate::source::SourceMap;
use crate::template::render::{self, Rendered};
use crate::template::value::Value;
use crate::template::{Stopped, go, parse};
use crate::yaml::{
    self, Entry, Kind, Node, Origin, ParseErrorKind, Substitution, embedded_places, to_yaml_mapped,
};

/// What a ResourceSet makes.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// The objects that are certain.
    pub(crate) objects: Vec<Arc<Object>>,
    /// Whether there may be more.
    pub(crate) is_open: bool,
    /// Whether there are more if the namespace holds providers that are not known.
    pub(crate) selects_providers: bool,
    /// The bound that kept the rest from being made.
    pub(crate) bound: Option<String>,
}

/// Objects that one ResourceSet makes at most; more are not rendered.
const MAX_OBJECTS: usize = 20_000;

/// Whether the object is a ResourceSet.
pub(crate) fn is_resource_set(object: &Object) -> bool {
    object.kind() == "ResourceSet" && object.group() == "fluxcd.controlplane.io"
}

/// Makes the objects of a ResourceSet. Like the operator it makes none at all when one of them fails
/// (`resourceset_controller.go` builds before it applies).
pub(crate) fn make(
    set: &Object,
    sources: &SourceMap,
    providers: &Providers<'_>,
    budget: &mut Budget,
) -> Made {
    let mut made = Made::default();
    if inputs::is_disabled(set) {
        return made;
    }
    let (Some(spec), Some(inputs)) = (set.node.get("spec"), inputs::combined(set, providers)) else {
        made.is_open = true;
        return made;
    };
    made.is_open = inputs.is_open;
    made.selects_providers = inputs.selects_providers;
    let (inputs, stated) = (inputs.sets, inputs.stated);
    if inputs.is_empty()
        && spec
            .get("inputsFrom")
            .is_some_and(|from| !from.items().is_empty())
    {
        return made;
    }
    let mut making = Making {
        sources,
        inputs: &inputs,
        stated: &stated,
        known: BTreeMap::new(),
        step: 0,
        fails: false,
        budget,
        made,
    };
    match spec.get("steps").map(Node::items) {
        Some(steps) if !steps.is_empty() => {
            making.fails = states_resources(spec) || !steps.iter().all(states_resources);
            for step in steps {
                making.step += 1;
                making.step(step);
            }
        }
        _ => making.step(spec),
    }
    let fails = making.fails;
    let mut made = making.made;
    if fails {
        made.objects.clear();
        made.is_open = true;
    }
    if let Some(common) = spec.get("commonMetadata") {
        for object in &mut made.objects {
            *object = super::metadata::with_common_metadata(Arc::clone(object), common);
        }
    }
    made
}

fn states_resources(step: &Node) -> bool {
    let resources = step.get("resources").is_some_and(|list| !list.items().is_empty());
    let template = step.text_at(&["resourcesTemplate"]);
    resources || template.is_some_and(|template| !template.is_empty())
}

struct Making<'a> {
    sources: &'a SourceMap,
    inputs: &'a [Value],
    /// What states each of them, where that can be told.
    stated: &'a [Node],
    /// Group, kind, namespace and name of what is there already, with the step that made it.
    known: BTreeMap<[String; 4], usize>,
    step: usize,
    fails: bool,
    budget: &'a mut Budget,
    made: Made,
}

impl Making<'_> {
    /// `resources`, then `resourcesTemplate`, each with every input set.
    fn step(&mut self, step: &Node) {
        for resource in step.get("resources").map(Node::items).unwrap_or_default() {
            let printed = to_yaml_mapped(resource);
            let origin = |at: usize| {
                let placed = printed.at(at).map(|placed| placed.node.origin());
                placed.unwrap_or(resource.origin()).clone()
            };
            self.template(&printed.text, true, &origin);
        }
        if let Some(template) = step.get("resourcesTemplate")
            && let Some(text) = template.as_text()
        {
            let places = embedded_places(template, self.sources);
            self.template(text, false, &|at| places(at..at + 1));
        }
    }

    fn template(&mut self, template: &str, is_single: bool, origin: &dyn Fn(usize) -> Origin) {
        let Ok(parts) = parse::parse(template, parse::ANGLES) else {
            self.made.is_open = true;
            return;
        };
        let none = [None];
        let all: Vec<Option<&Value>> = if self.inputs.is_empty() {
            none.to_vec()
        } else {
            self.inputs.iter().map(Some).collect()
        };
        for (at, inputs) in all.into_iter().enumerate() {
            if self.made.bound.is_some() {
                return;
            }
            let rendered = render::render(template, &parts, inputs, self.budget);
            let stated = self.stated.get(at);
            let objects = rendered.and_then(|rendered| {
                let places = Places::of(template, &rendered, stated, origin);
                objects(&rendered, &places, self.budget)
            });
            match objects {
                Ok(objects) if !is_single || objects.len() == 1 => {
                    let is_checked = !(is_single && inputs.is_none());
                    objects
                        .into_iter()
                        .for_each(|object| self.add(object, is_checked));
                }
                Err(Stopped::Fails) => self.fails = true,
                Err(Stopped::Exhausted) => {
                    self.stop(format!("{} of work for a ResourceSet", self.budget.in_words()))
                }
                Ok(_) | Err(Stopped::Unsure) => self.made.is_open = true,
            }
        }
    }

    /// Makes no more, which is known.
    fn stop(&mut self, bound: String) {
        self.made.is_open = true;
        self.made.bound.get_or_insert(bound);
    }

    /// Adds an object, unless it is there or switched off; of `resources` without inputs neither is looked at.
    fn add(&mut self, object: Object, is_checked: bool) {
        let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/reconcile"];
        let key = [
            object.group(),
            object.kind(),
            object.namespace().unwrap_or_default(),
            object.name(),
        ];
        if self.made.objects.len() >= MAX_OBJECTS {
            return self.stop(format!("{MAX_OBJECTS} objects of a ResourceSet"));
        }
        if is_checked && object.node.text_at(&annotation) == Some("disabled") {
            return;
        }
        match self.known.insert(key.map(str::to_owned), self.step) {
            Some(step) if step != self.step => self.fails = true,
            Some(_) if is_checked => {}
            _ => self.made.objects.push(Arc::new(object)),
        }
    }
}

/// Where the values in a rendered text come from.
struct Places<'a> {
    rendered: &'a Rendered,
    origin: &'a dyn Fn(usize) -> Origin,
    /// What was put in for expressions, by its bytes in the text, and from which inputs.
    filled: Vec<(Range<usize>, Vec<Substitution>)>,
}

impl<'a> Places<'a> {
    fn of(
        template: &str,
        rendered: &'a Rendered,
        stated: Option<&Node>,
        origin: &'a dyn Fn(usize) -> Origin,
    ) -> Self {
        let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
        let mut filled = Vec::new();
        for piece in rendered.pieces().filter(|piece| !piece.is_copied) {
            let action = template.get(go::action_at(template, piece.template, parse::ANGLES));
            let (Some(output), Some(action), Some(stated)) =
                (rendered.text.get(piece.output.clone()), action, stated)
            else {
                continue;
            };
            let count = seen.entry(piece.template).or_default();
            *count += 1;
            let expression = origin(piece.template).span;
            let start = piece.output.start;
            if let Some(scalars) = go::taken_by_scalar(action, stated, output, expression) {
                let moved = |(range, taken): (Range<usize>, Substitution)| {
                    (start + range.start..start + range.end, vec![taken])
                };
                filled.extend(scalars.into_iter().map(moved));
                continue;
            }
            let taken = go::taken(action, stated, output, *count - 1, expression, false);
            if !taken.is_empty() {
                filled.push((piece.output, taken));
            }
        }
        Self {
            filled,
            rendered,
            origin,
        }
    }

    /// The template that wrote a value, and the inputs that it took for it.
    fn place(&self, node: &Node) -> Origin {
        let range = node.span().range();
        let mut origin = (self.origin)(self.rendered.source_of(range.start));
        if node.as_scalar().is_some() {
            let first = self
                .filled
                .partition_point(|(output, _)| output.end <= range.start);
            let own = self.filled.iter().skip(first);
            let own = own.take_while(|(output, _)| output.start < range.end);
            let taken: Vec<Substitution> = own.flat_map(|(_, taken)| taken.clone()).collect();
            if !taken.is_empty() {
                origin.substituted = Some(Arc::from(taken));
            }
        }
        origin
    }
}

/// Reads the objects from a rendered text, each value with the origin of the template that wrote it.
fn objects(rendered: &Rendered, places: &Places<'_>, budget: &mut Budget) -> Result<Vec<Object>, Stopped> {
    let file = (places.origin)(0).span.file;
    let parsed = yaml::parse(file, &rendered.text);
    match parsed.errors.first().map(|error| error.kind) {
        None => {}
        // Of two equal keys the operator takes one.
        Some(ParseErrorKind::DuplicateKey) => return Err(Stopped::Unsure),
        Some(_) => return Err(Stopped::Fails),
    }
    let place = |node: &Node| places.place(node);
    let mut objects = Vec::new();
    for document in &parsed.documents {
        budget.spend(document.root.weight())?;
        let object = Object::new(placed(&document.root, &place)?);
        let complete = object.node.is_mapping()
            && [object.api_version(), object.kind(), object.name()]
                .iter()
                .all(|text| !text.is_empty());
        // Lists are taken apart by the operator.
        if !complete || object.kind().ends_with("List") {
            return Err(Stopped::Unsure);
        }
        objects.push(object);
    }
    Ok(objects)
}

fn placed(node: &Node, place: &dyn Fn(&Node) -> Origin) -> Result<Node, Stopped> {
    let origin = place(node);
    Ok(match node.kind() {
        Kind::Scalar(scalar) => Node::new(
            Kind::Scalar(as_reread(scalar).map_err(|_| Stopped::Unsure)?),
            origin,
        ),
        Kind::Sequence(items) => {
            let items: Result<Vec<Node>, Stopped> = items.iter().map(|item| placed(item, place)).collect();
            Node::sequence(items?, origin)
        }
        Kind::Mapping(entries) => {
            let entries: Result<Vec<Entry>, Stopped> = entries
                .iter()
                .map(|entry| {
                    let key = entry.key.as_scalar().ok_or(Stopped::Unsure)?;
                    let text = key_as_reread(key).map_err(|_| Stopped::Unsure)?;
                    let key = Node::string(&*text, place(&entry.key));
                    Ok(Entry {
                        key,
                        value: placed(&entry.value, place)?,
                    })
                })
                .collect();
            Node::mapping(entries?, origin)
        }
    })
}
