//! `generators`, `transformers` and `validators` with kustomize's built-in kinds (api `internal/plugins/loader`). Others
//! are programs; Flux runs none.

use super::accumulate::{Chain, Session};
use super::accumulator::Accumulator;
use super::transformers::finish;
use crate::kustomize::fields::config::field_specs;
use crate::kustomize::files::loader::Loader;
use crate::kustomize::generate::generators::{self, Generated};
use crate::kustomize::generate::hash;
use crate::kustomize::kustomization::kustfile::Kustomization;
use crate::kustomize::kustomization::typed::{self, Strictness, Type};
use crate::kustomize::kustomization::types;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::patch::json6902::through_json;
use crate::kustomize::patch::patches::Patcher;
use crate::kustomize::resources::build_origin::{BuildOrigin, join};
use crate::kustomize::resources::provenance;
use crate::kustomize::resources::resource::Resource;
use crate::kustomize::resources::{nodes, objects};
use crate::kustomize::transform::names::{self, Affix};
use crate::kustomize::transform::namespace::{NamespaceTransformer, Subjects};
use crate::kustomize::transform::{images, labels, replicas, valueadd};
use crate::yaml::{Node, parse_embedded, to_yaml};

/// One configured plugin.
struct Plugin<'a> {
    kind: String,
    config: Node,
    resource: &'a Resource,
}

impl Session<'_> {
    /// Runs `generators`.
    pub(crate) fn external_generators(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        let resources = self.plugin_resources(kustomization, "generators", loader, chain, acc);
        for resource in &resources {
            let Some(plugin) = configure(resource, acc) else {
                continue;
            };
            let generated = match plugin.kind.as_str() {
                "ConfigMapGenerator" => generate(&plugin, Generated::ConfigMap, loader, acc),
                "SecretGenerator" => generate(&plugin, Generated::Secret, loader, acc),
                "IAMPolicyGenerator" => service_account(&plugin, acc),
                "HelmChartInflationGenerator" => {
                    acc.report.push(
                        Problem::new(
                            ProblemKind::RefusedField,
                            resource.node.span(),
                            "a Helm chart generator needs Helm: must specify --enable-helm, which Flux never does",
                            "no chart is rendered",
                        )
                        .help("use a HelmRelease instead"),
                    );
                    None
                }
                kind => {
                    let message = format!("plugin `{kind}` not a generator");
                    acc.report
                        .fail(resource.node.span(), message, "listed under `generators`");
                    None
                }
            };
            if let Some(mut generated) = generated {
                provenance::mark(&mut generated, BuildOrigin::plugin(resource));
                acc.absorb(generated, &resource.node);
            }
        }
    }

    /// Runs `transformers`.
    pub(crate) fn external_transformers(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        for resource in &self.plugin_resources(kustomization, "transformers", loader, chain, acc) {
            transform(resource, loader, acc);
            let origin = acc
                .origin_path
                .is_some()
                .then(|| BuildOrigin::plugin(resource))
                .flatten();
            finish(acc, origin.as_ref());
        }
    }

    /// Runs `validators`: transformers that must not change anything.
    pub(crate) fn validate(
        &self,
        kustomization: &Kustomization,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) {
        for resource in &self.plugin_resources(kustomization, "validators", loader, chain, acc) {
            let before = acc.map.clone();
            transform(resource, loader, acc);
            let same = before.len() == acc.map.len()
                && before
                    .list()
                    .iter()
                    .zip(acc.map.list())
                    .all(|(a, b)| a.node.is_same(&b.node) || to_yaml(&a.node) == to_yaml(&b.node));
            if !same {
                acc.report.fail(
                    resource.node.span(),
                    "validator shouldn't modify the resource map",
                    "changes objects",
                );
            }
            acc.map = before;
        }
    }

    /// The objects that configure plugins: given in place, or in files and directories.
    fn plugin_resources(
        &self,
        kustomization: &Kustomization,
        field: &str,
        loader: &Loader<'_>,
        chain: Chain<'_>,
        acc: &mut Accumulator,
    ) -> Vec<Resource> {
        let entries = kustomization.items(field);
        if entries.is_empty() {
            return Vec::new();
        }
        let mut plugins = Accumulator {
            origin_path: acc.origin_path.clone(),
            ..Accumulator::default()
        };
        let mut paths = Vec::new();
        for entry in entries {
            let parsed = parse_embedded(entry, loader.store.sources());
            let inline = objects::read(&parsed);
            if !parsed.errors.is_empty() || !inline.problems.is_empty() {
                paths.push(entry);
                continue;
            }
            for object in inline.objects {
                let mut resource = Resource::new(object, entry.span());
                let origin = acc.origin_path.as_ref().map(|directory| BuildOrigin {
                    path: join(directory, kustomization.file_name),
                    ..BuildOrigin::default()
                });
                provenance::mark(&mut resource, origin);
                if let Err(duplicate) = plugins.map.append(resource) {
                    acc.report.duplicate(entry.span(), &duplicate);
                }
            }
        }
        for entry in paths {
            self.resource(entry, loader, chain, &mut plugins);
        }
        acc.report.absorb(&plugins.report);
        acc.directories.extend(plugins.directories);
        plugins.map.list().to_vec()
    }
}

/// Checks what configures a plugin.
fn configure<'a>(resource: &'a Resource, acc: &mut Accumulator) -> Option<Plugin<'a>> {
    let id = resource.id();
    if id.api_version() != "builtin" {
        acc.report.push(
            Problem::new(
                ProblemKind::Failure,
                resource.node.span(),
                format!(
                    "external plugins disabled; unable to load external plugin `{}`",
                    id.kind
                ),
                "no built-in plugin",
            )
            .related(resource.entry, "listed here"),
        );
        return None;
    }
    let Some(kind) = types::plugin(&id.kind) else {
        acc.report.fail(
            resource.node.span(),
            format!("unable to load builtin `{}`", id.kind),
            "no such built-in plugin",
        );
        return None;
    };
    // kustomize hands it to the plugin as the JSON of a resource.
    let config = check(&through_json(&resource.node), kind, acc)?;
    Some(Plugin {
        kind: id.kind,
        config,
        resource,
    })
}

fn check(node: &Node, kind: Type, acc: &mut Accumulator) -> Option<Node> {
    let mut errors = Vec::new();
    let checked = typed::check(node, kind, Strictness::Lenient, &mut errors);
    for error in errors {
        acc.report.fail(
            error.span,
            format!("a plugin fails configuration: {}", error.message),
            error.label,
        );
    }
    checked
}

fn generate(
    plugin: &Plugin<'_>,
    what: Generated,
    loader: &Loader<'_>,
    acc: &mut Accumulator,
) -> Option<Resource> {
    let mut item = plugin.config.clone();
    for field in ["name", "namespace"] {
        if nodes::nonempty(item.get(field)).is_none()
            && let Some(entry) = plugin
                .config
                .get("metadata")
                .and_then(|metadata| metadata.entry(field))
        {
            item.set(entry.key.clone(), entry.value.clone());
        }
    }
    generators::generate(what, &item, None, loader, &mut acc.report)
}

/// The ServiceAccount that binds to an account of a cloud (api `filters/iampolicygenerator`).
fn service_account(plugin: &Plugin<'_>, acc: &mut Accumulator) -> Option<Resource> {
    let text = |path: &[&str]| plugin.config.text_at(path).unwrap_or_default();
    let cloud = text(&["cloud"]);
    if cloud != "gke" {
        let message = format!("cloud provider `{cloud}` not supported yet");
        acc.report
            .fail(plugin.resource.node.span(), message, "only `gke` is known");
        return None;
    }
    let origin = plugin.resource.node.origin();
    let string = |text: &str| Node::string(text, origin.clone());
    let map = || Node::mapping(Vec::new(), origin.clone());
    let account = format!(
        "{}@{}.iam.gserviceaccount.com",
        text(&["serviceAccount", "name"]),
        text(&["serviceAccount", "projectId"])
    );
    let mut annotations = map();
    annotations.set(string("iam.gke.io/gcp-service-account"), string(&account));
    let mut metadata = map();
    metadata.set(string("annotations"), annotations);
    metadata.set(string("name"), string(text(&["kubernetesService", "name"])));
    let namespace = text(&["kubernetesService", "namespace"]);
    if !namespace.is_empty() {
        metadata.set(string("namespace"), string(namespace));
    }
    let mut object = map();
    object.set(string("apiVersion"), string("v1"));
    object.set(string("kind"), string("ServiceAccount"));
    object.set(string("metadata"), metadata);
    Some(Resource::new(object, plugin.resource.entry))
}

/// Runs one transformer.
fn transform(resource: &Resource, loader: &Loader<'_>, acc: &mut Accumulator) {
    let Some(plugin) = configure(resource, acc) else {
        return;
    };
    let config = &plugin.config;
    let specs = field_specs(config.get("fieldSpecs"));
    let Accumulator { map, report, .. } = &mut *acc;
    match plugin.kind.as_str() {
        "NamespaceTransformer" => namespace(&plugin, acc),
        "PrefixTransformer" => affix(&plugin, &[(Affix::Prefix, "prefix")], acc),
        "SuffixTransformer" => affix(&plugin, &[(Affix::Suffix, "suffix")], acc),
        "PrefixSuffixTransformer" => {
            affix(
                &plugin,
                &[(Affix::Prefix, "prefix"), (Affix::Suffix, "suffix")],
                acc,
            );
        }
        "LabelTransformer" | "AnnotationsTransformer" => {
            let field = if plugin.kind == "LabelTransformer" {
                "labels"
            } else {
                "annotations"
            };
            if let Some(pairs) = config.get(field) {
                labels::set_pairs(map, pairs, &specs, report);
            }
        }
        "ImageTagTransformer" => {
            let item = config.get("imageTag").unwrap_or(config);
            images::transform(map, item, &specs, report);
        }
        "ReplicaCountTransformer" => {
            let item = config.get("replica").unwrap_or(config);
            replicas::transform(map, item, &specs, report);
        }
        "HashTransformer" => hash::transform(map),
        "ValueAddTransformer" => valueadd::transform(map, config, loader, report),
        "ReplacementTransformer" => acc.replace(config.get("replacements"), loader),
        "PatchTransformer" => Patcher { loader, map, report }.patch(config),
        "PatchJson6902Transformer" => Patcher { loader, map, report }.patch_json6902(config),
        "PatchStrategicMergeTransformer" => {
            let mut items = config.get("paths").map(Node::items).unwrap_or_default().to_vec();
            items.extend(config.get("patches").cloned());
            Patcher { loader, map, report }.patches_strategic_merge(&items);
        }
        kind => {
            let message = format!("plugin `{kind}` not a transformer");
            report.fail(resource.node.span(), message, "listed under `transformers`");
        }
    }
}

fn namespace(plugin: &Plugin<'_>, acc: &mut Accumulator) {
    let config = &plugin.config;
    let subjects = match nodes::text(config.get("setRoleBindingSubjects")).unwrap_or_default() {
        "" | "defaultOnly" => Subjects::DefaultOnly,
        "allServiceAccounts" => Subjects::AllServiceAccounts,
        "none" => Subjects::None,
        other => {
            acc.report.fail(
                config.get("setRoleBindingSubjects").unwrap_or(config).span(),
                format!(
                    "invalid value `{other}` for setRoleBindingSubjects: must be one of `defaultOnly`, `none` or `allServiceAccounts`"
                ),
                "another value",
            );
            return;
        }
    };
    if let Some(namespace) = config.at(&["metadata", "namespace"]) {
        NamespaceTransformer {
            namespace,
            specs: &field_specs(config.get("fieldSpecs")),
            unset_only: config.get("unsetOnly").and_then(Node::as_bool).unwrap_or(false),
            subjects,
        }
        .transform(&mut acc.map, &mut acc.report);
    }
}

fn affix(plugin: &Plugin<'_>, affixes: &[(Affix, &str)], acc: &mut Accumulator) {
    let config = &plugin.config;
    let Some(specs) = config.get("fieldSpecs") else {
        acc.report.fail(
            plugin.resource.node.span(),
            "fieldSpecs is not expected to be nil",
            "has no `fieldSpecs`",
        );
        return;
    };
    let specs = field_specs(Some(specs));
    for (affix, field) in affixes {
        let absent = Node::string("", plugin.resource.node.origin().clone());
        let value = config.get(field).unwrap_or(&absent);
        names::transform(&mut acc.map, *affix, value, &specs, &mut acc.report);
    }
}
