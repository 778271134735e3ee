//! Which Services a pool of addresses is for (operator/pkg/lbipam of cilium/cilium 1.19).

use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::Node;

use crate::cluster::namespace_of;

/// What Cilium adds to the labels of a Service before it looks at them.
const NAME: &str = "io.kubernetes.service.name";
const NAMESPACE: &str = "io.kubernetes.service.namespace";

/// Labels that whoever applies a Service may add.
const ADDED: &str = "toolkit.fluxcd.io/";

/// The labels of a Service, as far as they matter to pools.
#[derive(Debug, Clone)]
pub struct ServiceLabels {
    namespace: String,
    name: String,
    labels: Vec<(Node, Node)>,
}

/// The value of a label.
enum Value<'a> {
    Is(&'a str),
    None,
    Unknown,
}

impl ServiceLabels {
    pub(super) fn of(service: &Object) -> Self {
        let labels = service
            .node
            .at(&["metadata", "labels"])
            .map_or(&[][..], Node::entries);
        Self {
            namespace: namespace_of(service).to_owned(),
            name: service.name().to_owned(),
            labels: labels
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.clone()))
                .collect(),
        }
    }

    /// Those of a Service that is yet to be made.
    pub(super) fn made(namespace: &str, name: String, labels: Vec<(Node, Node)>) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name,
            labels,
        }
    }

    /// Where the Service has a label that a selector asks something of.
    pub fn span_asked_by(&self, selector: &Node) -> Option<Span> {
        let labels = selector.get("matchLabels").map_or(&[][..], Node::entries);
        let expressions = selector.get("matchExpressions").map_or(&[][..], Node::items);
        let keys = labels.iter().map(|entry| &entry.key);
        let mut keys = keys.chain(expressions.iter().filter_map(|one| one.get("key")));
        keys.find_map(|key| {
            let own = self.labels.iter().find(|(own, _)| own.as_text() == key.as_text());
            own.map(|(_, value)| value.origin().edit_span())
        })
    }

    fn value(&self, key: &str) -> Value<'_> {
        match key {
            NAME => return Value::Is(&self.name),
            NAMESPACE => return Value::Is(&self.namespace),
            _ if key.contains(ADDED) => return Value::Unknown,
            _ => {}
        }
        match self.labels.iter().find(|(own, _)| own.as_text() == Some(key)) {
            Some((_, value)) if value.origin().is_unknown() => Value::Unknown,
            Some((_, value)) => value.as_text().map_or(Value::Unknown, Value::Is),
            None => Value::None,
        }
    }

    /// Whether a label selector takes in the Service; `None` when that cannot be known.
    pub(super) fn match_selector(&self, selector: &Node) -> Option<bool> {
        let labels = selector.get("matchLabels").map_or(&[][..], Node::entries);
        let expressions = selector.get("matchExpressions").map_or(&[][..], Node::items);
        let by_label = labels.iter().map(|wanted| {
            let value = known(&wanted.value)?;
            self.satisfies(known(&wanted.key)?, "In", &[value])
        });
        let by_expression = expressions.iter().map(|one| {
            let values = one.get("values").map_or(&[][..], Node::items);
            let values: Vec<&str> = values.iter().map(known).collect::<Option<_>>()?;
            self.satisfies(known(one.get("key")?)?, known(one.get("operator")?)?, &values)
        });
        let all: Vec<Option<bool>> = by_label.chain(by_expression).collect();
        // One requirement that is surely not met is enough.
        match all.contains(&Some(false)) {
            true => Some(false),
            false => all.into_iter().collect::<Option<Vec<_>>>().map(|_| true),
        }
    }

    fn satisfies(&self, key: &str, operator: &str, values: &[&str]) -> Option<bool> {
        let own = match self.value(key) {
            Value::Unknown => return None,
            Value::Is(own) => Some(own),
            Value::None => None,
        };
        match operator {
            "In" => Some(own.is_some_and(|own| values.contains(&own))),
            "NotIn" => Some(own.is_none_or(|own| !values.contains(&own))),
            "Exists" => Some(own.is_some()),
            "DoesNotExist" => Some(own.is_none()),
            _ => None,
        }
    }
}

fn known(node: &Node) -> Option<&str> {
    node.as_text().filter(|_| !node.origin().is_unknown())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::yaml::parse;

    fn matches(labels: &str, selector: &str) -> Option<bool> {
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop, labels: {labels}}}\nselector: {selector}\n"
        );
        let sources = SourceMap::from_memory([("x.yaml", text.as_str())]);
        let (id, file) = sources.iter().next().unwrap();
        let root = parse(id, file.text().unwrap()).documents.remove(0).root;
        let selector = root.get("selector").unwrap().clone();
        ServiceLabels::of(&Object::new(root)).match_selector(&selector)
    }

    #[test]
    fn a_selector_is_read_as_kubernetes_reads_it() {
        let cases = [
            ("{}", "{}", Some(true)),
            ("{a: b}", "{matchLabels: {a: b}}", Some(true)),
            ("{a: c}", "{matchLabels: {a: b}}", Some(false)),
            ("{}", "{matchLabels: {a: b}}", Some(false)),
            (
                "{}",
                "{matchLabels: {io.kubernetes.service.namespace: shop}}",
                Some(true),
            ),
            (
                "{}",
                "{matchLabels: {io.kubernetes.service.name: api}}",
                Some(false),
            ),
            (
                "{}",
                "{matchExpressions: [{key: a, operator: DoesNotExist}]}",
                Some(true),
            ),
            (
                "{a: b}",
                "{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}",
                Some(false),
            ),
            (
                "{}",
                "{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}",
                Some(true),
            ),
            (
                "{a: b}",
                "{matchExpressions: [{key: a, operator: In, values: [c, b]}]}",
                Some(true),
            ),
            ("{a: b}", "{matchExpressions: [{key: a, operator: Near}]}", None),
            (
                "{}",
                "{matchLabels: {kustomize.toolkit.fluxcd.io/name: apps}}",
                None,
            ),
            (
                "{}",
                "{matchLabels: {kustomize.toolkit.fluxcd.io/name: apps, a: b}}",
                Some(false),
            ),
        ];
        for (labels, selector, wanted) in cases {
            assert_eq!(matches(labels, selector), wanted, "{labels} {selector}");
        }
    }
}
