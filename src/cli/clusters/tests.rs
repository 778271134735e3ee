use super::*;
use crate::engine::{self, RunOptions};
use crate::report::Look;
use crate::source::SourceMap;

fn overview(sources: &SourceMap, width: usize) -> String {
    let config = RunOptions::default();
    let store = Store::new(sources);
    let fleet = engine::load(&store, &config);
    let mesh = mesh::build_with(&fleet, &config.mesh, &Machines::read(&store), store.sources());
    let described = selection::described(&mesh, &[]);
    let look = Look { width, ..Look::PLAIN };
    let mut out = Vec::new();
    overview::write(&mesh, &described, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn from_disk(fleet: &str) -> SourceMap {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fleets/");
    SourceMap::open(format!("{root}{fleet}").as_ref()).unwrap()
}

/// Values files of clusters without Flux, `cilium/NAME.yaml` each.
fn values<'a>(files: impl IntoIterator<Item = (&'a str, String)>) -> SourceMap {
    let files = files.into_iter();
    SourceMap::from_memory(files.map(|(name, text)| (format!("cilium/{name}.yaml"), text)))
}

#[test]
fn clusters_stand_beside_each_other_at_every_width() {
    let three = from_disk("three-clusters");
    insta::assert_snapshot!("three_clusters_at_80_columns", overview(&three, 80));
    insta::assert_snapshot!("three_clusters_at_120_columns", overview(&three, 120));
    for width in [80, 120] {
        let text = overview(&three, width);
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
    }
}

#[test]
fn every_kind_of_not_knowing_says_why() {
    let text = "cluster:\n  name: east\n  id: one\nclustermesh:\n  useAPIServer: true\n";
    let more = "cluster:\n  name: west\nipam:\n  mode: kubernetes\nclustermesh:\n  useAPIServer: false\n";
    let sources = values([("east", text.to_owned()), ("west", more.to_owned())]);
    insta::assert_snapshot!(overview(&sources, 120));
}

#[test]
fn many_clusters_with_one_list_of_peers_have_a_line_each() {
    let names: Vec<String> = (1..=24).map(|number| format!("c{number:02}")).collect();
    let peers = |names: &[String]| -> String {
        names
            .iter()
            .map(|name| format!("      - name: {name}\n"))
            .collect()
    };
    let text = |name: &str, names: &[String]| {
        let id: usize = name[1..].parse().unwrap();
        let config = format!("  config:\n    enabled: true\n    clusters:\n{}", peers(names));
        format!("cluster:\n  name: {name}\n  id: {id}\nclustermesh:\n  useAPIServer: true\n{config}")
    };
    let mut files: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), text(name, &names)))
        .collect();
    let table = |files: &[(&str, String)]| overview(&values(files.to_vec()), 400);
    let all = table(&files);
    assert_eq!(all.matches("all 23 others").count(), 24, "{all}");
    files[3].1 = text("c04", &names[1..]);
    let all_but_one = table(&files);
    assert_eq!(all_but_one.matches("all 23 others").count(), 23, "{all_but_one}");
    assert!(all_but_one.contains(" c02, c03, c04,"), "{all_but_one}");
}
