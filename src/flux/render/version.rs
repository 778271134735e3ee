//! Whether an undefined variable fails a build: the gate `StrictPostBuildSubstitutions` of kustomize-controller, on
//! by default since 1.9.0, which came with Flux 2.9.

use std::sync::LazyLock;

use regex::Regex;

use super::graph::Round;
use crate::flux::discover::Start as Found;
use crate::kustomize::Object;
use crate::yaml::{Kind, Node};

/// What the repository says about the gate of this cluster; `None` when it says nothing. A version that is stated
/// overrules those in the repository, but not a gate that is set there.
pub(super) fn is_strict(start: &Found, round: &Round, stated: Option<(u64, u64)>) -> Option<bool> {
    let instance = match start {
        Found::Instance(instance) => Some(&instance.spec),
        _ => None,
    };
    let rendered = || round.kustomizations.iter().flat_map(|one| &one.objects);
    let relevant: Vec<&Object> = rendered()
        .map(|object| &**object)
        .filter(|object| is_relevant(object))
        .collect();
    let gate = instance
        .and_then(gate)
        .or_else(|| relevant.iter().find_map(|object| gate(&object.node)));
    gate.or(stated.map(|version| version >= (2, 9)))
        .or_else(|| relevant.iter().find_map(|object| by_image(object)))
        .or_else(|| relevant.iter().find_map(|object| by_manifests(object)))
        .or_else(|| instance.and_then(by_distribution))
        .or_else(|| {
            relevant
                .iter()
                .find_map(|object| object.node.get("spec").and_then(by_distribution))
        })
}

fn is_relevant(object: &Object) -> bool {
    match object.kind() {
        "Deployment" => object.name() == "kustomize-controller",
        "OCIRepository" | "FluxInstance" => true,
        "HelmRelease" => object.name().contains("flux"),
        "Kustomization" => object.name().contains("flux"),
        _ => false,
    }
}

/// The gate as an argument of the controller, or in a patch that adds it.
fn gate(node: &Node) -> Option<bool> {
    static GATE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"StrictPostBuildSubstitutions=(true|false)").ok());
    let regex = GATE.as_ref()?;
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        match node.kind() {
            Kind::Scalar(scalar) => {
                if let Some(found) = regex.captures(&scalar.text) {
                    return Some(&found[1] == "true");
                }
            }
            Kind::Sequence(items) => todo.extend(items),
            Kind::Mapping(entries) => todo.extend(entries.iter().map(|entry| &entry.value)),
        }
    }
    None
}

/// From the image of the controller itself.
fn by_image(deployment: &Object) -> Option<bool> {
    if deployment.kind() != "Deployment" {
        return None;
    }
    let containers = deployment
        .node
        .at(&["spec", "template", "spec", "containers"])?
        .items();
    let image = containers
        .iter()
        .filter_map(|one| one.text_at(&["image"]))
        .find(|image| image.contains("kustomize-controller"))?;
    let (major, minor) = major_minor(image.rsplit_once(':')?.1)?;
    Some((major, minor?) >= (1, 9))
}

/// From the artifact of Flux's own manifests, the way to install it before there was an operator.
fn by_manifests(source: &Object) -> Option<bool> {
    let url = source.node.text_at(&["spec", "url"])?;
    url.trim_end_matches('/')
        .ends_with("fluxcd/flux-manifests")
        .then_some(())?;
    of_flux(source.node.text_at(&["spec", "ref", "tag"])?)
}

/// `distribution.version` of a FluxInstance, or of the values of its chart.
fn by_distribution(spec: &Node) -> Option<bool> {
    let version = [
        &["distribution", "version"][..],
        &["values", "instance", "distribution", "version"],
    ]
    .into_iter()
    .find_map(|route| spec.text_at(route))?;
    of_flux(version)
}

/// A range without a minor takes the newest.
fn of_flux(version: &str) -> Option<bool> {
    let (major, minor) = major_minor(version)?;
    Some(major > 2 || (major == 2 && minor.is_none_or(|minor| minor >= 9)))
}

fn major_minor(version: &str) -> Option<(u64, Option<u64>)> {
    let version = version
        .split('@')
        .next()
        .unwrap_or_default()
        .trim_start_matches(['v', '=', '~', '^']);
    let mut parts = version.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map(str::parse::<u64>);
    Some((major, minor.and_then(Result::ok)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_on_since_flux_2_9() {
        for (version, strict) in [
            ("2.9.4", true),
            ("2.x", true),
            ("2.8.8", false),
            ("v2.5.1", false),
            ("2.7.x", false),
            ("3.0", true),
            ("2.*", true),
        ] {
            assert_eq!(of_flux(version), Some(strict), "{version}");
        }
        assert_eq!(of_flux("latest"), None);
    }
}
