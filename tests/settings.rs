//! The rules that compare the settings of clusters, on whole repositories: what is told, by which rule, and what is left
//! alone because it may be meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

/// A repository of clusters that all build `shared/` with their own settings.
struct Repository(BTreeMap<String, String>);

impl Repository {
    /// Clusters with the lines of their settings, and the data of the ConfigMap that they share.
    fn new(clusters: &[(&str, &str)], shared: &str) -> Self {
        let mut files = BTreeMap::new();
        for (cluster, settings) in clusters {
            let directory = format!("clusters/{cluster}");
            files.insert(
                format!("{directory}/flux-system/gotk-sync.yaml"),
                format!("{GIT_REPOSITORY}{}", kustomization("flux-system", &directory, "")),
            );
            files.insert(
                format!("{directory}/shared.yaml"),
                kustomization("shared", "shared", POST_BUILD),
            );
            files.insert(
                format!("{directory}/settings.yaml"),
                config_map("cluster-settings", "flux-system", settings),
            );
        }
        files.insert(
            "shared/configmap.yaml".to_owned(),
            config_map("shared", "default", shared),
        );
        Self(files)
    }

    fn with(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("no file `{path}`"));
        assert!(text.contains(from), "`{path}` has no `{from}`");
        *text = text.replace(from, to);
        self
    }

    /// `rule path:line: message`, one line for each finding.
    fn found(&self) -> Vec<String> {
        let sources = SourceMap::from_memory(self.0.clone());
        let findings = engine::check(&sources, &RunOptions::default()).outcome.findings;
        let lines = findings.iter().map(|one| {
            let span = one.finding.primary().span;
            let file = sources.file(span.file);
            let line = file.line_column(span.start).line;
            format!(
                "{} {}:{line}: {}",
                one.rule.name,
                file.path(),
                one.finding.message
            )
        });
        lines.collect()
    }
}

const GIT_REPOSITORY: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
    namespace: flux-system\nspec:\n  interval: 1h\n  url: https://github.com/acme/fleet\n";

const POST_BUILD: &str =
    "  postBuild:\n    substituteFrom:\n      - {kind: ConfigMap, name: cluster-settings}\n";

fn kustomization(name: &str, path: &str, more: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  path: {path}\n  prune: true\n  sourceRef:\n    \
         kind: GitRepository\n    name: flux-system\n{more}"
    )
}

fn config_map(name: &str, namespace: &str, data: &str) -> String {
    let data: String = data.split(", ").map(|line| format!("  {line}\n")).collect();
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {namespace}\ndata:\n{data}"
    )
}

fn nothing() -> Vec<String> {
    Vec::new()
}

mod missing_in_one_cluster {
    use super::*;

    const CLUSTERS: [(&str, &str); 3] = [
        ("apps", "NAME: apps, REGION: north, ZONE: n1"),
        ("edge", "NAME: edge"),
        ("infra", "NAME: infra, REGION: south, ZONE: s1"),
    ];

    #[test]
    fn what_one_of_three_lacks_is_one_finding_at_its_settings() {
        let shared = "name: '${NAME}', region: '${REGION:=west}', zone: '${ZONE:-w1}'";
        assert_eq!(
            Repository::new(&CLUSTERS, shared).found(),
            [
                "variable-missing-in-one-cluster clusters/edge/settings.yaml:5: variables `REGION` and `ZONE` have values in \
                 clusters `apps` and `infra`, while in `edge` their defaults stand in"
            ]
        );
    }

    #[test]
    fn without_a_default_it_is_undefined_and_told_once() {
        let found = Repository::new(&CLUSTERS, "name: '${NAME}', region: '${REGION}'").found();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with("undefined-variable "), "{found:#?}");
    }

    #[test]
    fn a_default_in_one_of_two_or_in_two_of_four_is_what_defaults_are_for() {
        let shared = "name: '${NAME}', region: '${REGION:=west}'";
        assert_eq!(Repository::new(&CLUSTERS[..2], shared).found(), nothing());
        let mut clusters = CLUSTERS.to_vec();
        clusters.push(("lab", "NAME: lab"));
        assert_eq!(Repository::new(&clusters, shared).found(), nothing());
    }

    #[test]
    fn a_default_made_for_the_other_cluster_is_told() {
        let clusters = [
            ("apps", "NAME: apps, HOST: apps.example.com"),
            ("infra", "NAME: infra"),
        ];
        let shared = "name: '${NAME}', host: '${HOST:=web.apps.example.com}'";
        let found = Repository::new(&clusters, shared).found();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with("variable-missing-in-one-cluster clusters/infra/settings.yaml:"));
    }

    #[test]
    fn text_that_only_one_cluster_leaves_is_told_at_its_kustomization() {
        let repository = || {
            let clusters = [("apps", "NAME: apps"), ("infra", "NAME: infra")];
            Repository::new(&clusters, "name: '${NAME}'").with("clusters/infra/shared.yaml", POST_BUILD, "")
        };
        assert_eq!(
            repository().found(),
            [
                "variable-missing-in-one-cluster clusters/infra/shared.yaml:5: Kustomization `flux-system/shared` of cluster \
                 `infra` leaves `${NAME}` as text, which cluster `apps` fills in"
            ]
        );
        let kept = repository().with(
            "shared/configmap.yaml",
            "metadata:\n",
            "metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n",
        );
        assert_eq!(kept.found(), nothing());
    }
}

mod copied {
    use super::*;

    const SHARED: &str = "name: '${NAME}', a: '${A_PATH}', b: '${B_PATH}', c: '${C_PATH}'";

    fn settings(name: &str, third: &str) -> String {
        format!("NAME: {name}, A_PATH: kv/{name}/a, B_PATH: kv/{name}/b, C_PATH: {third}")
    }

    #[test]
    fn of_two_clusters_other_values_of_that_form_show_what_is_meant() {
        let (apps, infra) = (settings("apps", "kv/infra/c"), settings("infra", "kv/infra/c"));
        assert_eq!(
            Repository::new(&[("apps", &apps), ("infra", &infra)], SHARED).found(),
            [
                "copied-cluster-value clusters/apps/settings.yaml:11: `C_PATH` of cluster `apps` is `kv/infra/c`, the value of \
                 cluster `infra`"
            ]
        );
    }

    #[test]
    fn a_value_of_another_form_may_be_meant_for_both() {
        let (apps, infra) = (settings("apps", "s3/infra/c"), settings("infra", "s3/infra/c"));
        assert_eq!(
            Repository::new(&[("apps", &apps), ("infra", &infra)], SHARED).found(),
            nothing()
        );
    }

    #[test]
    fn a_name_that_says_whose_value_it_is_is_believed() {
        for key in ["INFRA_PATH", "SHARED_PATH", "CA_PATH"] {
            let with_key = |name| settings(name, "kv/infra/c").replace("C_PATH", key);
            let (apps, infra) = (with_key("apps"), with_key("infra"));
            let shared = SHARED.replace("C_PATH", key);
            assert_eq!(
                Repository::new(&[("apps", &apps), ("infra", &infra)], &shared).found(),
                nothing(),
                "{key}"
            );
        }
    }

    #[test]
    fn a_third_cluster_with_the_value_shows_that_it_is_meant_for_all() {
        let all = [("apps", "infra"), ("edge", "infra"), ("infra", "infra")];
        let found = |all: [(&str, &str); 3]| {
            let settings = all.map(|(name, third)| settings(name, &format!("kv/{third}/c")));
            let clusters: Vec<(&str, &str)> = all
                .iter()
                .zip(&settings)
                .map(|((name, _), settings)| (*name, settings.as_str()))
                .collect();
            Repository::new(&clusters, SHARED).found()
        };
        assert_eq!(found(all), nothing());
        let found = found([("apps", "apps"), ("edge", "infra"), ("infra", "infra")]);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with("copied-cluster-value clusters/edge/settings.yaml:"));
    }
}
