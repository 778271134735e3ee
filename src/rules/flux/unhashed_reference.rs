use std::collections::BTreeMap;

use crate::cluster::hashed_names::{Generated, HashedNames};
use crate::cluster::references::pods::is_optional;
use crate::cluster::{ClusterIndex, GroupKind};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::kustomize::{Object, ProblemKind};
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, Span};
use crate::yaml::{Node, Walk};

/// A generated ConfigMap or Secret whose name got a hash, referred to without it.
pub(crate) static RULE: Rule = Rule {
    name: "unhashed-reference",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unhashed-reference.md"),
    check,
};

fn message(first: &HashLost<'_>, others: usize) -> String {
    let HashLost {
        user,
        plain,
        generated,
        ..
    } = first;
    let user_name = match user.namespace() {
        Some(namespace) => format!("{namespace}/{}", user.name()),
        None => user.name().to_owned(),
    };
    let others = match others {
        0 => "",
        1 => "; one more name in this file is like that",
        _ => "; other names in this file are like that",
    };
    format!(
        "{} `{user_name}` refers to {} `{}/{}`, which kustomize names `{}`{others}",
        user.kind(),
        plain.kind.kind,
        plain.namespace,
        plain.name,
        generated.name()
    )
}

const LABEL_SAME_BUILD: &str = "kustomize does not know this field as a reference";
const LABEL_OTHER_BUILD: &str = "kustomize rewrites names within one build only";
const LABEL_OTHER: &str = "the same here";
const LABEL_GENERATED: &str = "gets a hash behind its name";

fn help(first: &HashLost<'_>) -> String {
    let switch = "set `disableNameSuffixHash: true` in the `options` of the generator";
    if first.same_build {
        format!(
            "{switch}, or add a `nameReference` of {} for {} in a file of `configurations`",
            first.plain.kind.kind,
            first.user.kind()
        )
    } else {
        switch.to_owned()
    }
}

/// A reference to a ConfigMap or Secret.
struct Plain<'a> {
    kind: GroupKind<'static>,
    namespace: &'a str,
    name: &'a str,
    place: Span,
    route: String,
}

/// A reference that leads nowhere because of a hash.
struct HashLost<'a> {
    user: &'a Object,
    plain: Plain<'a>,
    generated: &'a Object,
    same_build: bool,
}

/// Labels for further references of one file.
const MAX_OTHERS: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for index in &context.index.clusters {
        // The generators of one kustomization share its options: one line to edit, one finding for each file that refers.
        let mut files: BTreeMap<(FileId, FileId), BTreeMap<Span, HashLost<'_>>> = BTreeMap::new();
        for found in found(index) {
            let key = (found.plain.place.file, found.generated.name_span().file);
            files
                .entry(key)
                .or_default()
                .entry(found.plain.place)
                .or_insert(found);
        }
        for all in files.into_values() {
            let all: Vec<HashLost<'_>> = all.into_values().collect();
            let finding = |all: &[HashLost<'_>]| finding(all, &index.cluster.name);
            let members = all.chunks(1).filter_map(finding);
            findings.extend(finding(&all).map(|whole| whole.members(members)));
        }
    }
}

fn finding(all: &[HashLost<'_>], cluster: &str) -> Option<Finding> {
    let (first, others) = all.split_first()?;
    let label = if first.same_build {
        LABEL_SAME_BUILD
    } else {
        LABEL_OTHER_BUILD
    };
    let finding = Finding::new(message(first, others.len()), first.plain.place, label)
        .label(first.generated.name_span(), LABEL_GENERATED)
        .help(help(first))
        .clusters([cluster])
        .object(first.user.reference())
        .route(first.plain.route.as_str());
    let others = others.iter().take(MAX_OTHERS);
    Some(others.fold(finding, |finding, other| {
        finding.label(other.plain.place, LABEL_OTHER)
    }))
}

fn found<'a>(index: &ClusterIndex<'a>) -> Vec<HashLost<'a>> {
    let names = HashedNames::of(index);
    let mut found = Vec::new();
    for (owner, user) in users(index) {
        for plain in references(user) {
            let meant = names.meant(index, plain.kind, plain.namespace, plain.name);
            found.extend(meant.map(|Generated { object, owner: maker }| HashLost {
                user,
                plain,
                generated: object,
                same_build: owner == maker,
            }));
        }
    }
    found
}

fn users<'a>(index: &ClusterIndex<'a>) -> impl Iterator<Item = (usize, &'a Object)> {
    let all = index.cluster.objects();
    // What does not parse may configure which names follow the hash.
    let is_read = |owner: usize| {
        let build = index
            .cluster
            .kustomizations
            .get(owner)
            .and_then(|owner| owner.build.as_ref());
        build.is_none_or(|build| {
            build
                .problems
                .iter()
                .all(|problem| problem.kind != ProblemKind::Unparsable)
        })
    };
    all.filter(move |(owner, object)| {
        is_read(*owner) && index.is_live(*owner) && object.node.text_at(&["spec", "suspend"]) != Some("true")
    })
    .map(|(owner, object)| (owner, &**object))
}

/// Keys of maps that hold the `name` of a ConfigMap or Secret, and keys that hold it themselves.
const CONFIG_MAP_KEYS: [&str; 3] = ["configMapRef", "configMapKeyRef", "configMap"];
const SECRET_KEYS: [&str; 3] = ["secretRef", "secretKeyRef", "secret"];
const CONFIG_MAP_NAMES: [&str; 3] = ["configMapName", "existingConfigMap", "existingConfigmap"];
const SECRET_NAMES: [&str; 2] = ["secretName", "existingSecret"];

/// Everything that reads as a reference to a ConfigMap or Secret, in objects of any kind and in the values of charts.
fn references(user: &Object) -> Vec<Plain<'_>> {
    let mut found = Vec::new();
    let (Some(own_namespace), Some(spec)) = (user.namespace(), user.node.get("spec")) else {
        return found;
    };
    // What charts and Kustomizations make lies in the target namespace, or in another cluster.
    let target = spec
        .get("targetNamespace")
        .map_or(Some(own_namespace), known_text);
    let values_namespace = target.filter(|_| spec.get("kubeConfig").is_none());
    spec.walk(&mut |route, _, node| {
        let route = format!("spec.{route}");
        let namespace = if route.starts_with("spec.values.") && user.kind() == GroupKind::HELM_RELEASE.kind {
            values_namespace
        } else {
            Some(own_namespace)
        };
        if let Some(namespace) = namespace.filter(|_| node.is_mapping()) {
            found.extend(of_map(node).filter_map(|(kind, node)| plain(kind, namespace, node, &route)));
        }
        Walk::Enter
    });
    found
}

fn plain<'a>(kind: GroupKind<'static>, namespace: &'a str, name: &'a Node, route: &str) -> Option<Plain<'a>> {
    Some(Plain {
        kind,
        namespace,
        name: known_text(name)?,
        place: name.origin().edit_span(),
        route: route.to_owned(),
    })
}

/// The names that a map states, each with the kind that they are of.
fn of_map(map: &Node) -> impl Iterator<Item = (GroupKind<'static>, &Node)> {
    let by_key = map.entries().iter().filter_map(|entry| {
        let key = entry.key.as_text()?;
        let is_map = |kind, keys: &[&str], field: &str| {
            let name = entry.value.get("name").or_else(|| entry.value.get(field));
            let is_required = !is_optional(&entry.value) && entry.value.get("namespace").is_none();
            name.filter(|_| keys.contains(&key) && is_required)
                .map(|name| (kind, name))
        };
        let is_name = |kind, keys: &[&str]| keys.contains(&key).then_some((kind, &entry.value));
        is_map(GroupKind::CONFIG_MAP, &CONFIG_MAP_KEYS, "configMapName")
            .or_else(|| is_map(GroupKind::SECRET, &SECRET_KEYS, "secretName"))
            .or_else(|| is_name(GroupKind::CONFIG_MAP, &CONFIG_MAP_NAMES))
            .or_else(|| is_name(GroupKind::SECRET, &SECRET_NAMES))
    });
    let stated = map.text_at(&["kind"]).or_else(|| map.text_at(&["type"]));
    let kind = match stated {
        Some("ConfigMap" | "configMap") => Some(GroupKind::CONFIG_MAP),
        Some("Secret" | "secret") => Some(GroupKind::SECRET),
        _ => None,
    };
    // With `metadata` it is an object of its own.
    let is_required = map.get("metadata").is_none() && map.get("namespace").is_none() && !is_optional(map);
    let by_kind = kind
        .filter(|_| is_required)
        .and_then(|kind| Some((kind, map.get("name")?)));
    by_key.chain(by_kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, release};

    /// How many names of ConfigMaps and Secrets the spec of a HelmRelease states.
    fn names(spec: &str) -> Vec<String> {
        let text = release("app", spec);
        let fixture = Fixture::new(&[("x/flux-system/root.yaml", &text)]);
        let objects = &fixture.fleet.clusters[0].kustomizations[0].objects;
        let found = references(&objects[0]).into_iter();
        found
            .map(|one| format!("{} {}/{}", one.kind.kind, one.namespace, one.name))
            .collect()
    }

    #[test]
    fn references_of_charts_and_of_flux_are_seen() {
        assert_eq!(
            names("  valuesFrom:\n    - kind: ConfigMap\n      name: app-values\n"),
            ["ConfigMap flux-system/app-values"]
        );
        assert_eq!(
            names(
                "  targetNamespace: shop\n  values:\n    envFrom: [{secretRef: {name: token}}]\n    persistence: {config: {type: configMap, name: app-config}}\n"
            ),
            ["Secret shop/token", "ConfigMap shop/app-config"]
        );
        assert_eq!(
            names("  values:\n    envFrom:\n      - secretRef: {name: token, optional: true}\n"),
            [""; 0]
        );
    }
}
