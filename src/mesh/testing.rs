//! Fleets made by hand: each cluster is a name with the YAML of its objects.

use std::sync::Arc;

use crate::fleet::{Cluster, Delivery, Fleet, LooseValues};
use crate::flux::{Kustomization, Source};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::postbuild::Variables;
use crate::source::{RepoPath, SourceMap};
use crate::yaml::{Node, parse};

/// A fleet with its files.
pub(crate) struct Handmade {
    pub(crate) sources: SourceMap,
    pub(crate) fleet: Fleet,
}

/// Clusters that Flux delivers, in the order given.
pub(crate) fn fleet(clusters: &[(&str, &str)]) -> Handmade {
    let sources = files(clusters);
    let clusters = clusters.iter().zip(roots(&sources)).map(|((name, _), roots)| {
        let objects = roots
            .into_iter()
            .map(|node| Arc::new(Object::new(node)))
            .collect();
        cluster(name, objects, Vec::new())
    });
    Handmade {
        fleet: Fleet {
            live: Vec::new(),
            clusters: clusters.collect(),
        },
        sources,
    }
}

/// Clusters of which only a values file is known.
pub(crate) fn values_fleet(clusters: &[(&str, &str)]) -> Handmade {
    let sources = files(clusters);
    let clusters = clusters.iter().zip(roots(&sources)).map(|((name, _), roots)| {
        let loose = roots.into_iter().map(|values| LooseValues {
            values: HelmValues::known(values),
            chart_version: None,
        });
        cluster(name, Vec::new(), loose.collect())
    });
    Handmade {
        fleet: Fleet {
            live: Vec::new(),
            clusters: clusters.collect(),
        },
        sources,
    }
}

/// A HelmRelease of Cilium 1.18.3 with these values, indented by nothing.
pub(crate) fn release(values: &str) -> String {
    let values = values.replace('\n', "\n    ");
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: cilium\n  namespace: kube-system\n\
         spec:\n  chart:\n    spec:\n      chart: cilium\n      version: 1.18.3\n  values:\n    {values}\n"
    )
}

fn files(clusters: &[(&str, &str)]) -> SourceMap {
    let file =
        |(at, (name, text)): (usize, &(&str, &str))| (format!("{at:03}-{name}.yaml"), (*text).to_owned());
    SourceMap::from_memory(clusters.iter().enumerate().map(file))
}

fn roots(sources: &SourceMap) -> Vec<Vec<Node>> {
    let roots = |(id, file): (_, &crate::source::SourceFile)| {
        let parsed = parse(id, file.text().unwrap());
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        parsed
            .documents
            .into_iter()
            .map(|document| document.root)
            .collect()
    };
    sources.iter().map(roots).collect()
}

fn cluster(name: &str, objects: Vec<Arc<Object>>, loose_values: Vec<LooseValues>) -> Cluster {
    let entry = RepoPath::root();
    let owner = Kustomization {
        namespace: "flux-system".to_owned(),
        name: "flux-system".to_owned(),
        object: objects.first().cloned().unwrap_or_else(|| {
            let file = SourceMap::from_memory([("x", "x")]).iter().next().unwrap().0;
            let span = crate::source::Span::at_start(file);
            Arc::new(Object::new(Node::mapping(Vec::new(), span)))
        }),
        parent: None,
        source: Source::Here(entry.clone()),
        path: Some(entry.clone()),
        build: None,
        objects,
        rendered_sets: Vec::new(),
        variables: Variables::default(),
        problems: Vec::new(),
        suspended: false,
        remote: false,
        hub: None,
    };
    Cluster {
        name: name.to_owned(),
        found_as: name.to_owned(),
        entry,
        entry_span: None,
        delivery: Delivery::Flux,
        kustomizations: vec![owner],
        loose_values,
        strict_substitution: true,
        given: Vec::new(),
        machines: Vec::new(),
        flux: None,
        releases: std::collections::BTreeMap::new(),
    }
}
