mod pins;

use std::collections::BTreeSet;

use self::pins::{follows_tag, image_follows, is_one_version, url_follows};
use crate::cluster::GroupKind;
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::{Source, known_text};
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::{Node, Walk};

/// A chart, source, image or remote base that may be another one tomorrow.
pub(crate) static RULE: Rule = Rule {
    name: "floating-version",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/floating-version.md"),
    check,
};

/// Something that is not pinned.
struct Floating<'a> {
    message: String,
    span: Span,
    label: String,
    help: &'static str,
    object: &'a Object,
    route: String,
}

impl Floating<'_> {
    fn finding(self) -> Finding {
        Finding::new(self.message, self.span, self.label)
            .help(self.help)
            .object(self.object.reference())
            .route(self.route)
    }
}

const HELP_CHART: &str = "state one version, as in `version: 1.2.3`, and let a bot propose newer ones";
const HELP_OCI: &str = "state a `tag` with a version, or a `digest`";
const HELP_GIT: &str = "state a `tag` or a `commit`";
const HELP_IMAGE: &str = "state a tag with a version, or a digest";
const HELP_BASE: &str = "add `?ref=` with a tag or a commit, or name the file of a release";

fn kind_and_name(object: &Object) -> String {
    format!("{} `{}`", object.kind(), full_name(object))
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for cluster in &context.fleet.clusters {
        let own = Own::of(cluster);
        for (_, object) in cluster.objects() {
            let mut add = |floating: Floating<'_>| {
                let (span, finding) = (floating.span, floating.finding());
                gathered.add(span, (), &cluster.name, finding);
            };
            match object.kind() {
                "HelmRelease" => {
                    chart(object).into_iter().for_each(&mut add);
                    value_images(cluster, object, &mut add);
                }
                "OCIRepository" | "GitRepository" if !own.is(object) => {
                    source(object).into_iter().for_each(&mut add);
                }
                _ => pod_images(object, &mut add),
            }
        }
        for owner in cluster.own_kustomizations() {
            for opaque in owner.build.iter().flat_map(|build| &build.opaque) {
                if !url_follows(&opaque.address) {
                    continue;
                }
                let message = format!("remote base `{}` is not pinned", opaque.address);
                let span = opaque.origin.edit_span();
                let finding = Finding::new(message, span, "whatever is there at each build");
                gathered.add(span, (), &cluster.name, finding.help(HELP_BASE));
            }
        }
    }
    let all = gathered.into_faults();
    findings.extend(all.map(|(_, fault)| fault.first.clusters(fault.clusters)));
}

/// The chart of a HelmRelease. One that comes out of Git has the version that its directory has.
fn chart(release: &Object) -> Option<Floating<'_>> {
    let spec = release.node.at(&["spec", "chart", "spec"])?;
    if spec.text_at(&["sourceRef", "kind"]) != Some("HelmRepository") {
        return None;
    }
    let chart = spec.get("chart")?;
    let subject = format!("chart `{}` of {}", known_text(chart)?, kind_and_name(release));
    let route = "spec.chart.spec.version".to_owned();
    let floating = |node: &Node, how: String, label: String| Floating {
        message: format!("{subject} is not pinned: {how}"),
        span: node.origin().edit_span(),
        label,
        help: HELP_CHART,
        object: release,
        route,
    };
    match spec.get("version").filter(|node| !node.is_null()) {
        None => {
            let label = "no `version` beside it".to_owned();
            Some(floating(chart, "the newest version is taken".to_owned(), label))
        }
        Some(node) => {
            let version = known_text(node).filter(|version| !is_one_version(version))?;
            let how = format!("the newest version within `{version}` is taken");
            Some(floating(node, how, "a range".to_owned()))
        }
    }
}

/// `spec.ref` of an OCIRepository or a GitRepository: the most exact of its fields counts.
fn source(source: &Object) -> Option<Floating<'_>> {
    let url = source.node.at(&["spec", "url"])?;
    let reference = source.node.at(&["spec", "ref"]);
    let field = |name| reference.and_then(|reference| reference.get(name).filter(|node| !node.is_null()));
    let is_oci = source.kind() == "OCIRepository";
    if field(if is_oci { "digest" } else { "commit" }).is_some() {
        return None;
    }
    let (node, how) = if let Some(node) = field("name") {
        let branch = known_text(node)?.strip_prefix("refs/heads/")?;
        (node, format!("it follows branch `{branch}`"))
    } else if let Some(node) = field("semver") {
        let range = known_text(node).filter(|range| !is_one_version(range))?;
        (node, format!("it takes the newest version within `{range}`"))
    } else if let Some(node) = field("tag") {
        let tag = known_text(node).filter(|tag| is_oci && follows_tag(tag))?;
        (node, format!("it follows tag `{tag}`"))
    } else if let Some(node) = field("branch") {
        (node, format!("it follows branch `{}`", known_text(node)?))
    } else {
        let followed = if is_oci { "tag `latest`" } else { "branch `master`" };
        (url, format!("without a `ref` it follows {followed}"))
    };
    Some(Floating {
        message: format!("{} is not pinned: {how}", kind_and_name(source)),
        span: node.origin().edit_span(),
        label: "may be another one at any time".to_owned(),
        help: if is_oci { HELP_OCI } else { HELP_GIT },
        object: source,
        route: "spec.ref".to_owned(),
    })
}

/// Where the pods of an object are described.
const POD_SPECS: [&[&str]; 3] = [
    &["spec"],
    &["spec", "template", "spec"],
    &["spec", "jobTemplate", "spec", "template", "spec"],
];

fn pod_images<'a>(object: &'a Object, add: &mut dyn FnMut(Floating<'a>)) {
    for route in POD_SPECS {
        for list in ["initContainers", "containers"] {
            let containers = object.node.at(route).and_then(|spec| spec.get(list));
            for container in containers.map_or(&[][..], Node::items) {
                let image = container.get("image");
                let Some((node, text)) = image.and_then(|node| Some((node, known_text(node)?))) else {
                    continue;
                };
                if image_follows(text) {
                    let name = container.text_at(&["name"]).unwrap_or_default();
                    add(pod_image(object, text, node, format!("{list}[{name}].image")));
                }
            }
        }
    }
}

fn pod_image<'a>(object: &'a Object, text: &str, node: &Node, route: String) -> Floating<'a> {
    Floating {
        message: format!("image `{text}` of {} is not pinned", kind_and_name(object)),
        span: node.origin().edit_span(),
        label: "whatever is there when a node pulls it".to_owned(),
        help: HELP_IMAGE,
        object,
        route,
    }
}

/// Maps in the values of a chart that have a `repository` and a `tag`, as images have by custom.
fn value_images<'a>(cluster: &Cluster, release: &'a Object, add: &mut dyn FnMut(Floating<'a>)) {
    let values = cluster.helm_values(release);
    values.tree.walk(&mut |route, _, node| {
        let has_digest = node.text_at(&["digest"]).is_some_and(|digest| !digest.is_empty());
        let repository = node.get("repository").and_then(known_text);
        let tag = node.get("tag").and_then(|tag| Some((tag, known_text(tag)?)));
        if let (Some(repository), Some((place, tag)), false) = (repository, tag, has_digest)
            && follows_tag(tag)
        {
            add(Floating {
                message: format!(
                    "image `{repository}:{tag}` of {} is not pinned",
                    kind_and_name(release)
                ),
                span: place.origin().edit_span(),
                label: "whatever is there when a node pulls it".to_owned(),
                help: HELP_IMAGE,
                object: release,
                route: format!("{route}.tag"),
            });
        }
        Walk::Enter
    });
}

/// The sources that deliver this repository, and the owners of it: what is theirs is meant to move with it.
struct Own<'a> {
    sources: BTreeSet<(&'a str, &'a str)>,
    owners: BTreeSet<String>,
}

impl<'a> Own<'a> {
    fn of(cluster: &'a Cluster) -> Self {
        let here = cluster
            .own_kustomizations()
            .filter(|owner| matches!(owner.source, Source::Here(_)));
        let sources: BTreeSet<(&str, &str)> = here
            .filter_map(|owner| {
                let reference = owner.spec()?.get("sourceRef")?;
                let namespace = reference.text_at(&["namespace"]).unwrap_or(&owner.namespace);
                Some((namespace, reference.text_at(&["name"])?))
            })
            .collect();
        let mut own = Self {
            sources,
            owners: BTreeSet::new(),
        };
        let urls = cluster.objects().filter_map(|(_, object)| match object.kind() {
            "FluxInstance" => object.node.text_at(&["spec", "sync", "url"]),
            _ if own.delivers(object) => object.node.text_at(&["spec", "url"]),
            _ => None,
        });
        own.owners = urls.filter_map(owner).collect();
        own
    }

    fn delivers(&self, source: &Object) -> bool {
        let name = (source.namespace().unwrap_or_default(), source.name());
        GroupKind::from(source).is_flux() && self.sources.contains(&name)
    }

    fn is(&self, source: &Object) -> bool {
        let url = source.node.text_at(&["spec", "url"]).unwrap_or_default();
        let has_owner = |owner: &String| url.split(['/', ':']).any(|part| part.eq_ignore_ascii_case(owner));
        self.delivers(source) || self.owners.iter().any(has_owner)
    }
}

/// The last but one part of an address: `acme` of `ssh://git@github.com/acme/fleet`.
fn owner(url: &str) -> Option<String> {
    let parts = url.trim_end_matches('/').split(['/', ':']);
    parts
        .rev()
        .nth(1)
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
}
