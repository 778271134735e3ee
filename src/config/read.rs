//! From a configuration of the right form to what the stages take. Paths are looked for in the repository.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::{category, flux_version};
use super::problem::ConfigProblem;
use crate::engine::RunOptions;
use crate::flux::{Discovery, GivenObject, GivenValue, SourceKey, SourceName, StatedCluster, StatedSource};
use crate::mesh::{MeshOptions, SettingsKeys, StatedMesh};
use crate::rules::find;
use crate::sink::{IgnoreEntry, Level, Policy, Selector};
use crate::source::{Anchor, Lookup, Patterns, RepoPath, SourceMap};
use crate::text::{Want, nearest_path};

/// A text and where it stands, its quotes included.
type Text<'t> = (&'t str, Range<usize>);

/// Reads a configuration whose form has been checked.
pub(super) struct Reader<'a> {
    pub(super) sources: &'a SourceMap,
    /// The configuration's own file.
    pub(super) file: &'a RepoPath,
    pub(super) problems: Vec<ConfigProblem>,
    /// Names that clusters of the repository are to have.
    pub(super) clusters: Vec<ClusterName>,
    /// The file of findings that are not reported.
    pub(super) baseline: Option<RepoPath>,
}

/// A name of a cluster in the configuration.
#[derive(Debug, Clone)]
pub(super) struct ClusterName {
    pub(super) name: String,
    pub(super) at: Range<usize>,
    /// The entry path that is stated beside it, when its table is to bring the cluster about.
    pub(super) entry: Option<(String, Range<usize>)>,
}

impl Reader<'_> {
    pub(super) fn config(&mut self, root: &DeTable<'_>) -> RunOptions {
        self.baseline = self.path(root, "baseline", Want::Any).map(|(path, _)| path);
        RunOptions {
            exclude: self.exclude(root),
            discovery: self.discovery(root),
            mesh: MeshOptions {
                settings: subtable(root, "settings").map(settings).unwrap_or_default(),
                meshes: self.meshes(root),
            },
            policy: self.policy(root),
        }
    }

    fn anchor(&self, at: &Range<usize>) -> Anchor {
        Anchor {
            path: self.file.clone(),
            start: at.start,
            end: at.end,
        }
    }

    fn exclude(&mut self, root: &DeTable<'_>) -> Patterns {
        let texts = texts(root, "exclude");
        for (pattern, at) in &texts {
            // One that takes back what another excludes covers nothing by itself.
            let covers_nothing = !pattern.starts_with('!') && !pattern.starts_with('#') && {
                let alone = Patterns::new([*pattern]).unwrap_or_default();
                !self.sources.files().iter().any(|file| alone.cover(file.path()))
            };
            if covers_nothing {
                let near = self.near(pattern.trim_matches('/'), Want::Any);
                self.problems.push(
                    ConfigProblem::new(
                        format!("no file is excluded by `{pattern}`"),
                        at.clone(),
                        "matches nothing",
                    )
                    .meant(near.as_deref(), || {
                        "remove it, or name files that are there".to_owned()
                    }),
                );
            }
        }
        Patterns::new(texts.iter().map(|(pattern, _)| *pattern)).unwrap_or_default()
    }

    fn near(&self, path: &str, want: Want) -> Option<String> {
        let path = RepoPath::root().join(path).ok()?;
        nearest_path(self.sources, &path, want).map(|near| near.to_string())
    }

    fn discovery(&mut self, root: &DeTable<'_>) -> Discovery {
        let flux = subtable(root, "flux");
        let version = flux.and_then(|flux| text(flux, "version"));
        Discovery {
            clusters: subtables(root, "cluster")
                .map(|table| self.cluster(table))
                .collect(),
            sources: subtables(root, "source")
                .filter_map(|table| self.source(table))
                .collect(),
            strict_substitution: flux.and_then(|flux| flag(flux, "strict-substitution")),
            flux_version: version.and_then(|(version, _)| flux_version(version)),
            remotes: Vec::new(),
        }
    }

    /// A path that has to be there.
    fn path(&mut self, table: &DeTable<'_>, key: &str, want: Want) -> Option<(RepoPath, Range<usize>)> {
        let (text, at) = text(table, key)?;
        let path = RepoPath::root().join(text).ok()?;
        let there = match self.sources.lookup(&path) {
            Lookup::Directory(_) => true,
            Lookup::File(_) => want == Want::Any,
            Lookup::Missing | Lookup::LeavesRepository => false,
        };
        if !there {
            let near = self.near(text, want);
            let what = if want == Want::Any {
                "nothing"
            } else {
                "no directory"
            };
            self.problems.push(
                ConfigProblem::new(format!("{what} is at `{text}`"), at.clone(), "not there")
                    .meant(near.as_deref(), || {
                        "write the path from the repository root".to_owned()
                    }),
            );
        }
        Some((path, at))
    }

    fn cluster(&mut self, table: &DeTable<'_>) -> StatedCluster {
        let (name, at) = text(table, "name").unwrap_or(("", 0..0));
        let entry = self.path(table, "entry", Want::Any);
        let root = self.path(table, "root", Want::Directory);
        if let (Some((entry, at)), Some((root, root_at))) = (&entry, &root)
            && !entry.starts_with(root)
        {
            let message = format!("the entry `{entry}` is not in the root `{root}` of its source");
            self.problems.push(
                ConfigProblem::new(message, at.clone(), "lies outside").other(root_at.clone(), "the root"),
            );
        }
        let same = self.clusters.iter().find(|other| other.name == name);
        if let Some(same) = same {
            self.problems.push(
                ConfigProblem::new(
                    format!("two tables are about cluster `{name}`"),
                    at.clone(),
                    "the second",
                )
                .other(same.at.clone(), "the first")
                .help("put both into one, or give the clusters different names"),
            );
        }
        self.clusters.push(ClusterName {
            name: name.to_owned(),
            at,
            entry: entry.as_ref().map(|(path, at)| (path.to_string(), at.clone())),
        });
        StatedCluster {
            name: name.to_owned(),
            entry: entry.map(|(path, _)| path),
            root: root.map(|(path, _)| path),
            source: text(table, "source").and_then(|(text, _)| {
                let (kind, namespace, name) = three_parts(text)?;
                Some(SourceName {
                    kind,
                    namespace,
                    name,
                })
            }),
            given: subtables(table, "bootstrap")
                .filter_map(|table| self.given(table))
                .collect(),
        }
    }

    fn given(&self, table: &DeTable<'_>) -> Option<GivenObject> {
        let (object, at) = text(table, "object")?;
        let (kind, namespace, name) = three_parts(object)?;
        let told = subtable(table, "values").into_iter().flatten();
        let told = told.filter_map(|(key, value)| {
            let (text, value_at) = as_text(value)?;
            Some(GivenValue {
                name: key.get_ref().to_string(),
                name_at: self.anchor(&key.span()),
                value: Some((text.to_owned(), self.anchor(&value_at))),
            })
        });
        let untold = texts(table, "names").into_iter().map(|(name, at)| GivenValue {
            name: name.to_owned(),
            name_at: self.anchor(&at),
            value: None,
        });
        let is_told = table.contains_key("values") || table.contains_key("names");
        Some(GivenObject {
            kind,
            namespace,
            name,
            at: self.anchor(&at),
            values: is_told.then(|| told.chain(untold).collect()),
        })
    }

    fn source(&mut self, table: &DeTable<'_>) -> Option<StatedSource> {
        let root = self.path(table, "path", Want::Directory).map(|(path, _)| path);
        let which = match text(table, "url") {
            Some((url, _)) => SourceKey::Address(url.to_owned()),
            None => source_key(text(table, "name")?.0),
        };
        Some(StatedSource { which, root })
    }

    fn meshes(&mut self, root: &DeTable<'_>) -> Vec<StatedMesh> {
        let mut taken: Vec<Text<'_>> = Vec::new();
        let mut meshes = Vec::new();
        for table in subtables(root, "mesh") {
            let clusters = texts(table, "clusters");
            for (name, at) in &clusters {
                if let Some((_, first)) = taken.iter().find(|(other, _)| other == name) {
                    self.problems.push(
                        ConfigProblem::new(
                            format!("cluster `{name}` is in a mesh twice"),
                            at.clone(),
                            "once more",
                        )
                        .other(first.clone(), "here already")
                        .help("a cluster belongs to one mesh at most"),
                    );
                }
                taken.push((name, at.clone()));
                self.clusters.push(ClusterName {
                    name: (*name).to_owned(),
                    at: at.clone(),
                    entry: None,
                });
            }
            let owned = |texts: Vec<Text<'_>>| texts.into_iter().map(|(text, _)| text.to_owned()).collect();
            meshes.push(StatedMesh {
                clusters: owned(clusters),
                external_peers: owned(texts(table, "external-peers")),
            });
        }
        meshes
    }

    fn policy(&self, root: &DeTable<'_>) -> Policy {
        let mut policy = Policy {
            preselected: texts(root, "select")
                .into_iter()
                .filter_map(|(word, _)| Selector::parse(word).ok())
                .collect(),
            ..Policy::default()
        };
        for (name, value) in subtable(root, "levels").into_iter().flatten() {
            let Some(level) = as_text(value).and_then(|(word, _)| level(word)) else {
                continue;
            };
            // A category's name is no rule's.
            match (find(name.get_ref()), category(name.get_ref())) {
                (Some(rule), _) => policy.levels.set_rule(rule, level),
                (None, Some(category)) => policy.levels.set_category(category, level),
                (None, None) => {}
            }
        }
        policy.entries = subtables(root, "ignore")
            .filter_map(|table| {
                let (rule, rule_at) = text(table, "rule")?;
                let (path, path_at) = text(table, "path")?;
                Some(IgnoreEntry {
                    rule: find(rule)?,
                    paths: Patterns::new([path]).ok()?,
                    clusters: texts(table, "clusters")
                        .into_iter()
                        .map(|(name, _)| name.to_owned())
                        .collect(),
                    object: text(table, "object")
                        .map(|(object, _)| object.rsplit('/').map(str::to_owned).collect())
                        .unwrap_or_default(),
                    rule_at: self.anchor(&rule_at),
                    path_at: self.anchor(&path_at),
                })
            })
            .collect();
        policy
    }
}

fn level(word: &str) -> Option<Level> {
    use crate::finding::Severity::{Error, Info, Warning};
    Some(match word {
        "error" => Level::At(Error),
        "warning" => Level::At(Warning),
        "info" => Level::At(Info),
        "off" => Level::Off,
        _ => return None,
    })
}

fn settings(table: &DeTable<'_>) -> SettingsKeys {
    let known = if flag(table, "defaults") == Some(false) {
        SettingsKeys::none()
    } else {
        SettingsKeys::default()
    };
    let names = |key: &str, known: Vec<String>| {
        let own = texts(table, key).into_iter().map(|(text, _)| text.to_owned());
        let mut all: Vec<String> = own.collect();
        let fresh: Vec<String> = known.into_iter().filter(|name| !all.contains(name)).collect();
        all.extend(fresh);
        all
    };
    SettingsKeys {
        cluster_id: names("cluster-id", known.cluster_id),
        cluster_name: names("cluster-name", known.cluster_name),
        pod_cidr: names("pod-cidr", known.pod_cidr),
        service_cidr: names("service-cidr", known.service_cidr),
        node_cidr: names("node-cidr", known.node_cidr),
        load_balancer_cidr: names("load-balancer-cidr", known.load_balancer_cidr),
        mesh_marker: names("mesh-marker", known.mesh_marker),
        config_map: names("config-map", known.config_map),
    }
}

fn source_key(text: &str) -> SourceKey {
    let mut parts = text.rsplit('/').map(str::to_owned);
    SourceKey::Name {
        name: parts.next().unwrap_or_default(),
        namespace: parts.next(),
        kind: parts.next(),
    }
}

fn three_parts(text: &str) -> Option<(String, String, String)> {
    let mut parts = text.split('/').map(str::to_owned);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn as_text<'t>(value: &'t Spanned<DeValue<'_>>) -> Option<Text<'t>> {
    match value.get_ref() {
        DeValue::String(text) => Some((text, value.span())),
        _ => None,
    }
}

fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Option<Text<'t>> {
    as_text(table.get(key)?)
}

fn flag(table: &DeTable<'_>, key: &str) -> Option<bool> {
    match table.get(key)?.get_ref() {
        DeValue::Boolean(value) => Some(*value),
        _ => None,
    }
}

fn texts<'t>(table: &'t DeTable<'_>, key: &str) -> Vec<Text<'t>> {
    match table.get(key).map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().filter_map(as_text).collect(),
        _ => Vec::new(),
    }
}

fn subtable<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
    match table.get(key)?.get_ref() {
        DeValue::Table(inner) => Some(inner),
        _ => None,
    }
}

fn subtables<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> impl Iterator<Item = &'t DeTable<'i>> {
    let items = match table.get(key).map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => Some(items.iter()),
        _ => None,
    };
    items
        .into_iter()
        .flatten()
        .filter_map(|item| match item.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => None,
        })
}
