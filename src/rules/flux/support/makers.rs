//! What may make ConfigMaps, Secrets and the like in a cluster without the repository showing them: charts and operators.

use std::collections::BTreeSet;

use super::by_hand::{has_word, holds_word};
use crate::cluster::{ClusterIndex, GroupKind};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::rules::sight::is_plain;
use crate::yaml::{Kind, Node};

/// Groups of known behaviour whose objects make Secrets all the same.
const SECRETS: [&str; 3] = ["cert-manager.io", "external-secrets.io", "bitnami.com"];

/// The charts and operators of one cluster.
pub(in crate::rules::flux) struct Makers<'a> {
    releases: Vec<Release<'a>>,
    /// Custom resources that an operator may turn into anything.
    orders: Vec<&'a Object>,
    /// Whether a policy copies objects between namespaces.
    is_cloning: bool,
}

struct Release<'a> {
    namespace: Option<&'a str>,
    /// What its objects are usually named after.
    names: BTreeSet<&'a str>,
    values: HelmValues,
}

impl<'a> Makers<'a> {
    pub(in crate::rules::flux) fn of(index: &ClusterIndex<'a>) -> Self {
        let mut makers = Self {
            releases: Vec::new(),
            orders: Vec::new(),
            is_cloning: false,
        };
        for (owner, object) in index.cluster.objects() {
            if !index.delivers_here(owner) {
                continue;
            }
            if GroupKind::from(&**object) == GroupKind::HELM_RELEASE {
                makers.releases.push(release(index, object));
            } else if !is_plain(object) || SECRETS.contains(&object.group()) {
                makers.is_cloning |= is_cloning(object);
                makers.orders.push(object);
            }
        }
        makers
    }

    /// Whether the values of some chart state the name, or, for what operators make, one of their orders does.
    pub(in crate::rules::flux) fn state(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> bool {
        let stated = |release: &Release<'_>| holds_word(&release.values.tree, name);
        self.releases.iter().any(stated)
            || (is_made_to_order(kind)
                && (self.is_cloning
                    || self
                        .orders_in(namespace)
                        .any(|order| holds_word(&order.node, name))))
    }

    /// Whether a chart that takes whole objects as values makes one of that kind and name.
    pub(in crate::rules::flux) fn state_whole(&self, kind: GroupKind<'_>, name: &str) -> bool {
        let mut releases = self.releases.iter();
        releases.any(|release| holds_object(&release.values.tree, kind.kind, name))
    }

    /// Whether the name is built like those that a chart or an operator gives in that namespace.
    pub(in crate::rules::flux) fn may_name(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> bool {
        let mut releases = self.releases.iter().filter(|release| {
            namespace.is_none() || release.namespace.is_none() || release.namespace == namespace
        });
        let is_part = |part: &str| !part.is_empty() && name.contains(part);
        releases.any(|release| release.names.iter().any(|part| is_part(part)))
            || (is_made_to_order(kind) && self.orders_in(namespace).any(|order| is_part(order.name())))
    }

    /// Whether some operator has orders in the namespace.
    pub(in crate::rules::flux) fn have_orders(&self, namespace: Option<&str>) -> bool {
        self.orders_in(namespace)
            .any(|order| !is_plain(order) && order.namespace().is_some())
    }

    fn orders_in(&self, namespace: Option<&str>) -> impl Iterator<Item = &&'a Object> {
        self.orders.iter().filter(move |order| {
            namespace.is_none() || order.namespace().is_none() || order.namespace() == namespace
        })
    }
}

/// Operators make the objects of pods; nobody orders a Gateway or a SecretStore from one.
fn is_made_to_order(kind: GroupKind<'_>) -> bool {
    kind.group.is_empty()
}

fn release<'a>(index: &ClusterIndex<'a>, release: &'a Object) -> Release<'a> {
    let text = |route: &[&str]| release.node.text_at(route);
    let chart = text(&["spec", "chart", "spec", "chart"]).and_then(|chart| chart.rsplit('/').next());
    let names = [
        Some(release.name()),
        text(&["spec", "releaseName"]),
        chart,
        text(&["spec", "chartRef", "name"]),
        text(&["spec", "values", "fullnameOverride"]),
        text(&["spec", "values", "nameOverride"]),
    ];
    Release {
        namespace: text(&["spec", "targetNamespace"]).or_else(|| release.namespace()),
        names: names.into_iter().flatten().collect(),
        values: index.cluster.helm_values(release),
    }
}

/// Whether a tree holds a whole object of a kind, as a map or as text, with this name in it.
fn holds_object(root: &Node, kind: &str, name: &str) -> bool {
    let stated = format!("kind: {kind}");
    let mut todo = vec![(root, false)];
    while let Some((node, is_named)) = todo.pop() {
        match node.kind() {
            Kind::Scalar(scalar) if scalar.text.contains(&stated) && has_word(&scalar.text, name) => {
                return true;
            }
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => todo.extend(items.iter().map(|item| (item, false))),
            Kind::Mapping(entries) => {
                // A reference has a kind too, but no content.
                let is_object = node.text_at(&["kind"]) == Some(kind)
                    && (node.get("spec").is_some() || node.get("metadata").is_some());
                if is_object && (is_named || holds_word(node, name)) {
                    return true;
                }
                let is_name = |key: &Node| key.as_text() == Some(name);
                todo.extend(entries.iter().map(|entry| (&entry.value, is_name(&entry.key))));
            }
        }
    }
    false
}

/// Kyverno's policies make objects out of others.
fn is_cloning(policy: &Object) -> bool {
    let is_kyverno = has_word(policy.group(), "kyverno");
    let rules = policy.node.at(&["spec", "rules"]);
    is_kyverno
        && (policy.kind().contains("Generating")
            || rules.is_some_and(|rules| rules.items().iter().any(|rule| rule.get("generate").is_some())))
}
