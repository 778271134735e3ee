//! References to objects whose name or namespace changed (api `filters/nameref`,
//! `internal/accumulator/namereferencetransformer.go`).

use std::collections::{BTreeSet, HashMap};

use crate::kustomize::error::PatchError;
use crate::kustomize::fields::config::NameReference;
use crate::kustomize::fields::fieldpath::{Create, FieldPath};
use crate::kustomize::fields::fieldspec::FieldSpec;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::gvk::Gvk;
use crate::kustomize::resources::nodes::{set_entry, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource::Resource;
use crate::kustomize::resources::resource_id::ResourceId;
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// Rewrites every reference in every object.
pub(crate) fn transform(map: &mut ResMap, references: &[NameReference], report: &mut Report) {
    let unchanged = map.list().iter().all(|resource| resource.previous.is_empty());
    let candidates = Candidates::new(map.list());
    let table = Table::new(references);
    for at in 0..map.len() {
        let Some(referrer) = map.list().get(at) else { break };
        let fields = table.fields_of(Gvk::of(&referrer.original_id()), &referrer.node);
        // A RoleBinding is looked at even where no name changed: its subjects are checked on the way.
        let is_binding = referrer.node.text_at(&["kind"]) == Some("RoleBinding");
        if fields.is_empty() || (unchanged && !is_binding) {
            continue;
        }
        let reachable = match candidates.reachable_from(referrer) {
            Ok(reachable) => reachable,
            Err(problem) => {
                report.push(problem);
                continue;
            }
        };
        let referrer = referrer.clone();
        let mut node = referrer.node.clone();
        for (reference, spec) in fields {
            let update = Update {
                candidates: &candidates,
                reachable: &reachable,
                referrer: &referrer,
                referrer_id: referrer.id(),
                target: reference.gvk(),
                is_role: spec.path.ends_with("roleRef/name"),
            };
            let origin = node.origin().clone();
            let visited = FieldPath::parse(&spec.path)
                .visit(&mut node, Create::No, &origin, &mut |field| update.field(field));
            if let Err(error) = visited {
                report.push(update.problem(&error, spec));
            }
        }
        if let Some(resource) = map.list_mut().get_mut(at) {
            resource.node = node;
        }
    }
}

/// The fields to look at, by the kind of the referrer.
struct Table<'a> {
    references: &'a [NameReference],
    by_kind: HashMap<&'a str, Vec<(usize, usize)>>,
}

impl<'a> Table<'a> {
    fn new(references: &'a [NameReference]) -> Self {
        let mut by_kind: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        for (at, reference) in references.iter().enumerate() {
            for (field, spec) in reference.referrers.0.iter().enumerate() {
                by_kind.entry(&spec.kind).or_default().push((at, field));
            }
        }
        Self { references, by_kind }
    }

    /// The fields that objects of that kind have, in kustomize's order, of those that exist in this one.
    fn fields_of(&self, gvk: Gvk<'_>, object: &Node) -> Vec<(&'a NameReference, &'a FieldSpec)> {
        let places = [gvk.kind, ""]
            .into_iter()
            .filter_map(|kind| self.by_kind.get(kind));
        let places: BTreeSet<(usize, usize)> = places.flatten().copied().collect();
        places
            .into_iter()
            .filter_map(|(at, field)| {
                let reference = self.references.get(at)?;
                let spec = reference.referrers.0.get(field)?;
                let is_there = spec.covers(gvk) && FieldPath::parse(&spec.path).exists_in(object);
                is_there.then_some((reference, spec))
            })
            .collect()
    }
}

/// The objects as they were before references changed.
struct Candidates {
    list: Vec<(Resource, ResourceId)>,
    by_former_name: HashMap<String, Vec<usize>>,
}

impl Candidates {
    fn new(list: &[Resource]) -> Self {
        let mut by_former_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, resource) in list.iter().enumerate() {
            let names: BTreeSet<&str> = resource.previous.iter().map(|former| &*former.name).collect();
            for name in names {
                by_former_name.entry(name.to_owned()).or_default().push(at);
            }
        }
        Self {
            list: list
                .iter()
                .map(|resource| (resource.clone(), resource.id()))
                .collect(),
            by_former_name,
        }
    }

    /// What an object can refer to at all (`SubsetThatCouldBeReferencedByResource`).
    fn reachable_from(&self, referrer: &Resource) -> Result<Reachable, Problem> {
        let id = referrer.id();
        Ok(Reachable {
            everything: id.is_cluster_scoped(),
            namespace: id.effective_namespace().to_owned(),
            also: subject_namespaces(referrer)?,
        })
    }
}

/// Which objects one object can refer to.
struct Reachable {
    everything: bool,
    namespace: String,
    also: BTreeSet<String>,
}

impl Reachable {
    fn holds(&self, id: &ResourceId) -> bool {
        self.everything
            || id.is_cluster_scoped()
            || id.effective_namespace() == self.namespace
            || self.also.contains(&id.namespace)
    }
}

/// The namespaces of the service accounts that a RoleBinding names.
fn subject_namespaces(referrer: &Resource) -> Result<BTreeSet<String>, Problem> {
    let mut namespaces = BTreeSet::new();
    if referrer.node.text_at(&["kind"]) != Some("RoleBinding") {
        return Ok(namespaces);
    }
    for subject in referrer.node.get("subjects").map(Node::items).unwrap_or_default() {
        let Some(namespace) = subject.get("namespace") else {
            continue;
        };
        if subject.text_at(&["kind"]) != Some("ServiceAccount") {
            continue;
        }
        match namespace.as_text() {
            Some(text) => namespaces.insert(text.to_owned()),
            None => {
                return Err(Problem::new(
                    ProblemKind::Failure,
                    namespace.span(),
                    format!("namespace is blank for resource `{}`", referrer.id()),
                    "a service account's namespace is text",
                ));
            }
        };
    }
    Ok(namespaces)
}

/// One field of one object that may name objects of one kind.
struct Update<'a> {
    candidates: &'a Candidates,
    reachable: &'a Reachable,
    referrer: &'a Resource,
    referrer_id: ResourceId,
    target: Gvk<'a>,
    is_role: bool,
}

type Candidate = (Resource, ResourceId);

impl Update<'_> {
    fn field(&self, node: &mut Node) -> Result<(), PatchError> {
        if node.is_null() {
            return Ok(());
        }
        match node.kind() {
            Kind::Scalar(_) => self.scalar(node),
            Kind::Mapping(_) => self.mapping(node),
            Kind::Sequence(_) => {
                let Kind::Sequence(items) = node.kind_mut() else {
                    return Ok(());
                };
                items
                    .iter_mut()
                    .filter(|item| !item.is_null())
                    .try_for_each(|item| match item.kind() {
                        Kind::Scalar(_) => self.scalar(item),
                        Kind::Mapping(_) => self.mapping(item),
                        Kind::Sequence(_) => Err(PatchError::new(
                            item.span(),
                            "expected to be either a string or a map of string",
                        )),
                    })
            }
        }
    }

    fn scalar(&self, node: &mut Node) -> Result<(), PatchError> {
        let Some(name) = node.as_scalar().map(|scalar| scalar.text.clone()) else {
            return Ok(());
        };
        let candidates = self.named(&name).collect();
        let same = |all: &[&Candidate]| {
            all.windows(2)
                .all(|two| matches!(two, [a, b] if a.1.name == b.1.name))
        };
        let Some((_, id)) = self.select(candidates, same, node.span())? else {
            return Ok(());
        };
        if id.name == *name {
            return Ok(());
        }
        let origin = node.origin().clone();
        set_scalar(node, &id.name, None, &origin)
    }

    /// A map that holds a `name` and perhaps a `namespace`: the subject of a role binding, or a webhook's service.
    fn mapping(&self, node: &mut Node) -> Result<(), PatchError> {
        let Some(name) = node.get("name") else {
            return Err(PatchError::new(
                node.span(),
                "path config error; no `name` field in node",
            ));
        };
        let old_name = name
            .as_scalar()
            .map(|scalar| scalar.text.clone())
            .unwrap_or_default();
        let candidates = match node.get("namespace") {
            None => self.named(&old_name).collect(),
            Some(namespace) => {
                let namespace = namespace.as_scalar().map_or("", |scalar| &*scalar.text);
                self.named_in(&old_name, namespace)
            }
        };
        let same = |all: &[&Candidate]| {
            all.windows(2)
                .all(|two| matches!(two, [a, b] if a.1.name == b.1.name && a.1.namespace == b.1.namespace))
        };
        let Some((target, id)) = self.select(candidates, same, node.span())? else {
            return Ok(());
        };
        if id.name == *old_name && id.namespace.is_empty() {
            return Ok(());
        }
        if let Some(name) = node.get_mut("name") {
            let origin = name.origin().clone();
            set_scalar(name, &id.name, None, &origin)?;
        }
        if id.namespace.is_empty() || node.text_at(&["namespace"]) == Some(id.namespace.as_str()) {
            return Ok(());
        }
        let origin = target
            .node
            .at(&["metadata", "namespace"])
            .map_or_else(|| node.origin().clone(), |namespace| namespace.origin().clone());
        let key = Node::string("namespace", origin.clone());
        set_entry(node, &key, &Node::string(id.namespace.as_str(), origin))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Candidate> {
        let places = self.candidates.by_former_name.get(name).map(Vec::as_slice);
        places
            .unwrap_or_default()
            .iter()
            .filter_map(|&at| self.candidates.list.get(at))
            .filter(|(_, id)| self.reachable.holds(id))
    }

    /// Those of an original namespace; only when nothing at all came from there, those that are there now.
    fn named_in(&self, name: &str, namespace: &str) -> Vec<&Candidate> {
        let originally = |(resource, _): &Candidate| {
            let id = resource.original_id();
            !id.is_cluster_scoped() && id.effective_namespace() == namespace
        };
        let now = |(_, id): &Candidate| !id.is_cluster_scoped() && id.effective_namespace() == namespace;
        let any_came_from_there = self
            .candidates
            .list
            .iter()
            .any(|one| self.reachable.holds(&one.1) && originally(one));
        self.named(name)
            .filter(|one| {
                if any_came_from_there {
                    originally(one)
                } else {
                    now(one)
                }
            })
            .collect()
    }

    /// The one object that is meant, if any (`selectReferral`).
    fn select<'c>(
        &self,
        mut candidates: Vec<&'c Candidate>,
        all_the_same: impl Fn(&[&Candidate]) -> bool,
        span: Span,
    ) -> Result<Option<&'c Candidate>, PatchError> {
        candidates.retain(|one| was_selected(one, self.target));
        if self.is_role
            && let Some(role) = role_gvk(&self.referrer.node)
        {
            candidates.retain(|one| was_selected(one, role));
        }
        candidates.retain(|(_, id)| self.same_namespace(id));
        if let [only] = candidates.as_slice() {
            return Ok(Some(*only));
        }
        candidates.retain(|(one, _)| same_affixes(one, self.referrer, true));
        if candidates.len() > 1 {
            candidates.retain(|(one, _)| same_affixes(one, self.referrer, false));
        }
        match candidates.as_slice() {
            [] => Ok(None),
            [first, ..] if all_the_same(&candidates) => Ok(Some(*first)),
            many => {
                let ids: Vec<String> = many.iter().map(|(_, id)| format!("`{id}`")).collect();
                Err(PatchError::new(
                    span,
                    format!("found multiple possible referrals: {}", ids.join(", ")),
                ))
            }
        }
    }

    fn same_namespace(&self, id: &ResourceId) -> bool {
        self.referrer_id.is_cluster_scoped()
            || id.is_cluster_scoped()
            || id.kind == "ServiceAccount"
            || id.effective_namespace() == self.referrer_id.effective_namespace()
    }

    fn problem(&self, error: &PatchError, spec: &FieldSpec) -> Problem {
        Problem::new(
            ProblemKind::Failure,
            error.span,
            format!(
                "updating name reference in `{}` field of `{}` fails: {}",
                spec.path, self.referrer_id, error.message
            ),
            "the reference",
        )
    }
}

/// Whether the object is, or was, of that kind.
fn was_selected((resource, id): &Candidate, selector: Gvk<'_>) -> bool {
    let own = Gvk::of(id);
    resource.previous.iter().any(|former| {
        let former = Gvk {
            kind: &former.kind,
            ..own
        };
        former.is_selected(selector)
    })
}

fn role_gvk(referrer: &Node) -> Option<Gvk<'_>> {
    Some(Gvk {
        group: referrer.at(&["roleRef", "apiGroup"])?.as_text()?,
        version: "",
        kind: referrer.at(&["roleRef", "kind"])?.as_text()?,
    })
}

/// Whether both went through the same prefixes and suffixes at last (`PrefixesSuffixesEquals`).
fn same_affixes(a: &Resource, b: &Resource, empty_matches_all: bool) -> bool {
    let same = |a: &[std::sync::Arc<str>], b: &[std::sync::Arc<str>]| {
        if a.is_empty() || b.is_empty() {
            return empty_matches_all || a.len() == b.len();
        }
        a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b)
    };
    same(&a.prefixes, &b.prefixes) && same(&a.suffixes, &b.suffixes)
}
