//! `meshlint.toml`: what a repository says about itself and about what it wants to hear.
//!
//! A configuration becomes options of the stages, so that nothing else knows that there is one. What is wrong with it is
//! told as findings that point into it.

mod check;
mod keys;
mod problem;
mod read;
mod schema;
mod template;

use toml::de::DeTable;

pub use keys::{Key, ROOT, Table, What};
pub use schema::schema;
pub use template::template;

use self::problem::{ConfigProblem, reported};
use self::read::{ClusterName, Reader};
use crate::engine::RunOptions;
use crate::fleet::Fleet;
use crate::sink::Reported;
use crate::source::{FileId, ReadError, RepoPath, SourceMap};
use crate::text::suggest::nearest;

/// The name of the file at the root of a repository.
pub const FILE: &str = "meshlint.toml";

/// A configuration is written by hand; what is larger is none.
const MAX_BYTES: usize = 1024 * 1024;

/// A configuration that can be followed.
#[derive(Debug)]
pub struct ConfigFile {
    /// What the stages take of it.
    pub config: RunOptions,
    /// The file of findings that are not reported.
    pub baseline: Option<RepoPath>,
    file: FileId,
    clusters: Vec<ClusterName>,
}

/// Reads the configuration in a file of the map.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(sources: &SourceMap, path: &RepoPath, file: FileId) -> Result<ConfigFile, Vec<Reported>> {
    let text = match sources.file(file).text() {
        Ok(text) if text.len() > MAX_BYTES => return Err(reported(vec![too_large(text.len())], file)),
        Ok(text) => text,
        Err(error) => return Err(reported(vec![unreadable(error)], file)),
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let problems = errors.iter().map(|error| not_toml(error, text)).collect();
        return Err(reported(problems, file));
    }
    let root = root.into_inner();
    let mut problems = Vec::new();
    check::table(&root, &ROOT, 0..0, &mut problems);
    if !problems.is_empty() {
        return Err(reported(problems, file));
    }
    let mut reader = Reader {
        sources,
        file: path,
        problems,
        clusters: Vec::new(),
        baseline: None,
    };
    let config = reader.config(&root);
    let Reader {
        problems,
        clusters,
        baseline,
        ..
    } = reader;
    if !problems.is_empty() {
        return Err(reported(problems, file));
    }
    Ok(ConfigFile {
        config,
        file,
        clusters,
        baseline,
    })
}

fn unreadable(error: &ReadError) -> ConfigProblem {
    ConfigProblem::new(
        format!("the configuration cannot be read: {error}"),
        0..0,
        "from here on",
    )
}

fn too_large(bytes: usize) -> ConfigProblem {
    ConfigProblem::new(
        format!("{bytes} bytes are more than meshlint reads of a configuration ({MAX_BYTES} bytes)"),
        0..0,
        "too large",
    )
}

fn not_toml(error: &toml::de::Error, text: &str) -> ConfigProblem {
    let at = error.span().unwrap_or(0..text.len());
    ConfigProblem::new(
        format!("this is no TOML: {}", error.message()),
        at,
        "not understood",
    )
}

impl ConfigFile {
    /// The file that it was read from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The names in it that no cluster has.
    pub fn unknown_clusters(&self, fleet: &Fleet) -> Vec<Reported> {
        let known: Vec<&str> = fleet
            .clusters
            .iter()
            .map(|cluster| cluster.name.as_str())
            .collect();
        let unknown = self
            .clusters
            .iter()
            .filter(|one| !known.contains(&one.name.as_str()));
        let problems = unknown.map(|one| match &one.entry {
            Some((entry, at)) => ConfigProblem::new(
                format!("no cluster starts from `{entry}`"),
                at.clone(),
                "nothing to start from",
            )
            .help("name the directory that Flux starts from, or a file of Cilium values"),
            None => ConfigProblem::new(
                format!("no cluster is called `{}`", one.name),
                one.at.clone(),
                "not found",
            )
            .meant(nearest(&one.name, known.iter().copied()), || {
                match known.as_slice() {
                    [] => "state its `entry`; no cluster was found".to_owned(),
                    _ => format!(
                        "the clusters are {}",
                        problem::either(&known).replace(" or ", " and ")
                    ),
                }
            }),
        });
        reported(problems.collect(), self.file)
    }
}
