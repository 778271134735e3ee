//! The objects that the target of a patch means.

use crate::budget::{Budget, STEP};
use crate::kustomize::error::PatchError;
use crate::kustomize::kustomization::near::nearly;
use crate::kustomize::model::ProblemKind;
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::selector::Selector;
use crate::yaml::Node;

/// Which problem a target without an object is.
pub(super) fn unmatched(target: &Node) -> ProblemKind {
    let has = |field: &str| target.text_at(&[field]).is_some_and(|text| !text.is_empty());
    if !has("name") {
        ProblemKind::SelectorMatchesNothing
    } else {
        ProblemKind::PatchMatchesNothing
    }
}

/// What a selector asks for, in words.
pub(super) fn describe(target: &Node) -> String {
    let field = |name: &str| target.text_at(&[name]).filter(|text| !text.is_empty());
    let what = field("kind").map_or("object".to_owned(), |kind| format!("`{kind}`"));
    [
        ("group", "of group"),
        ("version", "of version"),
        ("name", "called"),
        ("namespace", "in namespace"),
        ("labelSelector", "with labels"),
        ("annotationSelector", "with annotations"),
    ]
    .into_iter()
    .filter_map(|(name, words)| Some(format!(" {words} `{}`", field(name)?)))
    .fold(what, |words, more| words + &more)
}

/// The name or kind that the target of a patch was probably meant to have.
pub(super) fn meant<'m>(map: &'m ResMap, target: &Node) -> Option<&'m str> {
    let asked = |field: &str| target.text_at(&[field]).filter(|text| !text.is_empty());
    let (kind, name) = (asked("kind"), asked("name"));
    let stated = |path: &'static [&str]| {
        let all = map.list().iter();
        all.filter_map(move |resource| Some((&resource.node, resource.node.text_at(path)?)))
    };
    let names = stated(&["metadata", "name"])
        .filter(|(node, _)| kind.is_none_or(|kind| node.text_at(&["kind"]) == Some(kind)))
        .map(|(_, name)| name);
    let kinds = stated(&["kind"])
        .filter(|(node, _)| name.is_none_or(|name| node.text_at(&["metadata", "name"]) == Some(name)))
        .map(|(_, kind)| kind);
    name.and_then(|name| nearly(name, names))
        .or_else(|| kind.and_then(|kind| nearly(kind, kinds)))
}

/// The positions of the objects that a selector means. What looking for them costs is taken from the account.
pub(crate) fn selected(
    map: &mut ResMap,
    target: &Node,
    budget: &mut Budget,
) -> Result<Vec<usize>, PatchError> {
    let selector = Selector::read(target)?;
    let candidates = match selector.name() {
        Some(name) => map.called(name),
        None => (0..map.len()).collect(),
    };
    let cost = selector.cost() + STEP * candidates.len();
    budget.spend(cost).map_err(|_| {
        PatchError::new(
            target.span(),
            format!("the patches of the build take more than {}", budget.in_words()),
        )
    })?;
    let mut found = Vec::new();
    for at in candidates {
        let Some(resource) = map.list().get(at) else {
            continue;
        };
        if !nodes::is_nil_or_empty(&resource.node)
            && selector.may_match(resource)
            && selector.matches(&resource.node, &resource.id(), &resource.original_id())?
        {
            found.push(at);
        }
    }
    Ok(found)
}
