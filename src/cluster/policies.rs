//! The selectors of network policies of all three kinds, read as Cilium reads them
//! (pkg/k8s/apis/cilium.io/utils/utils.go and pkg/k8s/network_policy.go of cilium/cilium 1.20).

use std::sync::Arc;

use super::kind::namespace_of;
use super::workloads::Workload;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::{Entry, Node};

/// The label that says which cluster an endpoint is in.
const CLUSTER: &str = "io.cilium.k8s.policy.cluster";

/// The label that says which namespace an endpoint is in.
const NAMESPACE: &str = "io.kubernetes.pod.namespace";

/// A network policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<'a> {
    pub(crate) object: &'a Arc<Object>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cilium,
    Clusterwide,
    Kubernetes,
}

/// A selector with the pods that it speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selector<'a> {
    /// The label selector.
    pub(crate) node: &'a Node,
    /// The only namespace whose pods are meant, where that can be told.
    pub(crate) namespace: Option<&'a str>,
    /// Whether that is only the policy's own, because the selector names none.
    pub(crate) is_own_namespace: bool,
}

/// One rule's worth of a policy: whom it applies to, and whom it lets through or shuts out.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) subject: Option<Selector<'a>>,
    pub(crate) peers: Vec<Selector<'a>>,
    /// Networks that are meant by their addresses.
    pub(crate) cidrs: Vec<&'a Node>,
}

/// The network policies that go to a cluster.
pub(crate) fn policies(cluster: &Cluster) -> impl Iterator<Item = Policy<'_>> {
    cluster.objects().filter_map(|(_, object)| {
        let kind = match (object.group(), object.kind()) {
            ("cilium.io", "CiliumNetworkPolicy") => Kind::Cilium,
            ("cilium.io", "CiliumClusterwideNetworkPolicy") => Kind::Clusterwide,
            ("networking.k8s.io", "NetworkPolicy") => Kind::Kubernetes,
            _ => return None,
        };
        Some(Policy { object, kind })
    })
}

impl<'a> Policy<'a> {
    /// The parts of the policy.
    pub(crate) fn parts(self) -> Vec<Part<'a>> {
        self.specs().map(|spec| self.part(spec)).collect()
    }

    /// Whom each part applies to, and the part.
    pub(crate) fn subjects(self) -> impl Iterator<Item = (Selector<'a>, &'a Node)> {
        self.specs()
            .filter_map(move |spec| Some((self.subject(spec)?, spec)))
    }

    fn specs(self) -> impl Iterator<Item = &'a Node> {
        let node = &self.object.node;
        let one = node.get("spec").into_iter();
        one.chain(node.get("specs").map_or(&[][..], Node::items))
    }

    fn subject(self, spec: &'a Node) -> Option<Selector<'a>> {
        let key = match self.kind {
            Kind::Kubernetes => "podSelector",
            Kind::Cilium | Kind::Clusterwide => "endpointSelector",
        };
        spec.get(key).map(|node| self.selector(node))
    }

    fn part(self, spec: &'a Node) -> Part<'a> {
        let mut peers = Vec::new();
        let mut cidrs = Vec::new();
        for direction in ["ingress", "ingressDeny", "egress", "egressDeny"] {
            for rule in spec.get(direction).map_or(&[][..], Node::items) {
                self.peers(rule, &mut peers);
                cidrs.extend(self.cidrs(rule));
            }
        }
        Part {
            subject: self.subject(spec),
            peers,
            cidrs,
        }
    }

    fn cidrs(self, rule: &'a Node) -> Vec<&'a Node> {
        let items = |key: &str| rule.get(key).map_or(&[][..], Node::items);
        let below = |key: &str, path: &[&str]| {
            items(key)
                .iter()
                .filter_map(|item| item.at(path))
                .collect::<Vec<_>>()
        };
        if self.kind == Kind::Kubernetes {
            return ["from", "to"]
                .iter()
                .flat_map(|key| below(key, &["ipBlock", "cidr"]))
                .collect();
        }
        let plain = ["fromCIDR", "toCIDR"].into_iter().flat_map(items);
        let sets = ["fromCIDRSet", "toCIDRSet"]
            .iter()
            .flat_map(|key| below(key, &["cidr"]));
        plain.chain(sets).collect()
    }

    fn peers(self, rule: &'a Node, peers: &mut Vec<Selector<'a>>) {
        if self.kind == Kind::Kubernetes {
            for key in ["from", "to"] {
                let items = rule.get(key).map_or(&[][..], Node::items);
                peers.extend(items.iter().filter_map(|peer| self.kubernetes_peer(peer)));
            }
            return;
        }
        for key in ["fromEndpoints", "toEndpoints"] {
            let items = rule.get(key).map_or(&[][..], Node::items);
            peers.extend(items.iter().map(|node| self.selector(node)));
        }
    }

    fn kubernetes_peer(self, peer: &'a Node) -> Option<Selector<'a>> {
        let pods = peer.get("podSelector");
        let Some(namespaces) = peer.get("namespaceSelector") else {
            return pods.map(|node| self.selector(node));
        };
        let only = match match_labels(namespaces) {
            [only] if only.key.as_text() == Some("kubernetes.io/metadata.name") => only.value.as_text(),
            _ => None,
        };
        let known = only.filter(|_| expressions(namespaces).is_empty());
        Some(Selector {
            node: pods.unwrap_or(namespaces),
            namespace: known.filter(|_| pods.is_some()),
            is_own_namespace: false,
        })
    }

    /// A selector of the policy, with the namespace that it means.
    pub(crate) fn selector(self, node: &'a Node) -> Selector<'a> {
        let labels = match_labels(node);
        let stated = labels.iter().find(|label| key(label) == NAMESPACE);
        let told_otherwise = labels.iter().any(|label| key(label).contains("namespace"))
            || expressions(node)
                .iter()
                .any(|one| one.text_at(&["key"]).is_some_and(|key| key.contains("namespace")));
        let (namespace, is_own_namespace) = match stated {
            Some(label) => {
                let named = label.value.as_text();
                (named.filter(|_| !label.value.origin().is_unknown()), false)
            }
            None if told_otherwise || self.kind == Kind::Clusterwide => (None, false),
            None => (Some(namespace_of(self.object)), true),
        };
        Selector {
            node,
            namespace,
            is_own_namespace,
        }
    }

    /// The label by which a selector of this policy names a namespace.
    pub(crate) fn namespace_label(self, namespace: &str) -> String {
        match self.kind {
            Kind::Kubernetes => {
                format!("a `namespaceSelector` with `kubernetes.io/metadata.name: {namespace}`")
            }
            Kind::Cilium | Kind::Clusterwide => format!("`{NAMESPACE}: {namespace}`"),
        }
    }
}

impl<'a> Selector<'a> {
    /// The values that the selector gives for the cluster, each where it stands.
    pub(crate) fn clusters(self) -> Vec<&'a Node> {
        self.cluster_values(&["In", "NotIn"])
    }

    /// The only clusters whose pods the selector means, as far as it says so.
    pub(crate) fn only_clusters(self) -> Vec<&'a Node> {
        self.cluster_values(&["In"])
    }

    fn cluster_values(self, operators: &[&str]) -> Vec<&'a Node> {
        let labels = match_labels(self.node).iter();
        let direct = labels
            .filter(|label| key(label) == CLUSTER)
            .map(|label| &label.value);
        let listed = expressions(self.node)
            .iter()
            .filter(|one| names_cluster(one))
            .filter(|one| {
                one.text_at(&["operator"])
                    .is_some_and(|operator| operators.contains(&operator))
            })
            .filter_map(|one| one.get("values"))
            .flat_map(Node::items);
        direct.chain(listed).collect()
    }

    /// Whether Cilium adds the own cluster when a selector without a cluster means that: not when it says something of
    /// the cluster itself, and not for reserved entities.
    pub(crate) fn follows_default(self) -> bool {
        let says = match_labels(self.node)
            .iter()
            .any(|label| key(label) == CLUSTER || label.key.as_text().is_some_and(is_reserved));
        let expresses = expressions(self.node)
            .iter()
            .any(|one| names_cluster(one) || one.text_at(&["key"]).is_some_and(is_reserved));
        !says && !expresses
    }

    /// Where one more label would stand: below the last one.
    pub(crate) fn last_label(self) -> Span {
        let last = match_labels(self.node).last();
        last.map_or(self.node, |label| &label.key).span()
    }

    /// Whether the selector means the pods of a workload; `None` when that cannot be known.
    pub(crate) fn matches(self, workload: Workload<'_>) -> Option<bool> {
        if self.namespace? != workload.namespace() {
            return self.pod_labels().map(|_| false);
        }
        self.matches_labels(workload)
    }

    /// The same, whatever the namespace.
    pub(crate) fn matches_labels(self, workload: Workload<'_>) -> Option<bool> {
        let wanted = self.pod_labels()?;
        let labels = workload.labels();
        let mut all = true;
        for (key, value) in wanted {
            match labels.iter().find(|label| label.key.as_text() == Some(key)) {
                Some(label) if label.value.origin().is_unknown() => return None,
                Some(label) => {
                    all &= label
                        .value
                        .as_scalar()
                        .is_some_and(|scalar| &*scalar.text == value)
                }
                None => all = false,
            }
        }
        Some(all)
    }

    /// The labels of pods that the selector asks for; `None` when it asks for anything else too.
    pub(crate) fn pod_labels(self) -> Option<Vec<(&'a str, &'a str)>> {
        if !expressions(self.node).is_empty() {
            return None;
        }
        match_labels(self.node)
            .iter()
            .filter(|label| key(label) != NAMESPACE)
            .map(|label| {
                let key = key(label);
                let plain = !key.contains(':') && !key.starts_with("io.cilium.k8s.");
                let value = label.value.as_scalar()?;
                (plain && !label.value.origin().is_unknown()).then_some((key, &*value.text))
            })
            .collect()
    }
}

fn is_reserved(key: &str) -> bool {
    key.starts_with("reserved:")
}

fn match_labels(selector: &Node) -> &[Entry] {
    selector.get("matchLabels").map_or(&[], Node::entries)
}

fn expressions(selector: &Node) -> &[Node] {
    selector.get("matchExpressions").map_or(&[], Node::items)
}

fn names_cluster(expression: &Node) -> bool {
    expression
        .text_at(&["key"])
        .is_some_and(|key| without_source(key) == CLUSTER)
}

fn key(label: &Entry) -> &str {
    without_source(label.key.as_text().unwrap_or_default())
}

/// A label without where it comes from: Kubernetes, or anywhere.
fn without_source(key: &str) -> &str {
    ["k8s:", "any:"]
        .iter()
        .find_map(|source| key.strip_prefix(source))
        .unwrap_or(key)
}
