//! The Helm controller of k3s and RKE2: a HelmChart of Cilium, and the HelmChartConfig that changes its values. RKE2 brings the
//! chart itself, so that the HelmChartConfig is all that a repository has (k3s-io/helm-controller
//! `pkg/controllers/chart/chart.go`).

use std::sync::Arc;

use super::look::{Look, doubt_nested, is_cilium_chart, is_named_after_cilium, place};
use super::{Installation, version};
use crate::helm::{self, HelmValues};
use crate::kustomize::Object;
use crate::mesh::fact::Statement;
use crate::mesh::values::{CiliumValues, Holder};
use crate::tables::cilium::telling;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// What RKE2 calls its chart.
const OF_RKE2: &str = "rke2-cilium";

/// Values whose defaults RKE2's chart changes, or sets from the configuration of the machines (rancher/rke2-charts
/// `packages/rke2-cilium/generated-changes/patch`). How certificates are made is among them where it is not set: the chart is installed with the
/// machines, and what they bring besides, an authority for instance, no repository shows.
const OTHERWISE_IN_RKE2: [&[&str]; 7] = [
    &["clustermesh", "apiserver", "tls", "auto", "method"],
    &["ipam", "mode"],
    &["ipv6", "enabled"],
    &["cni", "chainingMode"],
    &["cni", "exclusive"],
    &["hubble", "enabled"],
    &["envoy", "enabled"],
];

pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    find(look).into_iter().collect()
}

fn find(look: &Look<'_>) -> Option<Installation> {
    let of = |kind| {
        let all = look.cluster.objects_of(kind).map(|(_, object)| object);
        all.filter(|object| object.group() == "helm.cattle.io")
    };
    let config_of = |name: &str| of("HelmChartConfig").find(|config| config.name() == name);
    let found =
        of("HelmChart").find_map(|chart| Some((chart, layered(look, Some(chart), config_of(chart.name()))?)));
    if let Some((chart, values)) = found {
        return Some(installation(look, chart, values));
    }
    let config = config_of(OF_RKE2)?;
    let values = layered(look, None, Some(config))?;
    Some(installation(look, config, values))
}

fn installation(look: &Look<'_>, object: &Arc<Object>, values: HelmValues) -> Installation {
    let holder = Holder {
        object,
        statement: Statement::Manifest,
        root: "spec.valuesContent",
    };
    let version = object.node.at(&["spec", "version"]);
    let namespace = object
        .node
        .text_at(&["spec", "targetNamespace"])
        .or(object.namespace());
    Installation {
        by: "helm-chart",
        carrier: Some(Arc::clone(object)),
        release_namespace: namespace.map(str::to_owned),
        values: CiliumValues::of(look.cluster, values, &holder),
        version: version::fact(version.map(|node| place(object, node, Statement::Manifest, "spec.version"))),
    }
}

/// The values of a chart, `None` when it is not Cilium's: those of the HelmChart, those of the HelmChartConfig, then `set`.
fn layered(look: &Look<'_>, chart: Option<&Arc<Object>>, config: Option<&Arc<Object>>) -> Option<HelmValues> {
    let anywhere = chart.or(config)?;
    let mut values = HelmValues::known(Node::mapping(Vec::new(), anywhere.node.span()));
    let of_rke2 = anywhere.name() == OF_RKE2;
    if of_rke2 {
        for path in OTHERWISE_IN_RKE2 {
            values.hide(path, anywhere.node.span(), UnknownReason::Chart);
        }
    }
    for object in chart.into_iter().chain(config) {
        add(&mut values, object, look);
    }
    let name = chart
        .and_then(|chart| chart.node.text_at(&["spec", "chart"]))
        .unwrap_or_default();
    let is_cilium = of_rke2
        || is_cilium_chart(name)
        || [name, anywhere.name()].into_iter().any(is_named_after_cilium) && telling::is_values(&values.tree);
    if is_cilium {
        doubt_nested(&mut values);
    }
    is_cilium.then_some(values)
}

fn add(values: &mut HelmValues, object: &Object, look: &Look<'_>) {
    let spec = |key: &str| object.node.at(&["spec", key]);
    if let Some(text) = spec("valuesContent") {
        match helm::values_in_text(text, look.sources) {
            Ok(layer) => layer.iter().for_each(|layer| values.add(layer)),
            Err(reason) => values.add_unknown(text.span(), reason),
        }
    }
    if let Some(layer) = spec("values").filter(|layer| layer.is_mapping()) {
        values.add(layer);
    }
    for secret in spec("valuesSecrets").map(Node::items).unwrap_or_default() {
        values.add_unknown(secret.span(), UnknownReason::External);
    }
    for entry in spec("set").map(Node::entries).unwrap_or_default() {
        values.set(&entry.key, &entry.value);
    }
}
