//! References by name to what configures an object: ConfigMaps and Secrets, stores, issuers, Gateways, classes, accounts.

use super::pods::{is_optional, pod_references};
use super::reference::{ConfigReference, SERVICE_ACCOUNT, states_namespace};
use crate::cluster::{GroupKind, Reconciled};
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::yaml::Node;

pub(crate) const SECRET_STORE: GroupKind<'static> = GroupKind::new(STORES, "SecretStore");
pub(crate) const CLUSTER_SECRET_STORE: GroupKind<'static> = GroupKind::new(STORES, "ClusterSecretStore");
pub(crate) const ISSUER: GroupKind<'static> = GroupKind::new(CERTIFICATES, "Issuer");
pub(crate) const CLUSTER_ISSUER: GroupKind<'static> = GroupKind::new(CERTIFICATES, "ClusterIssuer");
pub(crate) const GATEWAY: GroupKind<'static> = GroupKind::new(GATEWAYS, "Gateway");
pub(crate) const GATEWAY_CLASS: GroupKind<'static> = GroupKind::new(GATEWAYS, "GatewayClass");
pub(crate) const INGRESS_CLASS: GroupKind<'static> = GroupKind::new("networking.k8s.io", "IngressClass");
pub(crate) const STORAGE_CLASS: GroupKind<'static> = GroupKind::new("storage.k8s.io", "StorageClass");

const STORES: &str = "external-secrets.io";
const CERTIFICATES: &str = "cert-manager.io";
const GATEWAYS: &str = "gateway.networking.k8s.io";

/// The references of an object that lies in the cluster.
pub(crate) fn references_of(object: &Object) -> Vec<ConfigReference<'_>> {
    let mut found = pod_references(object);
    let namespace = object.namespace();
    match (object.group(), object.kind()) {
        (STORES, "ExternalSecret") => stores(object, namespace, &["spec"], &mut found),
        (STORES, "ClusterExternalSecret") => {
            stores(object, None, &["spec", "externalSecretSpec"], &mut found);
        }
        (STORES, "PushSecret") => {
            let references = items(object, &["spec", "secretStoreRefs"]);
            found.extend(references.iter().filter_map(|one| store(one, namespace)));
        }
        (CERTIFICATES, "Certificate") => {
            found.extend(
                object
                    .node
                    .at(&["spec", "issuerRef"])
                    .and_then(|one| issuer(one, namespace)),
            );
        }
        (GATEWAYS, "Gateway") => {
            found.extend(issuer_of_annotations(object));
            let class = object.node.at(&["spec", "gatewayClassName"]);
            found.extend(class.and_then(|name| ConfigReference::new(GATEWAY_CLASS, None, name, "is of")));
            gateway_secrets(object, &mut found);
        }
        (GATEWAYS, _) => {
            let parents = items(object, &["spec", "parentRefs"]);
            found.extend(parents.iter().filter_map(|one| gateway(one, namespace)));
        }
        ("networking.k8s.io", "Ingress") => {
            found.extend(issuer_of_annotations(object));
            let class = object.node.at(&["spec", "ingressClassName"]);
            found.extend(class.and_then(|name| ConfigReference::new(INGRESS_CLASS, None, name, "is of")));
        }
        ("", "PersistentVolumeClaim") => found.extend(storage_class(&object.node)),
        ("apps", "StatefulSet") => {
            let templates = items(object, &["spec", "volumeClaimTemplates"]);
            found.extend(templates.iter().filter_map(storage_class));
        }
        _ => {}
    }
    found
}

/// The references that Flux's controllers follow in their own objects.
pub(crate) fn references_of_flux<'a>(user: &Reconciled<'a>) -> Vec<ConfigReference<'a>> {
    let Some(spec) = user.object.node.get("spec") else {
        return Vec::new();
    };
    let namespace = Some(user.namespace);
    let mut found = Vec::new();
    // With `kubeConfig` the account is one of another cluster.
    if spec.get("kubeConfig").is_none() {
        let account = spec.get("serviceAccountName");
        let verb = "is applied as";
        found.extend(account.and_then(|name| ConfigReference::new(SERVICE_ACCOUNT, namespace, name, verb)));
    }
    for source in spec.get("valuesFrom").map_or(&[][..], Node::items) {
        let kind = match source.text_at(&["kind"]) {
            Some("ConfigMap") => GroupKind::CONFIG_MAP,
            Some("Secret") => GroupKind::SECRET,
            _ => continue,
        };
        let name = source.get("name").filter(|_| !is_optional(source));
        found.extend(name.and_then(|name| ConfigReference::new(kind, namespace, name, "takes values from")));
    }
    for holder in ["decryption", "kubeConfig"] {
        let name = spec.at(&[holder, "secretRef", "name"]);
        found.extend(
            name.and_then(|name| {
                ConfigReference::new(GroupKind::SECRET, namespace, name, "takes a key from")
            }),
        );
    }
    found
}

fn items<'a>(object: &'a Object, route: &[&str]) -> &'a [Node] {
    object.node.at(route).map_or(&[], Node::items)
}

fn stores<'a>(
    object: &'a Object,
    namespace: Option<&'a str>,
    spec: &[&str],
    found: &mut Vec<ConfigReference<'a>>,
) {
    let Some(spec) = object.node.at(spec) else { return };
    found.extend(spec.get("secretStoreRef").and_then(|one| store(one, namespace)));
    for list in ["data", "dataFrom"] {
        let entries = spec.get(list).map_or(&[][..], Node::items).iter();
        let own = entries.filter_map(|entry| entry.at(&["sourceRef", "storeRef"]));
        found.extend(own.filter_map(|one| store(one, namespace)));
    }
}

fn store<'a>(reference: &'a Node, namespace: Option<&'a str>) -> Option<ConfigReference<'a>> {
    let name = reference.get("name")?;
    match reference.get("kind").map_or(Some("SecretStore"), known_text)? {
        "ClusterSecretStore" => ConfigReference::new(CLUSTER_SECRET_STORE, None, name, "reads from"),
        "SecretStore" => ConfigReference::new(SECRET_STORE, Some(namespace?), name, "reads from"),
        _ => None,
    }
}

fn issuer<'a>(reference: &'a Node, namespace: Option<&'a str>) -> Option<ConfigReference<'a>> {
    let text = |key, default| reference.get(key).map_or(Some(default), known_text);
    let name = reference.get("name")?;
    // Other groups are issuers of other makers.
    match (text("group", CERTIFICATES)?, text("kind", "Issuer")?) {
        (CERTIFICATES | "", "ClusterIssuer") => ConfigReference::new(CLUSTER_ISSUER, None, name, SIGNED),
        (CERTIFICATES | "", "Issuer") => ConfigReference::new(ISSUER, Some(namespace?), name, SIGNED),
        _ => None,
    }
}

const SIGNED: &str = "is signed by";

/// What cert-manager's ingress-shim and gateway-shim read.
fn issuer_of_annotations(object: &Object) -> Option<ConfigReference<'_>> {
    let stated = |key: &str| object.annotation(&format!("cert-manager.io/{key}"));
    if stated("issuer-group").is_some() || stated("issuer-kind").is_some() {
        return None;
    }
    let reference = match stated("cluster-issuer") {
        Some(name) => ConfigReference::new(CLUSTER_ISSUER, None, name, SIGNED)?,
        None => ConfigReference::new(ISSUER, Some(object.namespace()?), stated("issuer")?, SIGNED)?,
    };
    Some(ConfigReference {
        is_annotation: true,
        ..reference
    })
}

fn gateway<'a>(parent: &'a Node, namespace: Option<&'a str>) -> Option<ConfigReference<'a>> {
    let text = |key, default| parent.get(key).map_or(Some(default), known_text);
    if text("group", GATEWAYS)? != GATEWAYS || text("kind", "Gateway")? != "Gateway" {
        return None;
    }
    let namespace = match parent.get("namespace").filter(|node| !node.is_null()) {
        Some(node) => known_text(node)?,
        None => namespace?,
    };
    let reference = ConfigReference::new(GATEWAY, Some(namespace), parent.get("name")?, "attaches to")?;
    Some(ConfigReference {
        may_cross: true,
        states_namespace: states_namespace(parent),
        ..reference
    })
}

/// The certificates of listeners, unless cert-manager makes them.
fn gateway_secrets<'a>(object: &'a Object, found: &mut Vec<ConfigReference<'a>>) {
    let annotations = object.node.at(&["metadata", "annotations"]);
    let is_issued = annotations.map_or(&[][..], Node::entries).iter().any(|entry| {
        let key = entry.key.as_scalar().map_or("", |key| &key.text);
        key.starts_with("cert-manager.io/")
    });
    if is_issued {
        return;
    }
    for listener in items(object, &["spec", "listeners"]) {
        let certificates = listener.at(&["tls", "certificateRefs"]);
        for reference in certificates.map_or(&[][..], Node::items) {
            let is_secret = reference.text_at(&["group"]).is_none_or(str::is_empty)
                && reference.text_at(&["kind"]).is_none_or(|kind| kind == "Secret");
            let namespace = match reference.get("namespace").filter(|node| !node.is_null()) {
                Some(node) => known_text(node),
                None => object.namespace(),
            };
            let (true, Some(namespace), Some(name)) = (is_secret, namespace, reference.get("name")) else {
                continue;
            };
            let verb = "serves the certificate of";
            let held = ConfigReference::new(GroupKind::SECRET, Some(namespace), name, verb);
            found.extend(held.map(|held| ConfigReference {
                may_cross: true,
                states_namespace: states_namespace(reference),
                ..held
            }));
        }
    }
}

fn storage_class(claim: &Node) -> Option<ConfigReference<'_>> {
    let name = claim.at(&["spec", "storageClassName"])?;
    // A claim for a volume that is there already names a class that need not exist.
    let is_bound = claim.at(&["spec", "volumeName"]).is_some() || claim.at(&["spec", "selector"]).is_some();
    if is_bound {
        return None;
    }
    ConfigReference::new(STORAGE_CLASS, None, name, "asks for storage of")
}
