//! How long a run takes on a generated fleet: every cluster renders the same applications with settings of its own.
//! The figure to compare with is `read`, which only goes over the text once.
#![allow(missing_docs)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use meshlint::engine::{self, RunOptions};
use meshlint::kustomize::{BuildOptions, Builder};
use meshlint::source::{Buffer, FileId, RepoPath, SourceMap};
use meshlint::yaml::Store;

#[path = "../tests/mesh/repository.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used
)]
mod repository;

/// Clusters of a mesh in which every cluster names every other, from one list that all of them share.
const MESHES: [usize; 3] = [64, 128, 255];

/// Clusters and applications of each size.
const SIZES: [(usize, usize); 3] = [(2, 50), (10, 100), (50, 100)];

fn fleet(clusters: usize, applications: usize) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for number in 1..=clusters {
        let base = format!("clusters/c{number}");
        files.push((format!("{base}/flux-system/gotk-sync.yaml"), sync(&base)));
        files.push((format!("{base}/settings.yaml"), settings(number)));
        files.push((format!("{base}/charts.yaml"), CHARTS.to_owned()));
        let resources = [
            "flux-system/gotk-sync.yaml",
            "charts.yaml",
            "settings.yaml",
            "../../delivery",
        ];
        files.push((format!("{base}/kustomization.yaml"), list(&resources)));
    }
    let names: Vec<String> = (1..=applications).map(|number| format!("app{number}")).collect();
    let delivered =
        std::iter::once("cilium.yaml".to_owned()).chain(names.iter().map(|name| format!("{name}.yaml")));
    files.push((
        "delivery/kustomization.yaml".to_owned(),
        list(&delivered.collect::<Vec<_>>()),
    ));
    files.push((
        "delivery/cilium.yaml".to_owned(),
        kustomization("cilium", "./cilium"),
    ));
    files.push(("cilium/release.yaml".to_owned(), cilium()));
    for name in &names {
        files.push((
            format!("delivery/{name}.yaml"),
            kustomization(name, &format!("./applications/{name}")),
        ));
        let base = format!("applications/{name}");
        files.push((
            format!("{base}/kustomization.yaml"),
            list(&["release.yaml", "service.yaml", "config.yaml"]),
        ));
        files.push((format!("{base}/release.yaml"), release(name)));
        files.push((format!("{base}/service.yaml"), service(name)));
        files.push((format!("{base}/config.yaml"), config(name)));
    }
    files
}

const CHARTS: &str = "apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: charts
  namespace: flux-system
spec:
  interval: 1h
  url: https://charts.example.org
";

fn sync(path: &str) -> String {
    let source = "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  url: ssh://git@git.example.org/fleet
";
    format!(
        "{source}---\n{}",
        kustomization("flux-system", &format!("./{path}"))
    )
}

fn kustomization(name: &str, path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  interval: 1h
  path: {path}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substituteFrom:
      - kind: ConfigMap
        name: settings
"
    )
}

fn settings(number: usize) -> String {
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: flux-system
data:
  CLUSTER_NAME: c{number}
  CLUSTER_ID: \"{number}\"
  POD_CIDR: 10.{number}.0.0/16
  SERVICE_CIDR: 172.16.{number}.0/24
  DOMAIN: c{number}.example.org
"
    )
}

fn list<T: AsRef<str>>(resources: &[T]) -> String {
    let items: String = resources
        .iter()
        .map(|resource| format!("  - {}\n", resource.as_ref()))
        .collect();
    format!("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{items}")
}

fn cilium() -> String {
    "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cilium
  namespace: kube-system
spec:
  chart:
    spec:
      chart: cilium
      version: 1.18.3
      sourceRef:
        kind: HelmRepository
        name: charts
        namespace: flux-system
  values:
    cluster:
      name: ${CLUSTER_NAME}
      id: ${CLUSTER_ID}
    clustermesh:
      useAPIServer: true
    ipam:
      operator:
        clusterPoolIPv4PodCIDRList:
          - ${POD_CIDR}
"
    .to_owned()
}

fn release(name: &str) -> String {
    let values: String = (0..20)
        .map(|nth| format!("    value{nth}:\n      host: {name}{nth}.${{DOMAIN}}\n"))
        .collect();
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {name}
  namespace: {name}
spec:
  interval: 1h
  chart:
    spec:
      chart: {name}
      version: 1.0.0
      sourceRef:
        kind: HelmRepository
        name: charts
        namespace: flux-system
  values:
{values}"
    )
}

fn service(name: &str) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {name}
  annotations:
    service.cilium.io/global: \"true\"
spec:
  selector:
    app: {name}
  ports:
    - name: http
      port: 80
"
    )
}

fn config(name: &str) -> String {
    let data: String = (0..40)
        .map(|nth| format!("  key{nth}: a value that says something about {name}\n"))
        .collect();
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {name}\ndata:\n{data}")
}

fn stages(criterion: &mut Criterion) {
    for (clusters, applications) in SIZES {
        let files = fleet(clusters, applications);
        let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
        let sources = SourceMap::from_memory(files);
        let ids: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
        let directories: Vec<RepoPath> = (1..=applications)
            .map(|number| RepoPath::clamp(&format!("applications/app{number}")))
            .collect();
        let config = RunOptions::default();
        let mut group = criterion.benchmark_group("fleet");
        group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
        let stage =
            |name: &str| BenchmarkId::new(name, format!("{clusters} clusters x {applications} applications"));
        group.bench_function(stage("read"), |bencher| {
            let texts = || sources.files().iter().filter_map(|file| file.text().ok());
            bencher.iter(|| texts().map(|text| black_box(text).lines().count()).sum::<usize>());
        });
        group.bench_function(stage("parse"), |bencher| {
            bencher.iter(|| Store::new(&sources).parse_all(&ids));
        });
        group.bench_function(stage("build"), |bencher| {
            let store = Store::new(&sources);
            let options = BuildOptions::kustomize(RepoPath::root());
            bencher.iter(|| {
                let builder = Builder::new(&store);
                directories
                    .iter()
                    .map(|directory| builder.build(directory, &options).objects.len())
                    .sum::<usize>()
            });
        });
        group.bench_function(stage("render"), |bencher| {
            bencher.iter(|| engine::load(&Store::new(&sources), &config));
        });
        group.bench_function(stage("check"), |bencher| {
            bencher.iter(|| engine::check(&sources, &config));
        });
        group.finish();
    }
}

/// Each cluster has a list of all peers, so that there are as many entries as pairs of clusters. What is compared must not
/// grow faster than that list is long.
fn meshes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mesh");
    group.sample_size(10);
    for clusters in MESHES {
        let sources = SourceMap::from_memory(repository::Repository::mesh(clusters).0);
        let config = RunOptions::default();
        let peers = u64::try_from(clusters * clusters).unwrap_or(u64::MAX);
        group.throughput(Throughput::Elements(peers));
        let stage = |name: &str| BenchmarkId::new(name, format!("{clusters} clusters"));
        group.bench_function(stage("render"), |bencher| {
            bencher.iter(|| engine::load(&Store::new(&sources), &config));
        });
        group.bench_function(stage("check"), |bencher| {
            bencher.iter(|| engine::check(&sources, &config));
        });
    }
    group.finish();
}

/// What an editor waits for when a file is saved, on each of the real repositories below `MESHLINT_CORPUS`: the repository is opened
/// with a buffer in the place of a file in its middle, and checked.
fn saves(criterion: &mut Criterion) {
    let Some(corpus) = std::env::var_os("MESHLINT_CORPUS") else {
        return;
    };
    let mut roots: Vec<PathBuf> = fs::read_dir(corpus)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.path().canonicalize().ok())
        .filter(|path| path.is_dir())
        .collect();
    roots.sort();
    let mut group = criterion.benchmark_group("save");
    group.sample_size(10);
    for root in roots {
        let Some(buffer) = file_in_the_middle(&root) else {
            continue;
        };
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        group.bench_function(BenchmarkId::from_parameter(&name), |bencher| {
            bencher.iter(|| {
                let sources = SourceMap::open_with(&root, std::slice::from_ref(&buffer)).ok()?;
                Some(engine::check(&sources, &RunOptions::default()))
            });
        });
    }
    group.finish();
}

fn file_in_the_middle(root: &Path) -> Option<Buffer> {
    let sources = SourceMap::open(root).ok()?;
    let files = sources.files().iter();
    let manifests: Vec<_> = files
        .filter(|file| file.path().as_str().ends_with(".yaml"))
        .collect();
    let file = manifests.get(manifests.len() / 2)?;
    Some(Buffer {
        path: root.join(file.path().as_str()),
        content: file.bytes().ok()?.to_owned(),
    })
}

criterion_group!(benches, stages, meshes, saves);
criterion_main!(benches);
