//! The operator that installs Cilium on OpenShift: the `spec` of a CiliumConfig is the values.

use super::look::{Look, place, tag_of};
use super::{Installation, version};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::mesh::fact::{Place, Statement};
use crate::mesh::values::{CiliumValues, Holder};

/// What the operator's Deployment is called, with a version in its image.
const OPERATORS: [&str; 2] = ["cilium-olm", "clife"];

pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    find(look).into_iter().collect()
}

fn find(look: &Look<'_>) -> Option<Installation> {
    let mut configs = look.cluster.objects_of("CiliumConfig").map(|(_, object)| object);
    let object = configs.find(|object| object.group() == "cilium.io")?;
    let spec = object.node.get("spec").filter(|spec| spec.is_mapping())?;
    let holder = Holder {
        object,
        statement: Statement::Manifest,
        root: "spec",
    };
    Some(Installation {
        by: "cilium-config",
        carrier: Some(object.clone()),
        release_namespace: object.namespace().map(str::to_owned),
        values: CiliumValues::of(look.cluster, HelmValues::known(spec.clone()), &holder),
        version: version::fact(operator_version(look)),
    })
}

fn operator_version(look: &Look<'_>) -> Option<Place> {
    let mut deployments = look.cluster.objects_of("Deployment").map(|(_, object)| object);
    let is_operator = |object: &Object| OPERATORS.iter().any(|name| object.name().starts_with(name));
    let operator = deployments.find(|object| is_operator(object))?;
    let containers = operator.node.at(&["spec", "template", "spec", "containers"])?;
    let tag = containers
        .items()
        .iter()
        .find_map(|one| tag_of(one.get("image")?))?;
    Some(place(
        operator,
        &tag,
        Statement::Manifest,
        "spec.template.spec.containers.image",
    ))
}
