//! What a fence need not write: the rest of a document of a known form, and entry points.

/// What the text of a fence stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Form {
    /// The file itself.
    #[default]
    Whole,
    /// A diff of a file that the example began with.
    Change,
    /// `cilium`: the values of a HelmRelease of Cilium, of that version.
    Release(String),
    /// `mesh`: values laid over those of a member of a mesh, of that version.
    Member(String),
    /// `kustomization`, `settings`, `service`: laid over such an object.
    Object(&'static str),
}

/// The version of Cilium where a page names none.
const VERSION: &str = "1.18.3";

/// The version in `=1.19.6` or ` 1.19.6`.
pub fn version(text: &str) -> String {
    let version = text.trim_start_matches(['=', ' ']);
    if version.is_empty() { VERSION } else { version }.to_owned()
}

/// The `x` of `clusters/x/…`.
pub fn cluster(path: &str) -> Option<&str> {
    let (cluster, _) = path.strip_prefix("clusters/")?.split_once('/')?;
    Some(cluster)
}

impl Form {
    /// The form with that name.
    pub fn named(name: &str) -> Self {
        let (word, rest) = name.split_at(name.find('=').unwrap_or(name.len()));
        match word {
            "" => Self::Whole,
            "cilium" => Self::Release(version(rest)),
            "mesh" => Self::Member(version(rest)),
            "kustomization" => Self::Object(KUSTOMIZATION),
            "settings" => Self::Object(SETTINGS),
            "service" => Self::Object(SERVICE),
            other => panic!("no form is called `{other}`"),
        }
    }

    /// The file that the text stands for. Documents that name their kind are whole already.
    pub fn complete(&self, path: &str, text: &str, members: &[String]) -> String {
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        match self {
            Self::Whole | Self::Change => text.to_owned(),
            Self::Object(base) => {
                let base = base.replace("{name}", name);
                documents(text)
                    .map(|one| laid_over(&base, &one))
                    .collect::<Vec<_>>()
                    .join("---\n")
            }
            Self::Release(version) => with_first(text, |values| release(version, values)),
            Self::Member(version) => {
                let whole = with_first(text, |values| {
                    release(version, &merged(&member(path, members), values))
                });
                if text.contains("cilium-ca") {
                    whole
                } else {
                    format!("{whole}---\n{AUTHORITY}")
                }
            }
        }
    }
}

fn documents(text: &str) -> impl Iterator<Item = String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        if line == "---" {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    documents.into_iter()
}

fn with_first(text: &str, complete: impl Fn(&str) -> String) -> String {
    let mut documents = documents(text);
    let first = complete(&documents.next().unwrap_or_default());
    std::iter::once(first)
        .chain(documents)
        .collect::<Vec<_>>()
        .join("---\n")
}

fn laid_over(base: &str, text: &str) -> String {
    let is_whole = text.lines().any(|line| line.starts_with("kind: "));
    if is_whole {
        text.to_owned()
    } else {
        merged(base, text)
    }
}

fn release(version: &str, values: &str) -> String {
    let mut whole = RELEASE.replace("{version}", version);
    for line in values.lines() {
        whole.push_str(&format!("    {line}\n"));
    }
    whole
}

fn member(path: &str, members: &[String]) -> String {
    let place = cluster(path).and_then(|name| members.iter().position(|one| one == name));
    let (name, id) = match place {
        Some(at) => (members[at].as_str(), (at + 1).to_string()),
        None => ("${CLUSTER}", "${CLUSTER_ID}".to_owned()),
    };
    let mut values = MEMBER.replace("{name}", name).replace("{id}", &id);
    for peer in members {
        values.push_str(&format!(
            "      - name: {peer}\n        address: {peer}.mesh.cilium.io\n        port: 2379\n"
        ));
    }
    values
}

/// A key of a mapping with the lines that belong to it.
struct Entry<'a> {
    key: &'a str,
    line: &'a str,
    below: String,
}

/// Block mappings laid over one another, line by line, so that comments stay where they are.
fn merged(base: &str, over: &str) -> String {
    let (base, over) = (entries(base), entries(over));
    let mut text = String::new();
    for entry in &base {
        match over.iter().find(|one| one.key == entry.key) {
            Some(other) => add_united(entry, other, &mut text),
            None => add(entry, &mut text),
        }
    }
    for entry in &over {
        if base.iter().all(|one| one.key != entry.key) {
            add(entry, &mut text);
        }
    }
    text
}

fn add(entry: &Entry<'_>, text: &mut String) {
    text.push_str(entry.line);
    text.push('\n');
    text.push_str(&entry.below);
}

fn add_united(base: &Entry<'_>, over: &Entry<'_>, text: &mut String) {
    if is_mapping(base) && is_mapping(over) {
        // Marks of the key stand between it and what it holds.
        let is_mark = |line: &&str| line.trim_start().starts_with('#');
        let marks: String = over.below.split_inclusive('\n').take_while(is_mark).collect();
        let below = over.below.strip_prefix(&marks).unwrap_or_default();
        text.push_str(&format!("{}\n{marks}{}", over.line, merged(&base.below, below)));
    } else {
        add(over, text);
    }
}

/// Whether a mapping in block style stands below the key.
fn is_mapping(entry: &Entry<'_>) -> bool {
    let value = entry
        .line
        .trim_start()
        .strip_prefix(entry.key)
        .unwrap_or_default();
    let is_open = value.trim_start_matches(':').trim_start();
    let first = entry
        .below
        .lines()
        .map(str::trim)
        .find(|line| !line.starts_with('#'));
    (is_open.is_empty() || is_open.starts_with('#')) && first.is_some_and(|line| !line.starts_with('-'))
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let outer = text.lines().next().map_or(0, indent);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        let begins = indent(line) <= outer && !content.starts_with(['#', '-']) && !content.is_empty();
        match entries.last_mut() {
            Some(last) if !begins => {
                last.below.push_str(line);
                last.below.push('\n');
            }
            _ => entries.push(Entry {
                key: content.split(':').next().unwrap_or_default(),
                line,
                below: String::new(),
            }),
        }
    }
    entries
}

pub fn sync(cluster: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m
  url: ssh://git@git.example.org/platform/fleet
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m
  path: ./clusters/{cluster}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"
    )
}

const RELEASE: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: cilium
  namespace: kube-system
spec:
  interval: 1h
  url: https://helm.cilium.io
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cilium
  namespace: kube-system
spec:
  interval: 1h
  chart:
    spec:
      chart: cilium
      version: {version}
      sourceRef:
        kind: HelmRepository
        name: cilium
  values:
";

const MEMBER: &str = "\
cluster:
  name: {name}
  id: {id}
ipam: {mode: kubernetes}
clustermesh:
  useAPIServer: true
  apiserver:
    service:
      type: LoadBalancer
    tls:
      auto:
        method: cronJob
  config:
    enabled: true
    clusters:
";

const AUTHORITY: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: cilium-ca
  namespace: kube-system
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  dataFrom:
    - extract:
        key: mesh/ca
";

const KUSTOMIZATION: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  interval: 1h
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
";

const SETTINGS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: flux-system
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: shop
spec:
  selector:
    app: {name}
  ports:
    - name: http
      port: 80
";
