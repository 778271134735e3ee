//! What Flux substitutes in: the texts of a build, before it does.

use std::sync::Arc;

use crate::flux::Kustomization;
use crate::kustomize::{Build, Object};
use crate::yaml::{Node, Route, Walk};

/// The annotation or label that tells Flux to leave an object as it is.
pub(crate) const SUBSTITUTE_KEY: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Whether `spec.postBuild` is there.
pub(crate) fn has_post_build(kustomization: &Kustomization) -> bool {
    let post_build = kustomization.object.node.at(&["spec", "postBuild"]);
    post_build.is_some_and(Node::is_mapping)
}

/// Whether Flux substitutes in what the Kustomization builds. Without a single variable it does not, unless told otherwise.
pub(crate) fn substitutes(kustomization: &Kustomization) -> bool {
    let strategy = kustomization
        .object
        .node
        .text_at(&["spec", "postBuild", "substituteStrategy"]);
    let variables = &kustomization.variables;
    has_post_build(kustomization)
        && (strategy == Some("Always") || !variables.known.is_empty() || variables.open.is_some())
}

/// Calls `visit` with every text of the build that has an expression or a `$$` in it, keys included, of the objects that
/// do not opt out.
pub(crate) fn texts<'a>(
    kustomization: &'a Kustomization,
    visit: &mut dyn FnMut(&'a Arc<Object>, Route<'_>, &'a Node),
) {
    if let Some(build) = &kustomization.build {
        texts_of(build, visit);
    }
}

/// The same for a build, which clusters may share.
pub(crate) fn texts_of<'a>(build: &'a Build, visit: &mut dyn FnMut(&'a Arc<Object>, Route<'_>, &'a Node)) {
    for object in build.objects.iter().filter(|object| !opts_out(object)) {
        object.node.walk(&mut |route, key, node| {
            for one in key.into_iter().chain([node]) {
                if one.as_scalar().is_some_and(|scalar| scalar.text.contains('$')) {
                    visit(object, route, one);
                }
            }
            Walk::Enter
        });
    }
}

/// Whether Flux is told to substitute nothing in the object.
pub(crate) fn opts_out(object: &Object) -> bool {
    [object.label(SUBSTITUTE_KEY), object.annotation(SUBSTITUTE_KEY)]
        .into_iter()
        .flatten()
        .any(|value| value.as_text() == Some("disabled"))
}

/// The expressions in a text, each as its name and what follows the name: `("X", ":=1}…")` for `${X:=1}`. What `$$`
/// keeps as text is none.
pub(crate) fn expressions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("${").filter_map(|(at, _)| {
        let dollars = text
            .get(..at)?
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'$')
            .count();
        let rest = text.get(at + 2..)?;
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
        let (name, rest) = rest.split_at_checked(end)?;
        (dollars % 2 == 0 && !name.is_empty()).then_some((name, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::expressions;

    #[test]
    fn expressions_are_found_and_escaped_ones_are_not() {
        let found: Vec<_> = expressions("a ${X} $${Y} $$${Z:=1} ${#W} $V").collect();
        assert_eq!(found[0].0, "X");
        assert_eq!(found[1], ("Z", ":=1} ${#W} $V"));
        assert_eq!(found.len(), 2);
    }
}
