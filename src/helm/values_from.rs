//! The values of a HelmRelease as helm-controller puts them together (fluxcd/pkg `chartutil/values.go`):
//! `valuesFrom` in its order, then `values`; entries with a `targetPath` set one key.

use base64::Engine as _;

use super::below::Below;
use super::merge::merge;
use super::target_path::{self, TargetPath};
use super::values::{HelmValues, untold};
use crate::budget::Budget;
use crate::kustomize::Object;
use crate::sops::{holds_encrypted, is_encrypted, is_encrypted_document};
use crate::source::{SourceMap, Span};
use crate::unknown::UnknownReason;
use crate::yaml::{MAX_DEPTH, Node, parse_embedded};

/// The ConfigMap or Secret of a kind, namespace and name in the cluster of a release.
pub(crate) type Find<'a> = dyn Fn(&str, &str, &str) -> Referenced<'a> + 'a;

/// What is known of a ConfigMap or Secret.
pub(crate) enum Referenced<'a> {
    /// It is here.
    Object(&'a Object),
    /// Something in the cluster makes it.
    Made(UnknownReason),
    /// Nothing makes it, as far as can be seen.
    Missing,
}

/// What a `valuesFrom` entry leads to.
enum Layer {
    Values(Node),
    /// An optional source that is not there.
    Nothing,
    Unknown(UnknownReason),
}

impl HelmValues {
    /// The values of a HelmRelease, what it refers to being looked up in its cluster, and the bound that kept some of them from
    /// being known.
    pub(crate) fn of(
        release: &Object,
        below: Vec<Below>,
        (sources, find): (&SourceMap, &Find<'_>),
        budget: &mut Budget,
    ) -> (Self, Option<(Span, String)>) {
        let spec = release.node.get("spec");
        let empty = Node::mapping(Vec::new(), release.node.span());
        let own = spec
            .and_then(|spec| spec.get("values"))
            .filter(|node| node.is_mapping());
        let mut merging = Merging {
            tree: empty.clone(),
            certain: empty,
            unknown: Vec::new(),
            own: own.cloned(),
            // Setting a path merges all of the release's own values.
            cost_of_own: own.map_or(0, Node::weight) / 16,
            budget,
            bound: None,
            absent: Vec::new(),
        };
        for layer in below {
            match layer {
                Below::Values(values) => merging.merge(&values),
                Below::Unknown(span, reason) => merging.hide(span, reason),
            }
        }
        let references = spec
            .and_then(|spec| spec.get("valuesFrom"))
            .map(Node::items)
            .unwrap_or_default();
        for reference in references {
            let span = reference.get("name").unwrap_or(reference).span();
            match value_of(find, release, reference) {
                Ok(None) => merging.absent.extend(reference.get("name").cloned()),
                Ok(Some(value)) => merging.add(reference, &value, sources),
                Err(reason) => merging.unreadable(reference, span, reason),
            }
        }
        let bound = merging.bound.take();
        (merging.finish(), bound)
    }
}

/// The merge as far as it went.
struct Merging<'b> {
    /// Everything known.
    tree: Node,
    /// What came behind the last source that cannot be read, and so wins over it.
    certain: Node,
    unknown: Vec<(Span, UnknownReason)>,
    own: Option<Node>,
    cost_of_own: usize,
    budget: &'b mut Budget,
    bound: Option<(Span, String)>,
    absent: Vec<Node>,
}

impl Merging<'_> {
    fn merge(&mut self, values: &Node) {
        self.tree = merge(&self.tree, values);
        self.certain = merge(&self.certain, values);
    }

    /// A source whose content cannot be known. One with a `targetPath` hides that path only.
    fn unreadable(&mut self, reference: &Node, span: Span, reason: UnknownReason) {
        let name = reference.text_at(&["name"]).unwrap_or_default();
        match target_of(reference) {
            Some(path) => self.set(span, path, &untold(name, span, reason), true),
            None => self.hide(span, reason),
        }
    }

    fn add(&mut self, reference: &Node, value: &Node, sources: &SourceMap) {
        let span = reference.get("name").unwrap_or(reference).span();
        if let Some(path) = target_of(reference) {
            let literal = reference.get("literal").and_then(Node::as_bool) == Some(true);
            return self.set(span, path, value, literal);
        }
        match read(value, sources) {
            Layer::Values(values) => self.merge(&values),
            Layer::Nothing => {}
            Layer::Unknown(reason) => self.hide(span, reason),
        }
    }

    /// Whether a path may be set; otherwise what keeps it from that is noted.
    fn affords(&mut self, span: Span, path: &TargetPath) -> bool {
        let bound = match path.cost() {
            None => format!("{MAX_DEPTH} values one in the other"),
            Some(cost) if self.budget.spend(cost + self.cost_of_own).is_ok() => return true,
            Some(_) => format!("{} of values set by `targetPath`", self.budget.in_words()),
        };
        self.bound.get_or_insert((span, bound));
        false
    }

    fn hide(&mut self, span: Span, reason: UnknownReason) {
        self.unknown.push((span, reason));
        self.certain = Node::mapping(Vec::new(), self.certain.origin().clone());
    }

    /// Sets the key that a `targetPath` names.
    fn set(&mut self, span: Span, path: &str, value: &Node, literal: bool) {
        let Some(path) = TargetPath::parse(path) else {
            return self.hide(span, UnknownReason::External);
        };
        if !self.affords(span, &path) {
            return self.hide(span, UnknownReason::External);
        }
        let own = self.own.clone();
        let loses = own.as_ref().is_some_and(|own| path.loses_to(&self.tree, own));
        if let Some(own) = &own {
            self.tree = merge(&self.tree, own);
        }
        if loses {
            return;
        }
        let value = target_path::typed(value, literal);
        path.set(&mut self.tree, &value);
        path.set(&mut self.certain, &value);
        // The controller sets the key in the very map that `values` holds, so it survives the last merge.
        if let Some(own) = &mut self.own
            && own.at(&path.leading_keys()).is_some()
        {
            path.set(own, &value);
        }
    }

    fn finish(self) -> HelmValues {
        let over = |base: &Node| {
            self.own
                .as_ref()
                .map_or_else(|| base.clone(), |own| merge(base, own))
        };
        HelmValues {
            tree: over(&self.tree),
            own: Some(over(&self.certain)),
            unknown: self.unknown,
            absent: self.absent,
        }
    }
}

fn target_of(reference: &Node) -> Option<&str> {
    reference.text_at(&["targetPath"]).filter(|path| !path.is_empty())
}

/// The scalar that a `valuesFrom` entry names; `None` when it is optional and not there.
fn value_of(find: &Find<'_>, release: &Object, reference: &Node) -> Result<Option<Node>, UnknownReason> {
    let kind = reference.text_at(&["kind"]).unwrap_or_default();
    let name = reference.text_at(&["name"]).unwrap_or_default();
    let key = reference
        .text_at(&["valuesKey"])
        .filter(|key| !key.is_empty())
        .unwrap_or("values.yaml");
    let optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
    // Referenced by kind, name and the namespace of the release.
    let namespace = release.namespace().unwrap_or("default");
    let object = match find(kind, namespace, name) {
        Referenced::Object(object) => object,
        Referenced::Made(reason) => return Err(reason),
        Referenced::Missing if optional => return Ok(None),
        // Whether it is missing is for a rule to say; what it would hold, nobody knows.
        Referenced::Missing => return Err(UnknownReason::External),
    };
    let value = text_of(object, kind, key);
    match value {
        Some(value) => value.map(Some),
        None if optional => Ok(None),
        None => Err(UnknownReason::BrokenBuild),
    }
}

/// The text under a key of a Secret; `None` where there is no such key.
pub(crate) fn text_of_secret(secret: &Object, key: &str) -> Option<Result<Node, UnknownReason>> {
    text_of(secret, "Secret", key)
}

fn text_of(object: &Object, kind: &str, key: &str) -> Option<Result<Node, UnknownReason>> {
    let plain = |field: &str| object.node.at(&[field, key]).cloned();
    let known = |node: Node| {
        let text = node.as_text().unwrap_or_default();
        if is_encrypted(text) {
            Err(UnknownReason::Encrypted)
        } else if node.origin().is_unknown() && !text.contains('\n') {
            Err(UnknownReason::External)
        } else {
            Ok(node)
        }
    };
    if kind == "ConfigMap" {
        return plain("data").map(known);
    }
    plain("stringData")
        .map(known)
        .or_else(|| plain("data").map(|node| known(node).and_then(|node| decoded(&node))))
}

/// The text of a Secret's value.
fn decoded(node: &Node) -> Result<Node, UnknownReason> {
    let encoded: String = node.as_text().unwrap_or_default().split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .map_err(|_| UnknownReason::BrokenBuild)?;
    let text = String::from_utf8(bytes).map_err(|_| UnknownReason::BrokenBuild)?;
    if holds_encrypted(&text) {
        return Err(UnknownReason::Encrypted);
    }
    Ok(Node::string(text, node.origin().clone()))
}

/// The values in a text, where it holds some.
pub(crate) fn values_in_text(text: &Node, sources: &SourceMap) -> Result<Option<Node>, UnknownReason> {
    match read(text, sources) {
        Layer::Values(values) => Ok(Some(values)),
        Layer::Nothing => Ok(None),
        Layer::Unknown(reason) => Err(reason),
    }
}

/// Values from the text of a ConfigMap or Secret.
fn read(value: &Node, sources: &SourceMap) -> Layer {
    let parsed = parse_embedded(value, sources);
    if !parsed.errors.is_empty() {
        return Layer::Unknown(UnknownReason::BrokenBuild);
    }
    match parsed.root() {
        None => Layer::Nothing,
        Some(root) if is_encrypted_document(root) => Layer::Unknown(UnknownReason::Encrypted),
        Some(root) if root.is_mapping() => Layer::Values(root.clone()),
        Some(_) => Layer::Unknown(UnknownReason::BrokenBuild),
    }
}
