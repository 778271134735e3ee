//! Which Flux delivers a cluster, and whether an undefined variable fails a build: the gate
//! `StrictPostBuildSubstitutions` of kustomize-controller, on by default since 1.9.0, which came with Flux 2.9.

use std::sync::LazyLock;

use regex::Regex;

use super::round::Round;
use crate::flux::SyncedBy;
use crate::flux::model::FluxVersion;
use crate::kustomize::Object;
use crate::yaml::{Kind, Node};

/// What is said about the Flux of a cluster; `None` where nothing is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    /// The release.
    pub(crate) version: Option<FluxVersion>,
    /// The gate, or what the release makes of it.
    pub(crate) strict: Option<bool>,
}

impl Stated {
    /// What the repository says. A version that the caller states overrules those in the repository, but not a gate that
    /// is set there.
    pub(crate) fn read(start: &SyncedBy, round: &Round, version: Option<FluxVersion>) -> Self {
        let instance = match start {
            SyncedBy::Instance(instance) => Some(&instance.spec),
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
        let version = version
            .or_else(|| relevant.iter().find_map(|object| by_image(object)))
            .or_else(|| relevant.iter().find_map(|object| by_manifests(object)))
            .or_else(|| instance.and_then(by_distribution))
            .or_else(|| {
                relevant
                    .iter()
                    .find_map(|object| object.node.get("spec").and_then(by_distribution))
            });
        Self {
            version,
            strict: gate.or_else(|| version.map(|version| version.is_at_least(2, 9, 0))),
        }
    }
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

/// From the image of the controller itself, whose minors are those of Flux.
fn by_image(deployment: &Object) -> Option<FluxVersion> {
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
    let controller = FluxVersion::parse(image.split('@').next()?.rsplit_once(':')?.1)?;
    controller.minor.is_some().then_some(FluxVersion {
        major: controller.major + 1,
        ..controller
    })
}

/// From the artifact of Flux's own manifests, the way to install it before there was an operator.
fn by_manifests(source: &Object) -> Option<FluxVersion> {
    let url = source.node.text_at(&["spec", "url"])?;
    url.trim_end_matches('/')
        .ends_with("fluxcd/flux-manifests")
        .then_some(())?;
    FluxVersion::parse(source.node.text_at(&["spec", "ref", "tag"])?)
}

/// `distribution.version` of a FluxInstance, or of the values of its chart.
fn by_distribution(spec: &Node) -> Option<FluxVersion> {
    let version = [
        &["distribution", "version"][..],
        &["values", "instance", "distribution", "version"],
    ]
    .into_iter()
    .find_map(|route| spec.text_at(route))?;
    FluxVersion::parse(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{RepoPath, SourceMap};
    use crate::yaml::Store;

    #[test]
    fn the_minor_of_the_controller_is_that_of_flux() {
        let version = |image: &str| {
            let text = format!(
                "kind: Deployment\nspec: {{template: {{spec: {{containers: [{{image: '{image}'}}]}}}}}}\n"
            );
            let sources = SourceMap::from_memory([("d.yaml", text)]);
            let file = sources.file_at(&RepoPath::clamp("d.yaml"))?;
            let store = Store::new(&sources);
            let node = store.parsed(file).root()?.clone();
            by_image(&Object::new(node))
        };
        assert_eq!(
            version("ghcr.io/fluxcd/kustomize-controller:v1.9.4@sha256:0123"),
            FluxVersion::parse("2.9.4")
        );
        assert_eq!(version("ghcr.io/fluxcd/helm-controller:v1.9.4"), None);
    }

    #[test]
    fn a_range_takes_the_newest_that_it_allows() {
        let is_new = |version| FluxVersion::parse(version).map(|version| version.is_at_least(2, 9, 5));
        for version in ["2.9.5", "2.x", "2.*", "v2.10.0", "2.9.x", "~2.9", "3.0"] {
            assert_eq!(is_new(version), Some(true), "{version}");
        }
        for version in ["2.9.4", "v2.8.8", "2.7.x", "1.x"] {
            assert_eq!(is_new(version), Some(false), "{version}");
        }
        assert_eq!(is_new("latest"), None);
    }
}
