//! ResourceSets: objects that the flux-operator makes from templates and inputs (controlplaneio-fluxcd/flux-operator
//! `internal/builder/resourceset.go`). Only what is certain is made: templates whose inputs are all in the repository,
//! in the part of the template language that [`parse`] and [`functions`] know. The rest stays as unknown as it was.

mod functions;
mod inputs;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::render::{Rendered, Stopped};
use self::value::Value;
use super::substitute::{as_reread, key_as_reread};
use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::yaml::{self, Entry, Kind, Node, Origin, embedded_places, to_yaml_mapped};

/// What a ResourceSet makes.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The objects that are certain.
    pub(super) objects: Vec<Arc<Object>>,
    /// Whether there may be more.
    pub(super) is_open: bool,
}

/// Objects that one ResourceSet makes at most; more are not rendered.
const MAX_OBJECTS: usize = 20_000;

/// Whether the object is a ResourceSet.
pub(super) fn is_resource_set(object: &Object) -> bool {
    object.kind() == "ResourceSet" && object.group() == "fluxcd.controlplane.io"
}

/// Makes the objects of a ResourceSet. `provider` finds a ResourceSetInputProvider in its namespace by name.
pub(super) fn make(
    set: &Object,
    sources: &SourceMap,
    provider: &dyn Fn(&str) -> Option<Arc<Object>>,
) -> Made {
    let mut made = Made::default();
    if inputs::is_disabled(set) {
        return made;
    }
    let (Some(spec), Some(inputs)) = (set.node.get("spec"), inputs::combined(set, provider)) else {
        made.is_open = true;
        return made;
    };
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
        known: BTreeSet::new(),
        made,
    };
    match spec.get("steps").map(Node::items) {
        Some(steps) if !steps.is_empty() => steps.iter().for_each(|step| making.step(step)),
        _ => making.step(spec),
    }
    let mut made = making.made;
    if let Some(common) = spec.get("commonMetadata") {
        for object in &mut made.objects {
            *object = super::render::with_common_metadata(Arc::clone(object), common);
        }
    }
    made
}

struct Making<'a> {
    sources: &'a SourceMap,
    inputs: &'a [Value],
    /// Group, kind, namespace and name of what is there already.
    known: BTreeSet<[String; 4]>,
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
        let Ok(parts) = parse::parse(template) else {
            self.made.is_open = true;
            return;
        };
        let none = [None];
        let all: Vec<Option<&Value>> = if self.inputs.is_empty() {
            none.to_vec()
        } else {
            self.inputs.iter().map(Some).collect()
        };
        for inputs in all {
            let rendered = render::render(template, &parts, inputs);
            let objects = rendered.and_then(|rendered| objects(&rendered, origin));
            match objects {
                Ok(objects) if !is_single || objects.len() == 1 => {
                    objects.into_iter().for_each(|object| self.add(object));
                }
                _ => self.made.is_open = true,
            }
        }
    }

    fn add(&mut self, object: Object) {
        let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/reconcile"];
        let key = [
            object.group(),
            object.kind(),
            object.namespace().unwrap_or_default(),
            object.name(),
        ];
        if self.made.objects.len() >= MAX_OBJECTS {
            self.made.is_open = true;
        } else if object.node.text_at(&annotation) != Some("disabled")
            && self.known.insert(key.map(str::to_owned))
        {
            self.made.objects.push(Arc::new(object));
        }
    }
}

/// Reads the objects from a rendered text, each value with the origin of the template that wrote it.
fn objects(rendered: &Rendered, origin: &dyn Fn(usize) -> Origin) -> Result<Vec<Object>, Stopped> {
    let file = origin(0).span.file;
    let parsed = yaml::parse(file, &rendered.text);
    if !parsed.errors.is_empty() {
        return Err(Stopped);
    }
    let place = |node: &Node| origin(rendered.source_of(node.span().start as usize));
    let mut objects = Vec::new();
    for document in &parsed.documents {
        let object = Object {
            node: placed(&document.root, &place)?,
        };
        let complete = object.node.is_mapping()
            && [object.api_version(), object.kind(), object.name()]
                .iter()
                .all(|text| !text.is_empty());
        // Lists are taken apart by the operator.
        if !complete || object.kind().ends_with("List") {
            return Err(Stopped);
        }
        objects.push(object);
    }
    Ok(objects)
}

fn placed(node: &Node, place: &dyn Fn(&Node) -> Origin) -> Result<Node, Stopped> {
    let origin = place(node);
    Ok(match node.kind() {
        Kind::Scalar(scalar) => Node::new(Kind::Scalar(as_reread(scalar).map_err(|_| Stopped)?), origin),
        Kind::Sequence(items) => {
            let items: Result<Vec<Node>, Stopped> = items.iter().map(|item| placed(item, place)).collect();
            Node::sequence(items?, origin)
        }
        Kind::Mapping(entries) => {
            let entries: Result<Vec<Entry>, Stopped> = entries
                .iter()
                .map(|entry| {
                    let key = entry.key.as_scalar().ok_or(Stopped)?;
                    let text = key_as_reread(key).map_err(|_| Stopped)?;
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
