//! What is known of a repository in one state of its files.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::links::Links;
use super::uses::Uses;
use crate::config::{self, ConfigFile};
use crate::engine::{Engine, Stage};
use crate::fleet::Fleet;
use crate::sink::{Known, Outcome, Reported, baseline, match_up};
use crate::source::{FileId, Lookup, RepoPath, SourceMap};
use crate::yaml::{Parses, Store};

/// A repository that was checked.
#[derive(Debug)]
pub(super) struct Analysis {
    pub(super) root: PathBuf,
    pub(super) sources: SourceMap,
    pub(super) fleet: Fleet,
    pub(super) findings: Vec<Reported>,
    parses: Parses,
    uses: OnceLock<Uses>,
    links: OnceLock<Links>,
}

impl Analysis {
    /// Checks what the files hold; nothing once `goes_on` says no.
    pub(super) fn of(
        root: &Path,
        sources: &SourceMap,
        remotes: &[String],
        engine: &mut Engine,
        goes_on: &dyn Fn(Stage) -> bool,
    ) -> Option<Self> {
        let mut sources = sources.clone();
        let analysis = |sources, fleet, findings, engine: &Engine| Self {
            root: root.to_owned(),
            sources,
            fleet,
            findings,
            parses: engine.parses().clone(),
            uses: OnceLock::new(),
            links: OnceLock::new(),
        };
        let configuration = match configuration(&sources) {
            Ok(configuration) => configuration,
            // As long as nobody knows what is asked for, nothing is found but that.
            Err(problems) => {
                return Some(analysis(sources, Fleet::default(), problems, engine));
            }
        };
        let mut config = configuration
            .as_ref()
            .map(|one| one.config.clone())
            .unwrap_or_default();
        config.discovery.remotes = remotes.to_vec();
        sources.exclude(&config.exclude);
        let mut run = engine.check(&sources, &config, goes_on)?;
        leave_out_known(&sources, configuration.as_ref(), &mut run.outcome);
        let mut findings = run.outcome.findings;
        findings.extend(
            configuration
                .iter()
                .flat_map(|one| one.unknown_clusters(&run.fleet)),
        );
        Some(analysis(sources, run.fleet, findings, engine))
    }

    /// The parsed files.
    pub(super) fn store(&self) -> Store<'_> {
        Store::after(&self.sources, self.parses.clone())
    }

    /// Where variables are used, in all clusters.
    pub(super) fn uses(&self) -> &Uses {
        self.uses.get_or_init(|| Uses::of(&self.fleet))
    }

    /// What refers to what, in all clusters.
    pub(super) fn links(&self) -> &Links {
        self.links.get_or_init(|| Links::of(&self.fleet, &self.store()))
    }

    /// The file at a path of this machine.
    pub(super) fn file_at(&self, path: &Path) -> Option<FileId> {
        self.sources.file_at(&below(&self.root, path)?)
    }

    /// Where a file lies on this machine.
    pub(super) fn path_of(&self, file: FileId) -> PathBuf {
        self.root.join(self.sources.file(file).path().as_str())
    }
}

/// The path inside a repository.
pub(super) fn below(root: &Path, path: &Path) -> Option<RepoPath> {
    let inside = path.strip_prefix(root).ok()?.to_str()?;
    Some(RepoPath::clamp(&inside.replace('\\', "/")))
}

fn configuration(sources: &SourceMap) -> Result<Option<ConfigFile>, Vec<Reported>> {
    let path = RepoPath::root().child(config::FILE);
    match sources.lookup(&path) {
        Lookup::File(file) => config::read(sources, sources.file(file).path(), file).map(Some),
        _ => Ok(None),
    }
}

/// Leaves out what the baseline lists. One that cannot be read lists nothing.
fn leave_out_known(sources: &SourceMap, configuration: Option<&ConfigFile>, outcome: &mut Outcome) {
    let file = configuration
        .and_then(|configuration| configuration.baseline.as_ref())
        .and_then(|path| sources.file_at(path));
    let text = file.and_then(|file| sources.file(file).text().ok());
    let known: Vec<Known> = text
        .and_then(|text| baseline::parse(text).ok())
        .unwrap_or_default();
    if !known.is_empty() {
        let marks = match_up(sources, &outcome.findings, &known).is_known;
        outcome.leave_out(sources, &[marks]);
    }
}
