//! What may make ConfigMaps, Secrets and the like in a cluster without the repository showing them: charts and operators.

use std::collections::BTreeSet;

use std::cell::OnceCell;
use std::sync::Arc;

use super::mentions::{Parts, Words, has_word, holds_word, texts_of};
use super::sight::is_plain;
use super::{ClusterIndex, GroupKind};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::yaml::{Kind, Node};

/// Groups of known behaviour whose objects make Secrets all the same.
const SECRETS: [&str; 3] = ["cert-manager.io", "external-secrets.io", "bitnami.com"];

/// The charts and operators of one cluster.
pub(crate) struct Makers<'a> {
    releases: Vec<Release<'a>>,
    /// Custom resources that an operator may turn into anything.
    orders: Vec<&'a Object>,
    /// Whether a policy copies objects between namespaces.
    is_cloning: bool,
    /// Namespaces with orders that lie in them, for an operator.
    ordered: BTreeSet<&'a str>,
    named_after_releases: Parts<'a>,
    named_after_orders: Parts<'a>,
    /// By the position of the order.
    words_of_orders: OnceCell<Words<Arc<str>>>,
    /// By the position of the release.
    words_of_values: OnceCell<Words<Arc<str>>>,
}

struct Release<'a> {
    namespace: Option<&'a str>,
    /// What its objects are usually named after.
    names: BTreeSet<&'a str>,
    values: HelmValues,
}

impl<'a> Makers<'a> {
    pub(crate) fn of(index: &ClusterIndex<'a>) -> Self {
        let mut makers = Self {
            releases: Vec::new(),
            orders: Vec::new(),
            is_cloning: false,
            ordered: BTreeSet::new(),
            named_after_releases: Parts::default(),
            named_after_orders: Parts::default(),
            words_of_orders: OnceCell::new(),
            words_of_values: OnceCell::new(),
        };
        for (_, object) in index.cluster.objects() {
            if GroupKind::from(&**object) == GroupKind::HELM_RELEASE {
                makers.releases.push(release(index, object));
            } else if !is_plain(object) || SECRETS.contains(&object.group()) {
                makers.is_cloning |= is_cloning(object);
                makers.orders.push(object);
            }
        }
        let releases = makers.releases.iter();
        makers.named_after_releases = Parts::of(
            releases.flat_map(|release| release.names.iter().map(|name| (*name, release.namespace))),
        );
        let orders = || makers.orders.iter();
        makers.named_after_orders = Parts::of(orders().map(|order| (order.name(), order.namespace())));
        makers.ordered = orders()
            .filter(|order| !is_plain(order))
            .filter_map(|order| order.namespace())
            .collect();
        makers
    }

    /// Whether the values of some chart state the name, or, for what operators make, one of their orders does.
    pub(crate) fn state(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> bool {
        self.stating(name).next().is_some()
            || (is_made_to_order(kind) && (self.is_cloning || self.is_ordered(namespace, name)))
    }

    /// The releases whose values state a name.
    fn stating<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Release<'a>> {
        let words = self
            .words_of_values
            .get_or_init(|| words(self.releases.iter().map(|release| &release.values.tree)));
        words.owners(name).filter_map(|at| self.releases.get(at))
    }

    /// Whether one of the orders for that namespace states a name.
    fn is_ordered(&self, namespace: Option<&str>, name: &str) -> bool {
        let words = self
            .words_of_orders
            .get_or_init(|| words(self.orders.iter().map(|order| &order.node)));
        let mut owners = words.owners(name).filter_map(|at| self.orders.get(at));
        owners.any(|order| belongs(order.namespace(), namespace))
    }

    /// Whether a chart that takes whole objects as values makes one of that kind and name.
    pub(crate) fn state_whole(&self, kind: GroupKind<'_>, name: &str) -> bool {
        self.stating(name)
            .any(|release| holds_object(&release.values.tree, kind.kind, name))
    }

    /// Whether the name is built like those that a chart or an operator gives in that namespace.
    pub(crate) fn may_name(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> bool {
        self.named_after_releases
            .are_in(name, |own| belongs(own, namespace))
            || (is_made_to_order(kind)
                && self
                    .named_after_orders
                    .are_in(name, |own| belongs(own, namespace)))
    }

    /// Whether some operator has orders in the namespace.
    pub(crate) fn have_orders(&self, namespace: Option<&str>) -> bool {
        match namespace {
            Some(namespace) => self.ordered.contains(namespace),
            None => !self.ordered.is_empty(),
        }
    }
}

/// The words of trees, by the position of the tree.
fn words<'n>(trees: impl Iterator<Item = &'n Node>) -> Words<Arc<str>> {
    Words::of(
        trees
            .enumerate()
            .flat_map(|(at, tree)| texts_of(tree).into_iter().map(move |text| (text, at))),
    )
}

/// Whether what lies in `own` may be for `namespace`, where either may be unknown.
fn belongs(own: Option<&str>, namespace: Option<&str>) -> bool {
    namespace.is_none() || own.is_none() || own == namespace
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
