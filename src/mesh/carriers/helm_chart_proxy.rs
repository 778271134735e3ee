//! Cluster API's HelmChartProxy, as it is for one cluster: `src/fleet/cluster_api.rs` fills its template in.

use std::sync::Arc;

use super::look::{Look, is_cilium_chart, is_named_after_cilium, place};
use super::{Installation, version};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::mesh::fact::Statement;

use crate::mesh::values::{CiliumValues, Holder};
use crate::tables::cilium::telling;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    // What a HelmChartProxy brings runs in the cluster that it selects, and not in the one that it is an object of.
    let is_selected = |owner: usize| {
        let owner = look.cluster.kustomizations.get(owner);
        owner.is_some_and(|owner| owner.hub.is_some())
    };
    let proxies = look.cluster.objects_of("HelmChartProxy");
    let own =
        proxies.filter(|(owner, object)| is_selected(*owner) && object.group() == "addons.cluster.x-k8s.io");
    own.filter_map(|(_, object)| installation(look, object)).collect()
}

fn installation(look: &Look<'_>, object: &Arc<Object>) -> Option<Installation> {
    let spec = |key: &str| object.node.at(&["spec", key]);
    let mut values = HelmValues::known(Node::mapping(Vec::new(), object.node.span()));
    if let Some(layer) = spec("values").filter(|layer| layer.is_mapping()) {
        values.add(layer);
    }
    if let Some(template) = spec("valuesTemplate").filter(|text| text.as_text() != Some("")) {
        values.add_unknown(template.span(), UnknownReason::Generated);
    }
    let name = object.node.text_at(&["spec", "chartName"]).unwrap_or_default();
    let is_cilium = is_cilium_chart(name)
        || [name, object.name()].into_iter().any(is_named_after_cilium) && telling::is_values(&values.tree);
    let holder = Holder {
        object,
        statement: Statement::Manifest,
        root: "spec.valuesTemplate",
    };
    let version = spec("version").map(|node| place(object, node, Statement::Manifest, "spec.version"));
    is_cilium.then(|| Installation {
        by: "helm-chart-proxy",
        carrier: Some(Arc::clone(object)),
        release_namespace: object.node.text_at(&["spec", "namespace"]).map(str::to_owned),
        values: CiliumValues::of(look.cluster, values, &holder),
        version: version::fact(version),
    })
}
