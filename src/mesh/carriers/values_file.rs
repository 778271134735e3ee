//! Files of values: what bootstraps a cluster before anything delivers, or all there is.

use super::look::Look;
use super::{Installation, version};
use crate::fleet::LooseValues;
use crate::mesh::fact::{Place, Statement};
use crate::mesh::values::CiliumValues;

/// The files of values of the cluster, in the order of their paths.
pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    look.cluster.loose_values.iter().map(installation).collect()
}

fn installation(loose: &LooseValues) -> Installation {
    let version = loose.chart_version.as_ref().map(|node| Place {
        node: node.clone(),
        statement: Statement::Bootstrap,
        object: None,
        route: "version".to_owned(),
    });
    Installation {
        by: "values-file",
        carrier: None,
        values: CiliumValues::of_file(&loose.values),
        version: version::fact(version),
        release_namespace: None,
    }
}
