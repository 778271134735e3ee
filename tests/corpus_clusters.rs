//! Which clusters are found in real repositories, and how many Kustomizations each renders. Runs when
//! `MESHLINT_CORPUS` names a directory with one repository per directory; a change of a count is looked at by hand.

use std::fmt::Write as _;
use std::path::PathBuf;

use meshlint::fleet::{self, Cluster};
use meshlint::flux::Discovery;
use meshlint::kustomize::Builder;
use meshlint::source::SourceMap;
use meshlint::yaml::Store;

#[test]
fn clusters_and_kustomizations_of_real_repositories() {
    let Some(corpus) = std::env::var_os("MESHLINT_CORPUS") else {
        return;
    };
    let mut repositories: Vec<PathBuf> = std::fs::read_dir(corpus)
        .expect("the corpus can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    repositories.sort();
    let mut shown = String::new();
    for repository in repositories {
        let sources = SourceMap::open(&repository).expect("a repository can be opened");
        let store = Store::new(&sources);
        let builder = Builder::new(&store);
        let fleet = fleet::load(&sources, &store, &builder, &Discovery::default());
        let name = repository.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(shown, "{name}");
        for cluster in &fleet.clusters {
            let _ = writeln!(shown, "  {}", line(cluster));
        }
    }
    insta::assert_snapshot!(shown);
}

fn line(cluster: &Cluster) -> String {
    let all = cluster.kustomizations.len();
    let unseen = cluster
        .kustomizations
        .iter()
        .filter(|one| one.build.is_none())
        .count();
    let loose = cluster.loose_values.len();
    format!(
        "{} at {}: {all} Kustomizations, {unseen} not built, {loose} loose values",
        cluster.name, cluster.entry
    )
}
