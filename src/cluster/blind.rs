//! Blind spots: what may bring objects into a cluster that the repository does not show.

use std::collections::BTreeSet;

use memchr::memmem;

use super::kind::GroupKind;
use crate::flux::{Kustomization, RenderedSet, Source};
use crate::kustomize::{Object, Unread};
use crate::postbuild::RenderProblem;
use crate::unknown::UnknownReason;
use crate::yaml::{Kind, MAX_DEPTH, Node};

/// Something that may hold objects nobody can see.
#[derive(Debug)]
pub(crate) struct BlindSpot<'a> {
    /// Why it cannot be seen.
    pub(crate) reason: UnknownReason,
    kinds: Kinds<'a>,
    /// The only namespace its objects may lie in, where that is known.
    namespace: Option<&'a str>,
    names: Names<'a>,
}

/// What is known of this repository itself, to tell it from others.
#[derive(Debug)]
pub(crate) struct Own<'a> {
    /// Who owns it.
    pub(crate) owner: Option<String>,
    /// The name of the source by which the cluster knows it.
    pub(crate) source: Option<&'a str>,
}

/// Which names the objects of a blind spot may have.
#[derive(Debug)]
enum Names<'a> {
    Any,
    Only(&'a str),
    /// Those in files that do not parse.
    Unread(&'a Unread),
}

/// Which kinds a blind spot may hold.
#[derive(Debug)]
enum Kinds<'a> {
    Any,
    /// Workloads and their configuration, but nothing that Flux's controllers act on.
    NotFlux,
    /// What other people release: nothing that only those who run the cluster write.
    Software,
    Only(BTreeSet<GroupKind<'a>>),
}

impl BlindSpot<'_> {
    /// A spot that may hold anything anywhere.
    pub(crate) fn anything(reason: UnknownReason) -> Self {
        Self {
            reason,
            kinds: Kinds::Any,
            namespace: None,
            names: Names::Any,
        }
    }

    /// Whether an object of that kind, namespace and name may be in there.
    pub(crate) fn hides(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> bool {
        let name_fits = match self.names {
            Names::Any => true,
            Names::Only(own) => own == name,
            Names::Unread(unread) => unread.may_hold(name),
        };
        name_fits && self.hides_some(kind, namespace)
    }

    /// Whether any object of that kind and namespace may be in there.
    pub(crate) fn hides_some(&self, kind: GroupKind<'_>, namespace: Option<&str>) -> bool {
        let kind_fits = match &self.kinds {
            Kinds::Any => true,
            Kinds::NotFlux => !kind.is_flux(),
            Kinds::Software => !kind.is_own_work(),
            Kinds::Only(kinds) => kinds.contains(&kind),
        };
        let namespace_fits = match (self.namespace, namespace) {
            (Some(own), Some(asked)) => own == asked,
            _ => true,
        };
        kind_fits && namespace_fits
    }
}

/// The blind spots that a Kustomization brings into the cluster it delivers to.
/// `is_release` tells whether its source is pinned to a release.
pub(crate) fn blind_spots<'a>(
    kustomization: &'a Kustomization,
    own: &Own<'_>,
    is_release: bool,
) -> Vec<BlindSpot<'a>> {
    let mut spots = Vec::new();
    let target_namespace = kustomization
        .spec()
        .and_then(|spec| spec.text_at(&["targetNamespace"]));
    if let Some(reason) = unseen(kustomization) {
        spots.push(BlindSpot {
            reason,
            kinds: if is_foreign(&kustomization.source, own, is_release) {
                Kinds::Software
            } else {
                Kinds::Any
            },
            namespace: target_namespace,
            names: Names::Any,
        });
    }
    if let Some(build) = &kustomization.build {
        if !build.unread.is_empty() {
            spots.push(BlindSpot {
                names: Names::Unread(&build.unread),
                ..BlindSpot::anything(UnknownReason::Unparsable)
            });
        }
        if build.failed() {
            spots.push(BlindSpot {
                reason: UnknownReason::BrokenBuild,
                kinds: kinds_like(kustomization),
                namespace: None,
                names: Names::Any,
            });
        }
        spots.extend(build.opaque.iter().map(|opaque| BlindSpot {
            reason: UnknownReason::Remote,
            kinds: if is_manifest_url(&opaque.address) || is_of_others(&opaque.address, own) {
                Kinds::Software
            } else {
                Kinds::Any
            },
            namespace: target_namespace,
            names: Names::Any,
        }));
    }
    for object in &kustomization.objects {
        if rendered(kustomization, object).is_none() {
            spots.extend(hidden_behind(object, own));
        }
    }
    spots
}

/// The blind spots of ResourceSets that are rendered, but choose their providers by labels where `spots` may hold others.
pub(crate) fn open_sets<'a>(kustomization: &'a Kustomization, spots: &[BlindSpot<'_>]) -> Vec<BlindSpot<'a>> {
    const PROVIDER: GroupKind<'static> = GroupKind::new("fluxcd.controlplane.io", "ResourceSetInputProvider");
    let open = kustomization.objects.iter().filter(|object| {
        rendered(kustomization, object).is_some_and(|set| {
            let hides = |spot: &BlindSpot<'_>| spot.hides_some(PROVIDER, Some(&set.namespace));
            set.selects_providers && spots.iter().any(hides)
        })
    });
    open.map(|object| made_by(object)).collect()
}

/// What is known of a ResourceSet of which everything is rendered.
fn rendered<'a>(kustomization: &'a Kustomization, object: &Object) -> Option<&'a RenderedSet> {
    let namespace = object.namespace().unwrap_or("default");
    let is_set = GroupKind::from(object) == GroupKind::new("fluxcd.controlplane.io", "ResourceSet");
    let mut sets = kustomization.rendered_sets.iter().filter(|_| is_set);
    sets.find(|set| set.name == object.name() && set.namespace == namespace)
}

/// What a ResourceSet makes, unseen.
fn made_by(set: &Object) -> BlindSpot<'_> {
    BlindSpot {
        reason: UnknownReason::Generated,
        kinds: kinds_of_resource_set(set),
        namespace: None,
        names: Names::Any,
    }
}

/// Why nothing of a Kustomization's content can be seen.
fn unseen(kustomization: &Kustomization) -> Option<UnknownReason> {
    let path_missing = kustomization
        .problems
        .iter()
        .any(|problem| matches!(problem, RenderProblem::MissingPath { .. }));
    match &kustomization.source {
        Source::Elsewhere(_) => Some(UnknownReason::Remote),
        Source::Unknown(reason) => Some(*reason),
        // Its objects will be there once the reference is mended.
        Source::Missing => Some(UnknownReason::BrokenBuild),
        Source::Here(_) if path_missing => Some(UnknownReason::BrokenBuild),
        Source::Here(_) if kustomization.path.is_none() => Some(UnknownReason::External),
        Source::Here(_) if kustomization.build.is_none() && !kustomization.suspended => {
            Some(UnknownReason::BrokenBuild)
        }
        Source::Here(_) => None,
    }
}

/// Whether a source belongs to somebody else than this repository. Other people's software is not delivered by Flux
/// objects of its own that ours would refer to; another repository of the same owner may well hold some. Where the owner
/// of this repository is not known, a source pinned to a release is software.
fn is_foreign(source: &Source, own: &Own<'_>, is_release: bool) -> bool {
    let Source::Elsewhere(address) = source else {
        return false;
    };
    match &own.owner {
        Some(own) => owner_of(address).is_some_and(|owner| !owner.eq_ignore_ascii_case(own)),
        None => is_release,
    }
}

/// Whether a remote base belongs to somebody else than this repository.
fn is_of_others(address: &str, own: &Own<'_>) -> bool {
    let (Some(own), Some(owner)) = (&own.owner, owner_of(address)) else {
        return false;
    };
    !owner.eq_ignore_ascii_case(own)
}

/// The user or organisation in the address of a repository: the first part of its path.
pub(crate) fn owner_of(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    // `git@host:owner/name` has a colon where others have a slash.
    let (_, path) = rest.split_once(['/', ':'])?;
    let mut parts = path
        .split('/')
        .skip_while(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let owner = parts.next()?;
    parts.next().map(|_| owner.to_owned())
}

/// A directory holds things of a sort: what a broken build hides is of the kinds that it shows.
fn kinds_like(kustomization: &Kustomization) -> Kinds<'_> {
    if kustomization.objects.is_empty() {
        return Kinds::Any;
    }
    let kinds = kustomization
        .objects
        .iter()
        .map(|object| GroupKind::from(&**object));
    Kinds::Only(kinds.collect())
}

/// Whether a remote resource is a single file. Such files are releases of other people's software (definitions,
/// operators), never Flux objects of this repository's clusters; a remote directory may be anything.
fn is_manifest_url(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    crate::source::is_manifest(path)
}

/// What an object stands for but does not show.
fn hidden_behind<'a>(object: &'a Object, own: &Own<'_>) -> Vec<BlindSpot<'a>> {
    let mut spots = Vec::new();
    let kind = GroupKind::from(object);
    let placed_by_unknown = ["name", "namespace"]
        .iter()
        .filter_map(|key| object.node.at(&["metadata", key]))
        .any(|node| node.origin().is_unknown() || node.as_text().is_some_and(|text| text.contains("${")));
    if placed_by_unknown {
        spots.push(BlindSpot {
            reason: UnknownReason::Encrypted,
            kinds: Kinds::Only(BTreeSet::from([kind])),
            namespace: None,
            names: Names::Any,
        });
    }
    match (kind.group, kind.kind) {
        ("fluxcd.controlplane.io", "ResourceSet") => spots.push(made_by(object)),
        ("fluxcd.controlplane.io", "FluxInstance") => {
            let name = object.node.text_at(&["spec", "sync", "name"]);
            spots.push(sync_objects(
                object.namespace(),
                name.or_else(|| object.namespace()),
            ));
        }
        ("source.extensions.fluxcd.io", "ArtifactGenerator") => spots.push(BlindSpot {
            reason: UnknownReason::Generated,
            kinds: Kinds::Only(BTreeSet::from([GroupKind::source("ExternalArtifact")])),
            namespace: object.namespace(),
            names: Names::Any,
        }),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => spots.extend(hidden_in_chart(object, own)),
        _ => {}
    }
    spots
}

/// Objects of any sort come out of charts; Flux objects only out of charts that are about Flux or written at home.
fn hidden_in_chart<'a>(release: &'a Object, own: &Own<'_>) -> Vec<BlindSpot<'a>> {
    let text = |route: &[&str]| release.node.text_at(route);
    let namespace = text(&["spec", "targetNamespace"]).or_else(|| release.namespace());
    let chart_source = text(&["spec", "chart", "spec", "sourceRef", "name"]);
    let own_chart = chart_source.is_some() && chart_source == own.source;
    let values = release.node.at(&["spec", "values"]);
    let brings_manifests = values.is_some_and(|values| mentions_flux_objects(values, 0));
    let chart = text(&["spec", "chart", "spec", "chart"]).or_else(|| text(&["spec", "chartRef", "name"]));
    let about_flux = chart.is_some_and(|name| name.contains("flux"));
    let mut spots = vec![BlindSpot {
        reason: UnknownReason::Chart,
        kinds: if own_chart { Kinds::Any } else { Kinds::NotFlux },
        namespace,
        names: Names::Any,
    }];
    if brings_manifests && !about_flux {
        spots.push(BlindSpot {
            reason: UnknownReason::Generated,
            kinds: Kinds::Any,
            namespace,
            names: Names::Any,
        });
    }
    if about_flux {
        // The chart `flux-instance` makes a FluxInstance of its values, `flux2-sync` names its objects like the release.
        let name = text(&["spec", "values", "instance", "sync", "name"]);
        spots.push(sync_objects(namespace, name.or(namespace)));
        spots.push(sync_objects(namespace, Some(release.name())));
    }
    spots
}

/// The source and the Kustomization that a FluxInstance or the chart `flux2-sync` makes.
fn sync_objects<'a>(namespace: Option<&'a str>, name: Option<&'a str>) -> BlindSpot<'a> {
    let sources = ["GitRepository", "OCIRepository", "Bucket"].map(GroupKind::source);
    BlindSpot {
        reason: UnknownReason::Generated,
        kinds: Kinds::Only(sources.into_iter().chain([GroupKind::KUSTOMIZATION]).collect()),
        namespace,
        names: name.map_or(Names::Any, Names::Only),
    }
}

/// Whether a text is the `apiVersion` of a Flux object, or has one in it.
fn mentions_flux_version(text: &str) -> bool {
    const SUFFIX: &str = ".toolkit.fluxcd.io/v";
    // Nearly no text of a chart's values has it, and this way of looking costs least.
    if memmem::find(text.as_bytes(), SUFFIX.as_bytes()).is_none() {
        return false;
    }
    text.match_indices(SUFFIX).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        ["kustomize", "helm", "source"].iter().any(|group| {
            let before = before.strip_suffix(group);
            before.is_some_and(|before| before.is_empty() || before.ends_with("apiVersion: "))
        })
    })
}

/// Whether values carry whole Flux objects, as charts for raw manifests take them.
fn mentions_flux_objects(node: &Node, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match node.kind() {
        // An `apiVersion`, alone or in a text; annotations such as `helm.toolkit.fluxcd.io/driftDetection` are none.
        Kind::Scalar(scalar) => mentions_flux_version(&scalar.text),
        Kind::Sequence(items) => items.iter().any(|item| mentions_flux_objects(item, depth + 1)),
        Kind::Mapping(entries) => entries
            .iter()
            .any(|entry| mentions_flux_objects(&entry.value, depth + 1)),
    }
}

/// The kinds that a ResourceSet states outright; any kind when it makes Kustomizations, whose content is as unknown as
/// their paths, or holds a template that only rendering would tell.
fn kinds_of_resource_set(set: &Object) -> Kinds<'_> {
    let spec = set.node.get("spec");
    let templated = ["resourcesTemplate", "steps"]
        .iter()
        .any(|key| spec.is_some_and(|spec| spec.get(key).is_some()));
    let resources = spec
        .and_then(|spec| spec.get("resources"))
        .map_or(&[][..], Node::items);
    let kinds: BTreeSet<_> = resources
        .iter()
        .filter_map(|resource| {
            let group = resource
                .text_at(&["apiVersion"])?
                .rsplit_once('/')
                .map_or("", |(group, _)| group);
            Some(GroupKind::new(group, resource.text_at(&["kind"])?))
        })
        .collect();
    if templated
        || kinds.contains(&GroupKind::KUSTOMIZATION)
        || kinds.iter().any(|kind| kind.kind.contains("<<"))
    {
        Kinds::Any
    } else {
        Kinds::Only(kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flux_objects_in_values_are_told_from_annotations() {
        for text in [
            "helm.toolkit.fluxcd.io/v2",
            "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\n",
            "x.toolkit.fluxcd.io/v1\napiVersion: source.toolkit.fluxcd.io/v1\n",
        ] {
            assert!(mentions_flux_version(text), "{text}");
        }
        for text in [
            "helm.toolkit.fluxcd.io/driftDetection",
            "# helm.toolkit.fluxcd.io/v2",
            "notification.toolkit.fluxcd.io/v1",
            ".toolkit.fluxcd.io/v1",
        ] {
            assert!(!mentions_flux_version(text), "{text}");
        }
    }

    #[test]
    fn the_owner_is_read_from_every_form_of_address() {
        for address in [
            "https://github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "ssh://git@github.com/acme/fleet",
            "ssh://git@git.example.org:2222/acme/fleet",
            "git@github.com:acme/fleet.git",
            "oci://ghcr.io/acme/manifests/fleet",
        ] {
            assert_eq!(owner_of(address).as_deref(), Some("acme"), "{address}");
        }
        assert_eq!(owner_of("https://charts.example.org/fleet"), None);
    }
}
