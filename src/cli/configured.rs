//! A repository with its configuration.

use std::path::Path;

use super::Failure;
use super::args::ConfigArgs;
use super::repository::{self, Repository};
use super::scope::Scope;
use super::terminal::Terminal;
use crate::config::{self, ConfigFile};
use crate::engine::{self, RunOptions};
use crate::fleet::Fleet;
use crate::sink::Reported;
use crate::source::{Buffer, FileId, Lookup, Patterns, RepoPath, SourceMap};
use crate::text::suggest::nearest;
use crate::yaml::Store;

/// A repository and what its configuration says.
#[derive(Debug)]
pub(super) struct ConfiguredRepository {
    pub(super) repository: Repository,
    /// The options of the stages.
    pub(super) config: RunOptions,
    /// What `--exclude` covers.
    excluded: Patterns,
    configuration: Option<ConfigFile>,
}

/// Opens the repository of the scope and reads its configuration, or the one that is asked for.
pub(super) fn open(
    scope: &Scope,
    args: &ConfigArgs,
    buffers: &[Buffer],
    terminal: &Terminal,
) -> Result<ConfiguredRepository, Failure> {
    let mut repository = repository::open(&scope.start, scope.is_named, args.root.as_deref(), buffers)?;
    if let Some(remark) = repository.remark().filter(|_| scope.is_whole()) {
        terminal.remark(&remark);
    }
    let file = match &args.config {
        Some(file) => Some(asked_for(file, &mut repository)?),
        None => at_the_root(&repository.sources, terminal)?,
    };
    let remotes = repository.remotes();
    let Some((path, file)) = file else {
        let mut config = RunOptions::default();
        config.discovery.remotes = remotes;
        return Ok(ConfiguredRepository {
            repository,
            config,
            excluded: Patterns::default(),
            configuration: None,
        });
    };
    let configuration = config::read(&repository.sources, &path, file)
        .map_err(|problems| refuse(&repository.sources, problems, terminal))?;
    repository.sources.exclude(&configuration.config.exclude);
    let mut config = configuration.config.clone();
    config.discovery.remotes = remotes;
    Ok(ConfiguredRepository {
        repository,
        config,
        excluded: Patterns::default(),
        configuration: Some(configuration),
    })
}

impl ConfiguredRepository {
    /// Passes over what the command line excludes, besides what the configuration does.
    pub(super) fn exclude(&mut self, patterns: &[String]) -> Result<(), Failure> {
        let read = Patterns::new(patterns.iter().map(String::as_str));
        self.excluded = read.map_err(|error| Failure::Usage(format!("--exclude: {error}")))?;
        self.repository.sources.exclude(&self.excluded);
        Ok(())
    }

    /// Passes over the same of another tree of the repository.
    pub(super) fn exclude_from(&self, sources: &mut SourceMap) {
        sources.exclude(&self.config.exclude);
        sources.exclude(&self.excluded);
    }

    /// The file of the configuration.
    pub(super) fn file(&self) -> Option<FileId> {
        self.configuration.as_ref().map(ConfigFile::file)
    }

    /// The baseline that the configuration names.
    pub(super) fn baseline(&self) -> Option<&RepoPath> {
        self.configuration.as_ref()?.baseline.as_ref()
    }

    /// The clusters, of which there are some, and among them those that are named.
    pub(super) fn fleet(
        &self,
        store: &Store<'_>,
        named: &[String],
        terminal: &Terminal,
    ) -> Result<Fleet, Failure> {
        let fleet = engine::load(store, &self.config);
        self.check_clusters(&fleet, terminal)?;
        if fleet.clusters.is_empty() {
            return Err(self.repository.nothing());
        }
        known_clusters(named, &fleet)?;
        Ok(fleet)
    }

    /// Refuses a configuration with names that no cluster has.
    pub(super) fn check_clusters(&self, fleet: &Fleet, terminal: &Terminal) -> Result<(), Failure> {
        let unknown = self
            .configuration
            .as_ref()
            .map(|configuration| configuration.unknown_clusters(fleet))
            .unwrap_or_default();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(refuse(&self.repository.sources, unknown, terminal))
        }
    }
}

/// A filter that names no cluster would make every run clean.
pub(super) fn known_clusters(names: &[String], fleet: &Fleet) -> Result<(), Failure> {
    let known: Vec<&str> = fleet
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let hint = nearest(unknown, known.iter().copied()).map(|name| format!(" (did you mean `{name}`?)"));
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Err(Failure::Usage(format!(
        "no cluster is called `{unknown}`{}; found {}",
        hint.unwrap_or_default(),
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        }
    )))
}

/// The diagnostics go to standard error, like whatever else keeps a run from its findings.
fn refuse(sources: &SourceMap, problems: Vec<Reported>, terminal: &Terminal) -> Failure {
    let count = problems.len();
    terminal.complain_with(sources, problems);
    Failure::Configuration(count)
}

/// Where people look for a configuration that is not read.
const OTHER_PLACES: [&str; 4] = [
    ".meshlint.toml",
    ".github/meshlint.toml",
    ".config/meshlint.toml",
    "meshlint.yaml",
];

fn at_the_root(sources: &SourceMap, terminal: &Terminal) -> Result<Option<(RepoPath, FileId)>, Failure> {
    let is_there = |place: &&&str| sources.file_at(&RepoPath::clamp(place)).is_some();
    if let Some(place) = OTHER_PLACES.iter().find(is_there) {
        terminal.remark(&format!(
            "meshlint: `{place}` is not read: a configuration is called `{}` and lies at the root of the repository; \
             --config names another",
            config::FILE
        ));
    }
    let path = RepoPath::root().child(config::FILE);
    match sources.lookup(&path) {
        Lookup::File(file) => Ok(Some((sources.file(file).path().clone(), file))),
        Lookup::LeavesRepository => Err(Failure::Usage(format!(
            "`{}` is a link that leads out of the repository; name its target with --config",
            config::FILE
        ))),
        Lookup::Directory(_) | Lookup::Missing => Ok(None),
    }
}

/// A file that may lie outside of the repository.
pub(super) fn asked_for(file: &Path, repository: &mut Repository) -> Result<(RepoPath, FileId), Failure> {
    let name = file.display().to_string();
    let on_disk = file.canonicalize().map_err(|source| Failure::Io {
        what: format!("cannot read `{name}`"),
        source,
    })?;
    let inside = on_disk.strip_prefix(&repository.root).ok().and_then(Path::to_str);
    let known = inside.and_then(|inside| {
        let path = RepoPath::clamp(&inside.replace('\\', "/"));
        Some((path.clone(), repository.sources.file_at(&path)?))
    });
    Ok(known.unwrap_or_else(|| repository.sources.add_outside(&name, on_disk)))
}
