//! `patches`, `patchesStrategicMerge` and `patchesJson6902` (api `internal/builtins/Patch*Transformer.go`).

use std::borrow::Cow;

use super::json6902::JsonPatch;
use super::metadata::for_selected;
use super::strategic::{Allowed, Merged, apply_strategic};
use super::targets::{describe, meant, selected, unmatched};
use crate::kustomize::error::PatchError;
use crate::kustomize::files::loader::{Loader, Target, unparsable};
use crate::kustomize::model::{Opaque, Problem, ProblemKind};
use crate::kustomize::resources::report::{Report, SchemaUse};
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource_id::ResourceId;
use crate::kustomize::resources::{nodes, objects};
use crate::kustomize::unread::Unread;
use crate::source::Span;
use crate::yaml::{Node, Parsed, parse_embedded, parse_embedded_trimmed};

/// Carries out patches on the objects of one kustomization.
pub(crate) struct Patcher<'a, 's> {
    pub(crate) loader: &'a Loader<'s>,
    pub(crate) map: &'a mut ResMap,
    pub(crate) report: &'a mut Report,
}

/// What becomes of white space around the text of a patch that is given in place.
#[derive(Clone, Copy)]
enum Around {
    Trimmed,
    Kept,
}

/// What a patch puts into objects, it shares; only who goes through them meets it each time.
const SHARED: usize = 16;

/// What the text of a patch turned out to be.
enum Patch {
    Strategic(Vec<Node>),
    Json(JsonPatch),
    /// Comments only.
    Nothing,
}

impl<'s> Patcher<'_, 's> {
    /// Carries out one item of `patches`.
    pub(crate) fn patch(&mut self, item: &Node) {
        // Of kustomize's transformers only `PatchTransformer.go` trims.
        let target = item.get("target");
        let Some((patch, source)) = self.stated(item, Around::Trimmed) else {
            let text = item.get("path").or_else(|| item.get("patch"));
            self.leave_unpatched(text.unwrap_or(item), target);
            return;
        };
        let allowed = allowed(item.get("options"));
        match (patch, target) {
            (Patch::Nothing, _) => {}
            (Patch::Strategic(patches), None) => {
                for patch in &patches {
                    self.strategic_by_id(patch, source, allowed, false);
                }
            }
            (Patch::Strategic(patches), Some(target)) => match patches.as_slice() {
                [patch] => self.strategic_by_target(patch, target, source, allowed),
                _ => self.report.fail(
                    target.span(),
                    "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field",
                    "selects for several patches",
                ),
            },
            (Patch::Json(_), None) => self.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    source,
                    "must specify a target for JSON patch",
                    "a JSON patch without `target`",
                )
                .help("add a `target` that selects the objects to patch"),
            ),
            (Patch::Json(patch), Some(target)) => self.json(&patch, target, source, true),
        }
    }

    /// Carries out all items of `patchesStrategicMerge`: each is a file, or the patch itself.
    pub(crate) fn patches_strategic_merge(&mut self, items: &[Node]) {
        let mut patches = Vec::new();
        let known = self.report.problems.len() + self.report.opaque.len();
        for item in items {
            let embedded = parse_embedded(item, self.loader.store.sources());
            let inline = objects::read(&embedded);
            if embedded.errors.is_empty() && inline.problems.is_empty() {
                patches.extend(inline.objects.into_iter().map(|patch| (patch, item.span())));
                continue;
            }
            let Some(parsed) = self.file(item) else { continue };
            if self.report_errors(parsed, item.span()) {
                self.leave_unpatched(item, None);
                continue;
            }
            let read = objects::read(parsed);
            for problem in read.problems {
                self.report.push(problem.related(item.span(), "read here"));
            }
            patches.extend(read.objects.into_iter().map(|patch| (patch, item.span())));
        }
        let found_nothing =
            patches.is_empty() && known == self.report.problems.len() + self.report.opaque.len();
        if let (Some(first), true) = (items.first(), found_nothing) {
            self.report
                .fail(first.span(), "patch appears to be empty", "no patch in here");
        }
        for (patch, source) in patches {
            self.strategic_by_id(&patch, source, Allowed::default(), true);
        }
    }

    /// Carries out one item of `patchesJson6902`.
    pub(crate) fn patch_json6902(&mut self, item: &Node) {
        let name = item.at(&["target", "name"]);
        let Some(target) = item.get("target").filter(|_| nodes::nonempty(name).is_some()) else {
            self.report.fail(
                item.span(),
                "must specify the target name",
                "has no `target` with a name",
            );
            return;
        };
        let Some((patch, source)) = self.stated(item, Around::Kept) else {
            let text = item.get("path").or_else(|| item.get("patch"));
            self.leave_unpatched(text.unwrap_or(item), Some(target));
            return;
        };
        match patch {
            Patch::Json(patch) => self.json(&patch, target, source, false),
            Patch::Strategic(_) => {
                self.report.fail(
                    source,
                    "decoding a JSON patch fails: it is no list of operations",
                    "no JSON patch",
                );
            }
            Patch::Nothing => self.report.fail(source, "patch appears to be empty", "empty"),
        }
    }

    /// Notes which objects a patch would change that cannot be read: those that its target selects, else those that it names.
    fn leave_unpatched(&mut self, patch: &Node, target: Option<&Node>) {
        let positions = match target {
            Some(target) => selected(self.map, target, &mut self.report.budget).unwrap_or_default(),
            None => {
                let stated = nodes::text(Some(patch)).unwrap_or_default();
                let text = match self.loader.file(stated) {
                    Ok(Target::File(file)) => self.loader.text(file),
                    _ => stated,
                };
                let mut unread = Unread::default();
                unread.add(text);
                let list = self.map.list().iter().enumerate();
                let named = list.filter(|(_, resource)| unread.may_hold(resource.name()));
                named.map(|(at, _)| at).collect()
            }
        };
        for at in positions {
            self.map
                .change(at, |resource| resource.unpatched = Some(patch.span()));
        }
    }

    /// The patch of an item with `patch` or `path`, and where it stands.
    fn stated(&mut self, item: &Node, around: Around) -> Option<(Patch, Span)> {
        let (parsed, text) = self.text_of(item, around)?;
        let source = ["path", "patch", "jsonOp"]
            .iter()
            .find_map(|field| item.get(field))
            .unwrap_or(item)
            .span();
        Some((self.recognise(&parsed, &text, source)?, source))
    }

    /// The parsed text of a patch, given in place or in a file.
    fn text_of(&mut self, item: &Node, around: Around) -> Option<(Cow<'s, Parsed>, String)> {
        let stated = |field: &str| {
            item.get(field)
                .filter(|node| nodes::text(Some(node)).is_some_and(|text| !text.trim().is_empty()))
        };
        match (stated("patch").or_else(|| stated("jsonOp")), stated("path")) {
            (None, None) => {
                self.report.fail(
                    item.span(),
                    "must specify one of patch and path",
                    "patches nothing",
                );
                None
            }
            (Some(_), Some(path)) => {
                self.report.push(
                    Problem::new(
                        ProblemKind::Failure,
                        path.span(),
                        "patch and path can't be set at the same time",
                        "a second patch",
                    )
                    .related(item.span(), "the entry"),
                );
                None
            }
            (Some(patch), None) => {
                let text = nodes::text(Some(patch)).unwrap_or_default();
                let sources = self.loader.store.sources();
                let (parsed, text) = match around {
                    Around::Trimmed => (parse_embedded_trimmed(patch, sources), text.trim()),
                    Around::Kept => (parse_embedded(patch, sources), text),
                };
                Some((Cow::Owned(parsed), text.to_owned()))
            }
            (None, Some(path)) => {
                let Ok(Target::File(file)) = self.loader.file(nodes::text(Some(path)).unwrap_or_default())
                else {
                    self.file(path);
                    return None;
                };
                Some((
                    Cow::Borrowed(self.loader.parsed(file)),
                    self.loader.text(file).to_owned(),
                ))
            }
        }
    }

    fn file(&mut self, path: &Node) -> Option<&'s Parsed> {
        let text = nodes::text(Some(path)).unwrap_or_default();
        match self.loader.file(text) {
            Ok(Target::File(file)) => Some(self.loader.parsed(file)),
            Ok(_) => {
                self.report.opaque.push(Opaque {
                    origin: path.origin().clone(),
                    address: text.to_owned(),
                    directory: self.loader.directory.clone(),
                });
                None
            }
            Err(error) => {
                self.report
                    .push(error.problem(path.span(), "failed to get the patch file"));
                None
            }
        }
    }

    fn report_errors(&mut self, parsed: &Parsed, source: Span) -> bool {
        for error in &parsed.errors {
            self.report.push(unparsable(error, Some(source)));
        }
        !parsed.errors.is_empty()
    }

    /// Tells the two kinds of patches apart.
    fn recognise(&mut self, parsed: &Parsed, text: &str, source: Span) -> Option<Patch> {
        if self.report_errors(parsed, source) {
            return None;
        }
        let Some(root) = parsed.root() else {
            return Some(Patch::Nothing);
        };
        if !root.is_sequence() {
            let read = objects::read(parsed);
            let failed = !read.problems.is_empty();
            for problem in read.problems {
                let message = format!("unable to parse SM or JSON patch: {}", problem.message);
                self.report
                    .push(Problem { message, ..problem }.related(source, "this patch"));
            }
            return (!failed).then_some(Patch::Strategic(read.objects));
        }
        // What begins with a bracket is read as JSON, not as YAML.
        if text.starts_with('[') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
            self.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    source,
                    "unable to parse SM or JSON patch: text that begins with `[` must be JSON",
                    "no JSON",
                )
                .help("write the operations as a YAML list of `-` items, or quote every key and value"),
            );
            return None;
        }
        match JsonPatch::read(root) {
            Ok(patch) => Some(Patch::Json(patch)),
            Err(error) => {
                let message = format!("unable to parse SM or JSON patch: {}", error.message);
                self.report.push(
                    Problem::new(ProblemKind::Failure, error.span, message, "in this patch")
                        .related(source, "read here"),
                );
                None
            }
        }
    }

    /// A strategic merge patch that names its object itself.
    fn strategic_by_id(&mut self, patch: &Node, source: Span, allowed: Allowed, selected: bool) {
        let id = ResourceId {
            cluster_scoped: self.map.kinds().makes_cluster_scoped(patch),
            ..ResourceId::of(patch)
        };
        let found = self.map.positions_by_any_id(&id.name, |own| own.is_same(&id));
        match found.as_slice() {
            &[at] => self.strategic(patch, at, source, allowed, selected),
            [] if self.report.hides_objects() => {}
            [] => self.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    patch.at(&["metadata", "name"]).unwrap_or(patch).span(),
                    format!(
                        "no resource matches strategic merge patch `{id}`: no matches for Id; failed to find unique target"
                    ),
                    "names no object of this build",
                )
                .related(source, "this patch"),
            ),
            many => {
                let problem = Problem::new(
                    ProblemKind::Failure,
                    patch.at(&["metadata", "name"]).unwrap_or(patch).span(),
                    format!("multiple matches for Id `{id}`; failed to find unique target for patch"),
                    "names several objects",
                );
                let objects = many.iter().filter_map(|&at| self.map.list().get(at));
                let problem =
                    objects.fold(problem, |problem, object| problem.related(object.node.span(), "one of them"));
                self.report.push(problem.related(source, "this patch"));
            }
        }
    }

    fn strategic_by_target(&mut self, patch: &Node, target: &Node, source: Span, allowed: Allowed) {
        for at in self.select(target, source) {
            if !self.report.affords(source, patch.weight() / SHARED) {
                return;
            }
            self.strategic(patch, at, source, allowed, true);
        }
        self.map.drop_empties();
        self.report.same_ids(self.map, Some(source));
    }

    fn strategic(&mut self, patch: &Node, at: usize, source: Span, allowed: Allowed, selected: bool) {
        let kinds = self.map.kinds().clone();
        self.report.schema_use = SchemaUse::Types;
        let mut failed = None;
        self.map.change(at, |resource| {
            if allowed != Allowed::default() {
                resource.store_previous_id();
            }
            let node = &resource.node;
            let merged = if selected {
                apply_strategic(node, &for_selected(patch, node), allowed, &kinds)
            } else {
                apply_strategic(node, patch, allowed, &kinds)
            };
            match merged {
                Ok(Merged::Node(node)) => resource.node = node,
                Ok(Merged::Deleted) => {
                    resource.node = Node::mapping(Vec::new(), resource.node.origin().clone());
                }
                Err(error) => failed = Some((error, resource.node.span())),
            }
            resource.unpatched = resource.unpatched.or(failed.as_ref().map(|_| source));
        });
        if let Some((error, object)) = failed {
            self.failed(&error, source, object);
        }
    }

    fn json(&mut self, patch: &JsonPatch, target: &Node, source: Span, remembers: bool) {
        let weight = patch.weight() / SHARED;
        for at in self.select(target, source) {
            if !self.report.affords(source, weight) {
                return;
            }
            let mut failed = None;
            self.map.change(at, |resource| {
                if remembers {
                    resource.store_previous_id();
                }
                match patch.apply(&resource.node, resource.remembers()) {
                    Ok(node) => resource.node = node,
                    Err(error) => failed = Some((error, resource.node.span())),
                }
                resource.shared.forget();
                resource.unpatched = resource.unpatched.or(failed.as_ref().map(|_| source));
            });
            if let Some((error, object)) = failed {
                self.failed(&error, source, object);
            }
        }
    }

    fn failed(&mut self, error: &PatchError, source: Span, object: Span) {
        self.report.push(
            Problem::new(
                ProblemKind::Failure,
                error.span,
                error.message.clone(),
                "cannot be carried out",
            )
            .related(source, "this patch")
            .related(object, "the object it is for"),
        );
    }

    /// The positions of the objects that a target selects.
    fn select(&mut self, target: &Node, source: Span) -> Vec<usize> {
        match selected(self.map, target, &mut self.report.budget) {
            Ok(found) => {
                if !found.is_empty() || self.report.hides_objects() {
                    self.report.served_targets.insert(target.span());
                } else {
                    let problem = Problem::new(
                        unmatched(target),
                        target.span(),
                        format!("the build has no {}", describe(target)),
                        "selects nothing",
                    )
                    .related(source, "the patch");
                    self.report.push(match meant(self.map, target) {
                        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                        None => problem,
                    });
                }
                found
            }
            Err(error) => {
                self.report.push(
                    Problem::new(ProblemKind::Failure, error.span, error.message, "cannot be read")
                        .related(source, "the patch"),
                );
                Vec::new()
            }
        }
    }
}

fn allowed(options: Option<&Node>) -> Allowed {
    let flag = |name: &str| {
        options
            .and_then(|options| options.get(name))
            .and_then(Node::as_bool)
            .unwrap_or(false)
    };
    Allowed {
        name: flag("allowNameChange"),
        kind: flag("allowKindChange"),
    }
}
