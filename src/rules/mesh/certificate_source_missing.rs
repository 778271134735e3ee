use crate::cluster::{GroupKind, Index};
use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
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
    /// The chart is to make nothing, and lacks a value that it makes a Secret of.
    NotInValues(&'static str),
    /// Somebody else is to make this Secret.
    NobodyMakes(&'static str),
}

impl Told for Fault {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let of = words::clusters(clusters);
        match self {
            Self::NoMethod(method) => format!("`{method}` is no way to make the mesh certificates of {of}"),
            Self::NoIssuer => {
                format!("cert-manager is to make the mesh certificates of {of}, but no issuer is named")
            }
            Self::IssuerMissing(kind, name) => {
                format!("{kind} `{name}`, which is to sign the mesh certificates of {of}, does not exist")
            }
            Self::NotInValues(path) => {
                format!(
                    "the chart refuses to render in {of}: it is to make no mesh certificates, and has no `{path}`"
                )
            }
            Self::NobodyMakes(secret) => {
                format!("nothing in the repository makes Secret `{secret}` of {of}, and the chart is not to")
            }
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::NoMethod(_) => "`helm`, `cronJob` or `certmanager`",
            Self::NoIssuer => "needs `certManagerIssuerRef`",
            Self::IssuerMissing(..) => "not in this cluster",
            Self::NotInValues(_) | Self::NobodyMakes(_) => "no certificates are made",
        };
        label.to_owned()
    }

    /// A Secret may have been put there by hand.
    fn severity(&self) -> Option<Severity> {
        Some(match self {
            Self::NobodyMakes(_) => Severity::Warning,
            _ => Severity::Error,
        })
    }

    fn help(&self) -> String {
        let help = match self {
            Self::NoMethod(_) => "write one of the three methods; the case of the letters counts",
            Self::NoIssuer => {
                "name an issuer that all clusters of the mesh share under `certManagerIssuerRef`"
            }
            Self::IssuerMissing(..) => "deliver the issuer to the cluster, or correct the reference",
            Self::NotInValues(_) => {
                "let the chart make them with `tls.auto.method: cronJob`, or set `tls.enableSecrets: false` and deliver the Secrets"
            }
            Self::NobodyMakes(_) => {
                "let the chart make the certificates with `tls.auto.method: cronJob`, or deliver the Secret"
            }
        };
        help.to_owned()
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        if let Some((fault, place)) = fault(member, context.index) {
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    }
    gathered.report(findings);
}

fn fault(member: &Member, index: &Index<'_>) -> Option<(Fault, Place)> {
    if !member.api_server.is_true() {
        return None;
    }
    match member.tls.auto.get()? {
        true => {}
        false => return not_provided(member, index),
    }
    let method = member.tls.method.stated()?;
    let at = member.place_of(&METHOD)?;
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
    let namespace = match kind {
        "ClusterIssuer" => None,
        "Issuer" => Some(member.cilium.as_ref()?.namespace()?),
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
    let place = member.place_of(&[&ISSUER[..], &["name"]].concat())?;
    is_missing.then(|| (Fault::IssuerMissing(kind.to_owned(), name.to_owned()), place))
}

/// The Secrets without which the pod of the API server does not start, and the values that charts before 1.20 make
/// them of (templates/clustermesh-apiserver/tls-provided and deployment.yaml).
const SECRETS: [(&str, &str); 2] = [
    (
        "clustermesh-apiserver-server-cert",
        "clustermesh.apiserver.tls.server.cert",
    ),
    (
        "clustermesh-apiserver-admin-cert",
        "clustermesh.apiserver.tls.admin.cert",
    ),
];

const AUTO: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "enabled"];
const KVSTORE_MODE: [&str; 4] = ["clustermesh", "apiserver", "kvstoremesh", "kvstoreMode"];
const ENABLE_SECRETS: [&str; 4] = ["clustermesh", "apiserver", "tls", "enableSecrets"];

fn not_provided(member: &Member, index: &Index<'_>) -> Option<(Fault, Place)> {
    let values = &member.cilium.as_ref()?.values;
    // With an etcd of somebody else's there is no server to need them.
    let is_own_etcd = match values.lookup(&KVSTORE_MODE) {
        Lookup::Absent => true,
        Lookup::Value(node) => node.as_text() == Some("internal"),
        Lookup::Unknown(_) => false,
    };
    let at = member.place_of(&AUTO).filter(|_| is_own_etcd)?;
    let takes_values = !member.version_at_least(1, 20)?
        && match values.lookup(&ENABLE_SECRETS) {
            Lookup::Unknown(_) => return None,
            // New in 1.16, and true by default.
            Lookup::Value(node) if member.version_at_least(1, 16)? => node.as_bool()?,
            _ => true,
        };
    let is_absent = |path: &str| {
        let path: Vec<&str> = path.split('.').collect();
        match values.lookup(&path) {
            Lookup::Absent => true,
            Lookup::Value(node) => node.as_text() == Some(""),
            Lookup::Unknown(_) => false,
        }
    };
    if takes_values {
        let (_, path) = SECRETS.iter().find(|(_, path)| is_absent(path))?;
        return Some((Fault::NotInValues(path), at));
    }
    // Charts that no longer take the values fail over them, which is a fault of its own.
    if member.version_at_least(1, 20)? && !SECRETS.iter().all(|(_, path)| is_absent(path)) {
        return None;
    }
    let namespace = member.cilium.as_ref()?.namespace()?;
    let here = index.clusters.get(member.cluster)?;
    let is_missing = |secret: &str| {
        here.find_beside_charts(GroupKind::SECRET, Some(namespace), secret)
            .is_missing()
    };
    let (secret, _) = SECRETS.iter().find(|(secret, _)| is_missing(secret))?;
    Some((Fault::NobodyMakes(secret), at))
}
