use crate::finding::{Finding, ObjectRef, Severity};
use crate::fleet::Cluster;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::tables::annotation_domains::{DOMAINS, EXTERNAL_DNS, KEYS_OF_EXTERNAL_DNS};
use crate::text::suggest::nearest_typo;
use crate::yaml::{Node, Walk};

/// The domain of an annotation, or a name that external-dns reads, is written wrongly.
pub(crate) static RULE: Rule = Rule {
    name: "misspelt-annotation",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/misspelt-annotation.md"),
    check,
};

/// An annotation that nothing reads, and the one that was meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Misspelt {
    written: String,
    meant: String,
}

fn message(fault: &Misspelt, object: Option<&ObjectRef>) -> String {
    let holder = match object {
        Some(object) => format!("{} `{}`", object.kind, object.name),
        None => "a file of Cilium's values".to_owned(),
    };
    format!(
        "{holder} has the annotation `{}`, which nothing reads",
        fault.written
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for cluster in &context.fleet.clusters {
        for (span, fault, object) in misspelt(cluster) {
            gathered.add(span, fault, &cluster.name, (span, Some(object)));
        }
    }
    for member in &context.mesh.members {
        let Some(cilium) = member.cilium.as_ref().filter(|cilium| cilium.carrier.is_none()) else {
            continue;
        };
        for (span, fault) in cilium.values.node(&[]).map(within).unwrap_or_default() {
            gathered.add(span, fault, &member.name, (span, None));
        }
    }
    for (fault, found) in gathered.into_faults() {
        let (span, object) = found.first;
        let finding = Finding::new(
            message(&fault, object.as_ref()),
            span,
            "not a name that anything reads",
        )
        .did_you_mean(&fault.written, &fault.meant)
        .clusters(found.clusters);
        findings.push(match object {
            Some(object) => finding.object(object),
            None => finding,
        });
    }
}

/// What is written wrongly in the objects of a cluster, and in the values of its releases.
fn misspelt(cluster: &Cluster) -> Vec<(Span, Misspelt, ObjectRef)> {
    let mut found = Vec::new();
    for (_, object) in cluster.objects() {
        let faults = match object.kind() {
            "HelmRelease" => within(&cluster.helm_values(object).tree),
            // What such objects hold is text, or a schema, and no annotation.
            "ConfigMap" | "Secret" | "CustomResourceDefinition" => Vec::new(),
            _ => within(&object.node),
        };
        found.extend(
            faults
                .into_iter()
                .map(|(span, fault)| (span, fault, object.reference())),
        );
    }
    found
}

/// The keys of all maps that are called annotations.
fn within(root: &Node) -> Vec<(Span, Misspelt)> {
    let mut found = Vec::new();
    root.walk(&mut |_, key, node| {
        let is_annotations = key
            .and_then(Node::as_text)
            .is_some_and(|key| key.to_ascii_lowercase().ends_with("annotations"));
        if is_annotations {
            let keys = node.entries().iter().map(|entry| &entry.key);
            found.extend(keys.filter_map(|key| Some((key.span(), meant(key.as_text()?)?))));
        }
        Walk::Enter
    });
    found
}

/// What was meant by an annotation whose domain is a known one mistyped, or which external-dns does not read.
fn meant(written: &str) -> Option<Misspelt> {
    let (domain, name) = written.split_once('/')?;
    let meant = match DOMAINS.contains(&domain) {
        true if domain == EXTERNAL_DNS && !KEYS_OF_EXTERNAL_DNS.contains(&name) => {
            let near = nearest_typo(name, KEYS_OF_EXTERNAL_DNS.iter().copied())?;
            format!("{domain}/{near}")
        }
        true => return None,
        false => {
            let near = nearest_typo(domain, DOMAINS.iter().copied())?;
            format!("{near}/{name}")
        }
    };
    Some(Misspelt {
        written: written.to_owned(),
        meant,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_hardly_be_anything_else_is_misspelt() {
        let meant = |written: &str| meant(written).map(|fault| fault.meant);
        assert_eq!(
            meant("external-dns.aplpha.kubernetes.io/hostname").as_deref(),
            Some("external-dns.alpha.kubernetes.io/hostname")
        );
        assert_eq!(
            meant("external-dns.alpha.kubernetes.io/hostnames").as_deref(),
            Some("external-dns.alpha.kubernetes.io/hostname")
        );
        assert_eq!(
            meant("service.cillium.io/global").as_deref(),
            Some("service.cilium.io/global")
        );
        for right in [
            "external-dns.alpha.kubernetes.io/cloudflare-proxied",
            "external-dns.alpha.kubernetes.io/webhook-anything",
            "service.beta.kubernetes.io/aws-load-balancer-type",
            "services.example.org/global",
            "nginx.org/rewrites",
            "plain",
        ] {
            assert_eq!(meant(right), None, "{right}");
        }
    }
}
