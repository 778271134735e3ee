use crate::fleet::discover::discover;
use crate::fleet::found::Found;
use crate::flux::Discovery;
use crate::source::SourceMap;
use crate::yaml::Store;

fn found(files: &[(&str, &str)]) -> Found {
    let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, *text)));
    let store = Store::new(&sources);
    discover(&sources, &store, &Discovery::default())
}

/// Name, cluster id as the strongest layer states it, and chart version of each cluster.
fn shown(files: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let clusters = found(files).values.into_iter();
    let shown = clusters.map(|cluster| {
        let id = cluster.values.tree.text_at(&["cluster", "id"]).map(str::to_owned);
        let version = cluster
            .chart_version
            .and_then(|node| node.as_text().map(str::to_owned));
        (cluster.name, id.unwrap_or_default(), version.unwrap_or_default())
    });
    shown.collect()
}

fn three(name: &str, id: &str, version: &str) -> (String, String, String) {
    (name.to_owned(), id.to_owned(), version.to_owned())
}

#[test]
fn applications_of_the_chart_are_clusters() {
    let application = |name: &str, helm: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: cilium-{name}}}\nspec:\n  \
             source:\n    chart: cilium\n    targetRevision: 1.18.3\n    helm:\n{helm}"
        )
    };
    let east = application("east", "      valuesObject: {cluster: {id: 1, name: east}}\n");
    let west = application("west", "      values: |\n        cluster:\n          id: 2\n");
    let files = application(
        "north",
        "      valueFiles: [$values/cilium/north.yaml]\n      parameters: [{name: cluster.id, value: '3'}]\n",
    );
    assert_eq!(
        shown(&[
            ("argo/east.yaml", &east),
            ("argo/west.yaml", &west),
            ("argo/north.yaml", &files),
            ("cilium/north.yaml", "cluster: {id: 9, name: north}\nbpf: {}\n"),
        ]),
        [
            three("east", "1", "1.18.3"),
            three("north", "3", "1.18.3"),
            three("west", "2", "1.18.3")
        ]
    );
}

#[test]
fn an_application_set_makes_one_cluster_of_each_element() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: cilium}\nspec:\n  generators:\n  \
               - list:\n      elements:\n      - {cluster: east, id: 1}\n      - {cluster: west, id: 2}\n  template:\n    \
               metadata: {name: 'cilium-{{cluster}}'}\n    spec:\n      destination: {name: '{{.cluster}}'}\n      source:\n        \
               chart: cilium\n        targetRevision: 1.17.0\n        helm:\n          valuesObject:\n            \
               cluster: {id: '{{ id }}', name: '{{cluster}}'}\n";
    let all = found(&[("argo/set.yaml", set)]).values;
    assert_eq!(all.len(), 2);
    let id = all[1].values.tree.at(&["cluster", "id"]).unwrap();
    assert_eq!(id.as_str(), Some("2"), "text stays text");
    let at = id.origin().edit_span();
    assert_eq!(set.get(at.range()), Some("2"), "the element states it");
    assert_eq!(all[1].name, "west");
}

#[test]
fn files_and_directories_in_git_generate_too() {
    let set = |generator: &str, file: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: cilium}}\nspec:\n  goTemplate: true\n  generators:\n  \
             - git: {generator}\n  template:\n    metadata: {{name: '{{{{.path.basename}}}}'}}\n    spec:\n      source:\n        \
             path: charts/umbrella\n        helm:\n          valueFiles: ['{file}']\n"
        )
    };
    let chart = "name: umbrella\nversion: 0.1.0\ndependencies: [{name: cilium, version: 1.16.1}]\n";
    let values = |id: u32| format!("cilium: {{cluster: {{id: {id}}}}}\n");
    let (one, two) = (values(1), values(2));
    let by_file = set(
        "{files: [{path: clusters/*/config.yaml}]}",
        "/$r/{{.path.path}}/values.yaml",
    )
    .replace("/$r", "$r");
    let by_directory = set(
        "{directories: [{path: clusters/*}]}",
        "$r/clusters/{{.path.basename}}/values.yaml",
    );
    for set in [by_file, by_directory] {
        assert_eq!(
            shown(&[
                ("argo/set.yaml", &set),
                ("charts/umbrella/Chart.yaml", chart),
                ("clusters/a/config.yaml", "region: x"),
                ("clusters/a/values.yaml", &one),
                ("clusters/b/config.yaml", "region: y"),
                ("clusters/b/values.yaml", &two),
            ]),
            [three("a", "1", "1.16.1"), three("b", "2", "1.16.1")]
        );
    }
}
