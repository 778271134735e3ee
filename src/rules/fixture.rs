//! Fleets made by hand, for tests of what rules see: no discovery, no build, only the objects.

use std::sync::Arc;

use crate::cluster::{Index, Written};
use crate::finding::Finding;
use crate::fleet::{Cluster, Delivery, Fleet};
use crate::flux::{Kustomization, Source};
use crate::kustomize::Object;
use crate::mesh::{self, Running};
use crate::postbuild::Variables;
use crate::rules::{Context, Rule};
use crate::schema::Verdicts;
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

/// One file per Kustomization, named `<cluster>/<namespace>/<name>.yaml`: the objects that it applies. The first file of
/// a cluster is its entry point; every other is found as an object in an earlier one.
pub(crate) struct Fixture {
    pub(crate) sources: SourceMap,
    pub(crate) fleet: Fleet,
}

impl Fixture {
    /// Makes a fleet of `(path, objects)`.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::with_more(files, &[])
    }

    /// The same, beside further files that no Kustomization applies.
    pub(crate) fn with_more(files: &[(&str, &str)], more: &[(&str, &str)]) -> Self {
        let entry = kustomization("root", "");
        let all = files
            .iter()
            .chain(more)
            .copied()
            .chain([("entry.yaml", entry.as_str())]);
        let sources = SourceMap::from_memory(all);
        let store = Store::new(&sources);
        let read = |path: &str| {
            let file = sources
                .file_at(&RepoPath::clamp(path))
                .expect("it was just put there");
            let documents = store.parsed(file).documents.iter();
            let objects = documents.map(|document| Arc::new(Object::new(document.root.clone())));
            objects.collect::<Vec<_>>()
        };
        let mut fleet = Fleet::default();
        for (path, _) in files {
            let [cluster, namespace, name] = path.split('/').collect::<Vec<_>>()[..] else {
                panic!("`{path}` has not three parts");
            };
            let name = name.strip_suffix(".yaml").expect("a YAML file");
            let objects = read(path);
            if !fleet.clusters.iter().any(|one| one.name == cluster) {
                fleet.clusters.push(empty_cluster(cluster));
            }
            let cluster = fleet
                .clusters
                .iter_mut()
                .find(|one| one.name == cluster)
                .expect("it is there");
            let made_by = |owner: &Kustomization| {
                let mut objects = owner.objects.iter();
                objects
                    .find(|object| object.kind() == "Kustomization" && object.name() == name)
                    .cloned()
            };
            let made = cluster.kustomizations.iter().enumerate();
            let made = made.filter_map(|(at, owner)| Some((at, made_by(owner)?))).next();
            let (parent, object) = match made {
                Some((at, object)) => (Some(at), object),
                None => (None, read("entry.yaml").remove(0)),
            };
            let suspended = object.node.text_at(&["spec", "suspend"]) == Some("true");
            cluster.kustomizations.push(Kustomization {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                remote: object.node.at(&["spec", "kubeConfig"]).is_some(),
                object,
                parent,
                source: Source::Here(RepoPath::root()),
                path: Some(RepoPath::root()),
                build: Some(Arc::default()),
                objects,
                rendered_sets: Vec::new(),
                variables: Variables::default(),
                problems: Vec::new(),
                suspended,
                hub: None,
            });
        }
        Self { sources, fleet }
    }

    /// What a rule finds.
    pub(crate) fn check(&self, rule: &Rule) -> Vec<Finding> {
        let store = Store::new(&self.sources);
        let mesh = mesh::build(&self.fleet, &self.sources);
        let index = Index::new(&self.fleet);
        let running = Running::new(&store, &index, &mesh);
        let context = Context {
            sources: &self.sources,
            store: &store,
            fleet: &self.fleet,
            index: &index,
            running: &running,
            verdicts: &Verdicts::new(&index, &running),
            written: &Written::new(&self.sources),
            rules: super::RULES,
            mesh: &mesh,
            past: None,
        };
        let mut findings = Vec::new();
        (rule.check)(&context, &mut findings);
        findings
    }

    /// The messages of what a rule finds.
    pub(crate) fn messages(&self, rule: &Rule) -> Vec<String> {
        self.check(rule)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }
}

fn empty_cluster(name: &str) -> Cluster {
    Cluster {
        name: name.to_owned(),
        found_as: name.to_owned(),
        entry: RepoPath::clamp(name),
        entry_span: None,
        delivery: Delivery::Flux,
        kustomizations: Vec::new(),
        loose_values: Vec::new(),
        strict_substitution: true,
        given: Vec::new(),
        machines: Vec::new(),
        flux: None,
        releases: std::collections::BTreeMap::new(),
    }
}

/// A Kustomization `name` in namespace `flux-system` with these further lines in its `spec`.
pub(crate) fn kustomization(name: &str, spec: &str) -> String {
    object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, spec)
}

/// A HelmRelease `name` in namespace `flux-system` with these further lines in its `spec`.
pub(crate) fn release(name: &str, spec: &str) -> String {
    object("helm.toolkit.fluxcd.io/v2", "HelmRelease", name, spec)
}

fn object(api_version: &str, kind: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  interval: 1h\n{spec}"
    )
}

/// `dependsOn` of one name.
pub(crate) fn depends_on(name: &str) -> String {
    format!("  dependsOn:\n    - name: {name}\n")
}
