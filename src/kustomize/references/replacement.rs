//! `replacements`: a value of one object put into fields of others (api/filters/replacement/replacement.go).

mod embedded;
mod field;
mod options;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::options::Options;
use crate::budget::{Budget, STEP};
use crate::source::Span;
use crate::yaml::{Kind, Node, Origin, Scalar};

use self::embedded::set_in_text;
use self::field::{set_field, tag_of};
use crate::kustomize::error::PatchError;
use crate::kustomize::fields::field_lookup::{self, Matcher, Shape, raw_text};
use crate::kustomize::resources::resource_id::ResourceId;
use crate::kustomize::resources::selector::Selector;

/// An object that replacements may read and change.
#[derive(Debug)]
pub(crate) struct Replaceable<'a> {
    /// The object.
    pub(crate) node: &'a mut Node,
    /// The present identity and those before.
    ids: Vec<ResourceId>,
}

/// All of them, and which have, or had, a name.
#[derive(Debug, Default)]
pub(crate) struct Replaceables<'a> {
    all: Vec<Replaceable<'a>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl<'a> Replaceables<'a> {
    /// Objects, each with the identities it had before the present one.
    pub(crate) fn new(objects: impl IntoIterator<Item = (&'a mut Node, Vec<ResourceId>)>) -> Self {
        let mut new = Self::default();
        for (at, (node, previous)) in objects.into_iter().enumerate() {
            let ids: Vec<_> = std::iter::once(ResourceId::of(node)).chain(previous).collect();
            for id in &ids {
                new.by_name.entry(id.name.clone()).or_default().push(at);
            }
            new.all.push(Replaceable { node, ids });
        }
        new
    }

    /// Positions of those that may have the name; of all, where none is asked for.
    fn called(&self, name: Option<&str>) -> Vec<usize> {
        match name {
            Some(name) => {
                let mut positions = self.by_name.get(name).cloned().unwrap_or_default();
                positions.sort_unstable();
                positions.dedup();
                positions
            }
            None => (0..self.all.len()).collect(),
        }
    }

    /// Looks anew at what an object is called.
    fn changed(&mut self, at: usize) {
        let Some(object) = self.all.get_mut(at) else {
            return;
        };
        let now = ResourceId::of(object.node);
        if let Some(known) = object.ids.first_mut().filter(|known| **known != now) {
            self.by_name.entry(now.name.clone()).or_default().push(at);
            *known = now;
        }
    }
}

/// One entry of `replacements`.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    node: Node,
    source: ReplacementSource,
    targets: Vec<Target>,
}

#[derive(Debug, Clone)]
enum ReplacementSource {
    Value(Node),
    Field { selector: Node, options: Options },
}

#[derive(Debug, Clone)]
struct Target {
    select: Selector,
    reject: Vec<Selector>,
    paths: Vec<Path>,
    options: Options,
}

#[derive(Debug, Clone)]
struct Path {
    text: String,
    origin: Origin,
}

const DEFAULT_PATH: &str = "metadata.name";

impl Replacement {
    /// Reads an entry.
    ///
    /// # Errors
    /// When source or targets are missing, or a selector is not a regular expression.
    pub(crate) fn read(node: &Node) -> Result<Self, PatchError> {
        let stated = |key: &str| node.get(key).filter(|value| !value.is_null());
        let source = match (stated("source"), stated("sourceValue")) {
            (Some(_), Some(value)) => {
                let message = "value and resource selectors are mutually exclusive";
                return Err(PatchError::new(value.span(), message));
            }
            (Some(selector), None) => Some(ReplacementSource::Field {
                selector: selector.clone(),
                options: Options::read(selector.get("options")),
            }),
            (None, value) => value.cloned().map(ReplacementSource::Value),
        };
        let (Some(source), Some(targets)) = (source, stated("targets")) else {
            let message = "replacements must specify a source and at least one target";
            return Err(PatchError::new(node.span(), message));
        };
        let targets = targets
            .items()
            .iter()
            .map(Target::read)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            node: node.clone(),
            source,
            targets,
        })
    }

    /// Puts the value into every target. What it becomes part of has the origin of the source's value.
    ///
    /// # Errors
    /// When the source is not exactly one value, or a target's field is not there.
    pub(crate) fn apply(
        &self,
        objects: &mut Replaceables<'_>,
        budget: &mut Budget,
    ) -> Result<(), PatchError> {
        let value = match &self.source {
            ReplacementSource::Value(value) => Node::plain(raw_text(value), value.origin().clone()),
            ReplacementSource::Field { selector, options } => self.find_value(objects, selector, options)?,
        };
        for target in &self.targets {
            let candidates = objects.called(target.select.name());
            let cost = target.cost() + STEP * candidates.len();
            budget
                .spend(cost)
                .map_err(|_| too_much(self.node.span(), budget))?;
            for at in candidates {
                let Some(object) = objects.all.get_mut(at) else {
                    continue;
                };
                if target.selects(object)? {
                    target.set(object.node, &value, budget)?;
                    objects.changed(at);
                }
            }
        }
        Ok(())
    }

    fn find_value(
        &self,
        objects: &Replaceables<'_>,
        selector: &Node,
        options: &Options,
    ) -> Result<Node, PatchError> {
        let wanted = SourceId::read(selector);
        let name = Some(wanted.id.name.as_str()).filter(|name| !name.is_empty());
        let candidates = objects.called(name).into_iter();
        let candidates = candidates.filter_map(|at| objects.all.get(at));
        let mut matches = candidates.filter(|object| object.ids.iter().any(|id| wanted.selects(id)));
        let object = match (matches.next(), matches.next()) {
            (Some(object), None) => object,
            (None, _) => {
                let message = format!("nothing selected by {}", wanted.shown(selector, options));
                return Err(PatchError::object_missing(selector.span(), message));
            }
            (Some(_), Some(_)) => {
                let message = format!(
                    "multiple matches for selector {}",
                    wanted.shown(selector, options)
                );
                return Err(PatchError::new(selector.span(), message));
            }
        };
        let stated = selector
            .get("fieldPath")
            .filter(|node| node.as_text().is_some_and(|text| !text.is_empty()));
        let path = stated.and_then(Node::as_text).unwrap_or(DEFAULT_PATH);
        let span = stated.map_or(selector.span(), Node::span);
        let positions = field_lookup::locate(object.node, &field_lookup::split(path)).map_err(|error| {
            PatchError::new(
                span,
                format!("error looking up replacement source: {}", error.message),
            )
        })?;
        let value = positions.and_then(|positions| field_lookup::at(object.node, &positions).cloned());
        let Some(value) = value.filter(|value| !is_empty(value)) else {
            let message = format!(
                "fieldPath `{path}` is missing for replacement source {}",
                wanted.id
            );
            return Err(PatchError::new(span, message));
        };
        refine(value, options, selector.get("options").unwrap_or(&self.node))
    }
}

/// Null, an empty map or an empty list; empty text is a value.
fn is_empty(node: &Node) -> bool {
    node.is_null() || (node.as_scalar().is_none() && node.items().is_empty() && node.entries().is_empty())
}

/// The part of the source's value that `options` asks for.
fn refine(value: Node, options: &Options, at: &Node) -> Result<Node, PatchError> {
    if options.delimiter.is_empty() {
        return Ok(value);
    }
    let Some(scalar) = value.as_scalar() else {
        let message = "delimiter option can only be used with scalar nodes";
        return Err(PatchError::new(at.span(), message));
    };
    let part = usize::try_from(options.index)
        .ok()
        .and_then(|index| scalar.text.split(&*options.delimiter).nth(index));
    let Some(part) = part else {
        let message = format!(
            "options.index {} is out of bounds for value {}",
            options.index, scalar.text
        );
        return Err(PatchError::new(at.span(), message));
    };
    let refined = Scalar {
        text: part.into(),
        style: scalar.style,
        tag: Some(tag_of(scalar)),
    };
    Ok(Node::new(Kind::Scalar(refined), value.origin().clone()))
}

/// The identity a source states; what it leaves out is not looked at.
struct SourceId {
    id: ResourceId,
}

impl SourceId {
    fn read(selector: &Node) -> Self {
        let text = |key: &str| selector.text_at(&[key]).unwrap_or_default().to_owned();
        Self {
            id: ResourceId {
                group: text("group"),
                version: text("version"),
                kind: text("kind"),
                name: text("name"),
                namespace: text("namespace"),
                cluster_scoped: false,
            },
        }
    }

    fn selects(&self, id: &ResourceId) -> bool {
        let is = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        // Cluster-scoped kinds are not told apart here.
        let namespace = if id.namespace.is_empty() {
            "default"
        } else {
            &id.namespace
        };
        is(&self.id.group, &id.group)
            && is(&self.id.version, &id.version)
            && is(&self.id.kind, &id.kind)
            && is(&self.id.name, &id.name)
            && is(&self.id.namespace, namespace)
    }

    /// As kustomize prints a source.
    fn shown(&self, selector: &Node, options: &Options) -> String {
        let mut shown = self.id.to_string();
        if let Some(path) = selector.text_at(&["fieldPath"]).filter(|path| !path.is_empty()) {
            shown = format!("{shown}:{path}");
        }
        if !options.delimiter.is_empty() || options.create {
            let Options {
                delimiter,
                index,
                create,
            } = options;
            shown = format!("{shown}:{delimiter}({index}), create={create}");
        }
        shown
    }
}

fn too_much(at: Span, budget: &Budget) -> PatchError {
    let message = format!(
        "the replacements of the build make more than {}",
        budget.in_words()
    );
    PatchError::new(at, message)
}

impl Target {
    fn read(node: &Node) -> Result<Self, PatchError> {
        let Some(select) = node.get("select").filter(|select| !select.is_null()) else {
            return Err(PatchError::new(
                node.span(),
                "target must specify resources to select",
            ));
        };
        let in_words = |error: PatchError| {
            PatchError::new(
                error.span,
                format!("error creating target selector: {}", error.message),
            )
        };
        let reject = node.get("reject").map(Node::items).unwrap_or_default();
        let stated = node.get("fieldPaths").map(Node::items).unwrap_or_default();
        let mut paths: Vec<Path> = stated
            .iter()
            .map(|path| Path {
                text: raw_text(path).to_owned(),
                origin: path.origin().clone(),
            })
            .collect();
        if paths.is_empty() {
            paths.push(Path {
                text: DEFAULT_PATH.to_owned(),
                origin: node.origin().clone(),
            });
        }
        Ok(Self {
            select: Selector::read(select).map_err(in_words)?,
            reject: reject
                .iter()
                .map(Selector::read)
                .collect::<Result<_, _>>()
                .map_err(in_words)?,
            paths,
            options: Options::read(node.get("options")),
        })
    }

    /// Whether an object is selected and not rejected. A `reject` with labels and an identity rejects what meets
    /// either.
    fn selects(&self, object: &Replaceable<'_>) -> Result<bool, PatchError> {
        if !self.select.matches_labels(object.node)? {
            return Ok(false);
        }
        for reject in &self.reject {
            if reject.has_labels() && reject.matches_labels(object.node)? {
                return Ok(false);
            }
        }
        let rejects = |id: &ResourceId| {
            self.reject
                .iter()
                .any(|reject| !reject.has_no_id() && reject.matches_id(id))
        };
        let mut ids = object.ids.iter();
        Ok(!object.ids.iter().any(rejects) && ids.any(|id| self.select.matches_id(id)))
    }

    /// What its expressions cost.
    fn cost(&self) -> usize {
        let all = self.reject.iter().chain([&self.select]);
        all.map(Selector::cost).sum()
    }

    fn set(&self, object: &mut Node, value: &Node, budget: &mut Budget) -> Result<(), PatchError> {
        let create = self.options.create.then(|| Shape::of(value));
        for path in &self.paths {
            let parts = field_lookup::split(&path.text);
            // The same value in a second place counts a second time: whoever goes through the object meets both.
            let cost = value.weight() + STEP * parts.len();
            budget
                .spend(cost)
                .map_err(|_| too_much(path.origin.span, budget))?;
            if set_in_text(object, value, &parts, create, &path.origin) {
                continue;
            }
            let verb = if self.options.create {
                "find or create"
            } else {
                "find"
            };
            let lost = format!("unable to {verb} field {:?} in replacement target", path.text);
            let mut failure = None;
            let mut matcher = Matcher {
                create,
                origin: &path.origin,
                change: &mut |field| {
                    let text = field.as_scalar().map_or(0, |scalar| scalar.text.len());
                    budget
                        .spend(text)
                        .map_err(|_| too_much(path.origin.span, budget))?;
                    let set = set_field(field, value, &self.options, parts.len());
                    set.map_err(|message| {
                        let error = PatchError::new(path.origin.span, message);
                        failure = Some(error.clone());
                        error
                    })
                },
                found: 0,
            };
            let followed = matcher.follow(object, &parts);
            let found = matcher.found;
            if let Some(failure) = failure {
                return Err(failure);
            }
            followed
                .map_err(|error| PatchError::new(path.origin.span, format!("{lost}: {}", error.message)))?;
            if found == 0 {
                return Err(PatchError::new(path.origin.span, lost));
            }
        }
        Ok(())
    }
}
