//! Which clusters are found in real repositories, and how many Kustomizations each renders. Runs when
//! `MESHLINT_CORPUS` names a directory with one repository per directory; a change of a count is looked at by hand.

mod common;

use std::fmt::Write as _;

use meshlint::fleet::{self, Cluster};
use meshlint::flux::Discovery;
use meshlint::kustomize::Builder;
use meshlint::postbuild::Substituter;
use meshlint::source::SourceMap;
use meshlint::yaml::Store;

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn clusters_and_kustomizations_of_real_repositories() {
    let mut shown = String::new();
    for repository in common::corpus() {
        let sources = SourceMap::open(&repository).expect("a repository can be opened");
        let store = Store::new(&sources);
        let builder = Builder::new(&store);
        let fleet = fleet::load(
            &sources,
            &store,
            &builder,
            &Substituter::new(&sources),
            &Discovery::default(),
        );
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
