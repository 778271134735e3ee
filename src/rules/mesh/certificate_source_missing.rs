use super::places;
use crate::finding::{Finding, Severity};
use crate::flux::{GroupKind, Index, Lookup};
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Nothing makes the certificates of the API server.
pub(crate) static RULE: Rule = Rule {
    name: "certificate-source-missing",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/certificate-source-missing.md"),
    check,
};

const METHOD: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "method"];
const ISSUER: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "certManagerIssuerRef"];
const METHODS: [&str; 3] = ["helm", "cronJob", "certmanager"];

/// Why there are none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NoMethod(String),
    NoIssuer,
    IssuerMissing(String, String),
}

impl Fault {
    fn message(&self, of: &str) -> String {
        match self {
            Self::NoMethod(method) => format!("`{method}` is no way to make the mesh certificates of {of}"),
            Self::NoIssuer => {
                format!("cert-manager is to make the mesh certificates of {of}, but no issuer is named")
            }
            Self::IssuerMissing(kind, name) => {
                format!("{kind} `{name}`, which is to sign the mesh certificates of {of}, does not exist")
            }
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::NoMethod(_) => "`helm`, `cronJob` or `certmanager`",
            Self::NoIssuer => "needs `certManagerIssuerRef`",
            Self::IssuerMissing(..) => "not in this cluster",
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::NoMethod(_) => "write one of the three methods; the case of the letters counts",
            Self::NoIssuer => {
                "name an issuer that all clusters of the mesh share under `certManagerIssuerRef`"
            }
            Self::IssuerMissing(..) => "deliver the issuer to the cluster, or correct the reference",
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        if let Some((fault, place)) = fault(member, context.index) {
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    }
    for (fault, found) in gathered.into_faults() {
        let message = fault.message(&words::clusters(&found.clusters));
        findings.push(
            places::at(RULE.name, message, &found.first, fault.label())
                .help(fault.help())
                .clusters(found.clusters),
        );
    }
}

fn fault(member: &Member, index: &Index<'_>) -> Option<(Fault, Place)> {
    if !member.api_server.is_true() || !member.tls.auto.is_true() {
        return None;
    }
    let method = member.tls.method.stated()?;
    let at = places::field(member, &METHOD)?;
    if !METHODS.contains(&method.as_str()) {
        return Some((Fault::NoMethod(method.clone()), at));
    }
    if method != "certmanager" {
        return None;
    }
    let values = &member.cilium.as_ref()?.values;
    let text = |key: &str| values.text(&[&ISSUER[..], &[key]].concat());
    let name = match values.lookup(&[&ISSUER[..], &["name"]].concat()) {
        Lookup::Unknown(_) => return None,
        Lookup::Value(node) => node.as_text()?,
        Lookup::Absent => {
            let empty = match values.lookup(&ISSUER) {
                Lookup::Absent => true,
                Lookup::Value(node) => node.entries().is_empty(),
                Lookup::Unknown(_) => false,
            };
            return empty.then_some((Fault::NoIssuer, at));
        }
    };
    let (group, kind) = (
        text("group").unwrap_or("cert-manager.io"),
        text("kind").unwrap_or("Issuer"),
    );
    let release = member.cilium.as_ref()?.release.as_ref()?;
    let namespace = match kind {
        "ClusterIssuer" => None,
        "Issuer" => Some(
            release
                .node
                .text_at(&["spec", "targetNamespace"])
                .or(release.namespace())?,
        ),
        _ => return None,
    };
    let here = index.clusters.get(member.cluster)?;
    let wanted = GroupKind::new(group, kind);
    // A chart may bring issuers. Where the repository has issuers as plain objects, this one would be among them.
    let has_others = index
        .clusters
        .iter()
        .any(|cluster| cluster.names(wanted, None).next().is_some());
    let is_missing = group == "cert-manager.io"
        && has_others
        && here.find_beside_charts(wanted, namespace, name).is_missing();
    let place = places::field(member, &[&ISSUER[..], &["name"]].concat())?;
    is_missing.then(|| (Fault::IssuerMissing(kind.to_owned(), name.to_owned()), place))
}
