//! From files to the fleet.

use rayon::prelude::*;

use super::discover::{self, EntryPoint, ValuesCluster};
use super::model::{Cluster, Delivery, Fleet, LooseValues};
use super::options::Discovery;
use crate::source::SourceMap;
use crate::yaml::Store;

/// Finds every cluster of the repository and renders it. Independent of the number of threads.
pub fn load(sources: &SourceMap, store: &Store, options: &Discovery) -> Fleet {
    let found = discover::discover(sources, store, options);
    let mut clusters: Vec<Cluster> = found
        .flux
        .into_par_iter()
        .map(|entry| rendered(entry, options))
        .collect();
    clusters.extend(
        found
            .values
            .into_iter()
            .map(|cluster| of_values(cluster, options)),
    );
    clusters.sort_by(|a, b| (&a.name, &a.entry).cmp(&(&b.name, &b.entry)));
    Fleet { clusters }
}

fn rendered(entry: EntryPoint, options: &Discovery) -> Cluster {
    Cluster {
        name: entry.name,
        entry: entry.directory,
        entry_span: entry.span,
        delivery: Delivery::Flux,
        kustomizations: Vec::new(),
        loose_values: Vec::new(),
        strict_substitution: options.strict_substitution.unwrap_or(true),
    }
}

fn of_values(cluster: ValuesCluster, options: &Discovery) -> Cluster {
    let values = cluster.layers.last().cloned();
    let chart_version = cluster.chart_version;
    Cluster {
        name: cluster.name,
        entry: cluster.entry,
        entry_span: Some(cluster.span),
        delivery: Delivery::Values,
        kustomizations: Vec::new(),
        loose_values: values
            .map(|values| LooseValues {
                values,
                chart_version,
            })
            .into_iter()
            .collect(),
        strict_substitution: options.strict_substitution.unwrap_or(true),
    }
}
