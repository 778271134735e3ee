//! The ConfigMap with the users that log in at an API server.

use super::{Member, Place};
use crate::cluster::{GroupKind, Index};

/// What it is called.
pub(crate) const NAME: &str = "clustermesh-remote-users";

const CONFIG: [&str; 3] = ["clustermesh", "config", "enabled"];

/// The mode of an API server that waits for it in vain, and the value that would have the chart make it.
///
/// templates/clustermesh-apiserver: deployment.yaml mounts it for every mode but `legacy`, and since 1.19
/// users-configmap.yaml makes it only beside the list of peers.
pub(crate) fn missing<'m>(member: &'m Member, index: &Index<'_>) -> Option<(&'m str, Place)> {
    let waits = member.api_server.is_true() && member.mesh_config.get() == Some(&false);
    let mode = member
        .tls
        .auth_mode
        .get()
        .filter(|mode| matches!(mode.as_str(), "migration" | "cluster"))?;
    if !waits || member.version_at_least(1, 19) != Some(true) {
        return None;
    }
    let cilium = member.cilium.as_ref()?;
    let namespace = cilium.namespace()?;
    let here = index.clusters.get(member.cluster)?;
    let is_missing = here
        .find_beside_charts(GroupKind::CONFIG_MAP, Some(namespace), NAME)
        .is_missing();
    if is_missing {
        Some((mode, member.place_of(&CONFIG)?))
    } else {
        None
    }
}
