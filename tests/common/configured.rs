//! Checking files in memory with the `meshlint.toml` among them, as the program does on disk.

use meshlint::config::{self, FILE};
use meshlint::engine::{self, Run};
use meshlint::mesh::{self, Machines, Member};
use meshlint::sink::{Policy, Reported, Selector};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::Store;

use super::fleet::Files;

/// The files with a configuration beside them.
pub fn with(files: &Files, configuration: &str) -> Files {
    let mut files = files.clone();
    files.insert(FILE.to_owned(), configuration.to_owned());
    files
}

/// Checks the files as their configuration wants it; what is wrong with that is the error.
pub fn check(files: &Files) -> Result<Run, Vec<Reported>> {
    check_selected(files, &[])
}

/// The same with `--select`.
pub fn check_selected(files: &Files, select: &[&str]) -> Result<Run, Vec<Reported>> {
    let (sources, configuration) = read(files)?;
    let mut config = configuration.config.clone();
    config.policy = Policy {
        select: select.iter().map(|word| Selector::parse(word).unwrap()).collect(),
        ..config.policy
    };
    let run = engine::check(&sources, &config);
    let unknown = configuration.unknown_clusters(&run.fleet);
    if unknown.is_empty() { Ok(run) } else { Err(unknown) }
}

fn read(files: &Files) -> Result<(SourceMap, config::ConfigFile), Vec<Reported>> {
    let mut sources = SourceMap::from_memory(files.clone());
    let path = RepoPath::clamp(FILE);
    let file = sources.file_at(&path).expect("there is a configuration");
    let configuration = config::read(&sources, &path, file)?;
    sources.exclude(&configuration.config.exclude);
    Ok((sources, configuration))
}

/// Asks about what is known of the cluster of that name.
pub fn member<T>(files: &Files, name: &str, ask: impl FnOnce(&Member) -> T) -> T {
    let (sources, configuration) = read(files).expect("the configuration can be followed");
    let store = Store::new(&sources);
    let fleet = engine::load(&store, &configuration.config);
    let mesh = mesh::build_with(
        &fleet,
        &configuration.config.mesh,
        &Machines::read(&store),
        store.sources(),
    );
    ask(mesh
        .members
        .iter()
        .find(|member| member.name == name)
        .expect("there is such a cluster"))
}

/// Rule, level and file of every finding.
pub fn findings(run: &Run, files: &Files) -> Vec<(&'static str, String, String)> {
    let sources = SourceMap::from_memory(files.clone());
    let row = |one: &Reported| {
        let at = one.finding.primary().span;
        let path = sources.file(at.file).path().to_string();
        (one.rule.name, one.severity.to_string(), path)
    };
    run.outcome.findings.iter().map(row).collect()
}
