//! From the result of a build to what is applied: substitution, then common metadata.

use std::sync::Arc;

use super::Renderer;
use crate::flux::Kustomization;
use crate::flux::metadata::with_common_metadata;
use crate::kustomize::{Build, Object};
use crate::postbuild::{RenderProblem, Variables};
use crate::yaml::Node;

pub(crate) struct Finished {
    pub(crate) objects: Vec<Arc<Object>>,
    pub(crate) problems: Vec<RenderProblem>,
}

/// Whether the same build with the same variables and metadata was finished before.
pub(crate) fn is_reusable(earlier: &Kustomization, now: &Kustomization) -> bool {
    let post = |kustomization: &Kustomization| {
        let spec = kustomization.spec();
        ["postBuild", "commonMetadata"].map(|key| spec.and_then(|spec| spec.get(key)).cloned())
    };
    let same = |(a, b): (&Option<Node>, &Option<Node>)| match (a, b) {
        (Some(a), Some(b)) => a.same_value(b),
        (None, None) => true,
        _ => false,
    };
    let same_build = earlier
        .build
        .as_ref()
        .zip(now.build.as_ref())
        .is_some_and(|(a, b)| Arc::ptr_eq(a, b));
    // What went beyond the share of the cluster was left out.
    let built = now.build.as_ref().map_or(0, |build| build.objects.len());
    let is_whole = earlier.objects.len() >= built;
    same_build
        && is_whole
        && earlier.variables == now.variables
        && post(earlier).iter().zip(&post(now)).all(same)
}

/// Whether substituting found the problem, not reading the spec.
pub(crate) fn is_of_substitution(problem: &RenderProblem) -> bool {
    matches!(
        problem,
        RenderProblem::UndefinedVariable { .. }
            | RenderProblem::MalformedSubstitution { .. }
            | RenderProblem::BrokenBySubstitution { .. }
    )
}

/// Finishes a build. Without variables nothing is substituted.
pub(crate) fn finish(
    renderer: &Renderer,
    strict: bool,
    build: &Build,
    variables: Option<&Variables>,
    common: Option<&Node>,
) -> Finished {
    let mut finished = Finished {
        objects: Vec::with_capacity(build.objects.len()),
        problems: Vec::new(),
    };
    for object in &build.objects {
        let mut object = Arc::clone(object);
        if let Some(variables) = variables {
            let substituted = renderer.substituter.substitute(&object, variables, strict);
            object = substituted.object;
            finished.problems.extend(substituted.problems);
        }
        if let Some(common) = common {
            object = with_common_metadata(object, common);
        }
        finished.objects.push(object);
    }
    finished
}
