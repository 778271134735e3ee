//! Policies with the verdict of the agent, version by version.

use super::*;
use crate::source::SourceMap;
use crate::yaml::parse;

const AGENT: Agent = Agent {
    minor: 18,
    node_labels: false,
    extended_protocols: false,
};

/// What the agent says of a `spec`.
fn says(minor: u64, scope: Scope, spec: &str) -> Option<String> {
    let text = format!("spec: {spec}\n");
    let sources = SourceMap::from_memory([("p.yaml", text.as_str())]);
    let (id, file) = sources.iter().next().unwrap();
    let root = parse(id, file.text().unwrap()).documents.remove(0).root;
    let agent = Agent { minor, ..AGENT };
    refusal(&root, scope, &agent).map(|refusal| refusal.fault.to_string())
}

#[test]
fn each_version_looks_at_more() {
    let none = "{endpointSelector: {}, ingress: [], egress: []}";
    let groups = "{endpointSelector: {}, ingress: [{fromCIDRSet: [{cidr: 10.0.0.0/8, cidrGroupRef: lab}]}]}";
    let deny = "{endpointSelector: {}, egressDeny: [{toCIDR: [a]}]}";
    let nodes = "{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}";
    let services =
        "{endpointSelector: {}, egress: [{toServices: [{k8sService: {serviceName: a}}], toPorts: [{}]}]}";
    let wide = "{endpointSelector: {}, egress: [{toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.0.0.0/4]}]}]}";
    let key = "{endpointSelector: {matchLabels: {k-8:app: web}}, ingress: [{}]}";
    let value = "{endpointSelector: {matchLabels: {app: a/b}}, ingress: [{}]}";
    let listed =
        "{endpointSelector: {matchExpressions: [{key: app, operator: In, values: [-a]}]}, ingress: [{}]}";
    // The minors that refuse it.
    let cases = [
        (value, 14..=20),
        (listed, 15..=20),
        (none, 17..=20),
        (groups, 17..=20),
        (deny, 16..=20),
        (nodes, 16..=20),
        (services, 14..=16),
        (wide, 20..=20),
        (key, 20..=20),
    ];
    for (spec, refused) in cases {
        for minor in READ {
            let says = says(minor, Scope::Namespace, spec);
            assert_eq!(
                says.is_some(),
                refused.contains(&minor),
                "1.{minor} {spec}: {says:?}"
            );
        }
    }
}

#[test]
fn what_is_refused_is_told_in_the_words_of_the_agent() {
    let ingress = |rule: &str| format!("{{endpointSelector: {{}}, ingress: [{rule}]}}");
    let egress = |rule: &str| format!("{{endpointSelector: {{}}, egress: [{rule}]}}");
    let port = |fields: &str| format!("toPorts: [{{ports: [{{{fields}}}]}}]");
    let cases = [
        ("{ingress: [{}]}".to_owned(), "rule must have one of"),
        (
            "{endpointSelector: {}, nodeSelector: {}, ingress: [{}]}".to_owned(),
            "cannot have both",
        ),
        (
            "{nodeSelector: {}, ingress: [{}]}".to_owned(),
            "cannot have NodeSelector",
        ),
        (
            ingress("{fromCIDR: [10.0.0.0/33]}"),
            "unable to parse CIDR: 10.0.0.0/33",
        ),
        (
            ingress("{fromCIDRSet: [{cidr: 10.0.0.1}]}"),
            "unable to parse CIDRRule \"10.0.0.1\"",
        ),
        (ingress("{fromCIDRSet: [{}]}"), "one of cidr"),
        (
            egress("{toCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}]}"),
            "10.0.0.0/8 does not contain exclude CIDR prefix 11.0.0.0/16",
        ),
        (
            ingress("{fromEntities: [internet]}"),
            "unsupported entity: internet",
        ),
        (
            ingress("{fromEndpoints: [{}], fromEntities: [all]}"),
            "combining FromEndpoints and FromEntities",
        ),
        (
            egress("{toFQDNs: [{matchName: a b}]}"),
            "Invalid characters in MatchName: \"a b\"",
        ),
        (
            egress("{toFQDNs: [{matchName: a, matchPattern: b}]}"),
            "only one of",
        ),
        (
            ingress(&format!("{{{}}}", port("port: \"99999\""))),
            "unable to parse port: 99999",
        ),
        (
            ingress(&format!("{{{}}}", port("protocol: TCP"))),
            "port must be specified",
        ),
        (
            ingress(&format!("{{{}}}", port("port: \"1\", protocol: HTTP"))),
            "invalid protocol \"HTTP\"",
        ),
        (
            ingress("{toPorts: [{ports: [{port: \"80\"}], rules: {http: [{}]}}]}"),
            "L7 rules can only apply to TCP (not ANY)",
        ),
        (
            ingress("{toPorts: [{ports: [{port: \"53\"}], rules: {dns: [{}]}}]}"),
            "L7 protocol DNS is not supported on ingress",
        ),
        (
            egress(
                "{toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{path: \"/(?!a)\"}]}}]}",
            ),
            "error parsing regexp",
        ),
        (
            ingress("{icmps: [{fields: [{type: 8}]}], toPorts: [{}]}"),
            "without ToPorts",
        ),
        (
            "{endpointSelector: {matchLabels: {app: a_}}, ingress: [{}]}".to_owned(),
            "invalid label selector: `a_` is no value",
        ),
        (
            "{endpointSelector: {matchExpressions: [{key: app, operator: In}]}, ingress: [{}]}".to_owned(),
            "`values` must be specified",
        ),
    ];
    for (spec, words) in cases {
        let says = says(18, Scope::Namespace, &spec).unwrap_or_default();
        assert!(says.contains(words), "{spec}: {says:?}");
    }
}

#[test]
fn what_is_in_order_is_taken() {
    let cases = [
        "{endpointSelector: {}, ingress: [{}], egress: [{}]}",
        "{endpointSelector: {}, egress: [{toPorts: [{ports: [{port: http, protocol: tcp}, {port: \"0x50\"}]}]}]}",
        "{endpointSelector: {}, ingress: [{fromCIDR: [10.0.0.1, \"fd00::/8\", 10.1.2.3/8]}]}",
        "{endpointSelector: {matchLabels: {\"k8s:io.kubernetes.pod.namespace\": shop}}, ingressDeny: [{fromEntities: [world]}]}",
        "{endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: \"**.example.com\"}]}]}",
        "{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{path: \"/users/{id}[^/]*\"}]}}]}]}",
    ];
    for spec in cases {
        for minor in READ {
            assert_eq!(says(minor, Scope::Namespace, spec), None, "1.{minor} {spec}");
        }
    }
    assert_eq!(
        says(18, Scope::Cluster, "{nodeSelector: {}, ingress: [{}]}"),
        None
    );
}
