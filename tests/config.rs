//! What each key of `meshlint.toml` does to a run, and how its mistakes are told.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::configured::{check, check_selected, findings, member, with};
use common::fleet::{self, Files, replace};
use meshlint::engine::Run;

const SETTINGS: &str = "clusters/infra/cluster-settings.yaml";

/// Rules of all findings with their levels, each once.
fn rules(files: &Files) -> Vec<String> {
    let run = check(files).expect("the configuration can be followed");
    let mut rules: Vec<String> = findings(&run, files)
        .into_iter()
        .map(|(rule, level, _)| format!("{level} {rule}"))
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

fn names(run: &Run) -> Vec<&str> {
    run.fleet
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect()
}

/// Message, labelled text and help of everything wrong with a configuration.
fn problems(files: &Files, configuration: &str) -> Vec<(String, String, String)> {
    let files = with(files, configuration);
    let problems = check(&files).expect_err("the configuration is wrong");
    problems
        .into_iter()
        .map(|one| {
            let at = one.finding.primary().span.range();
            let snippet = configuration.get(at).unwrap_or_default().to_owned();
            (one.finding.message, snippet, one.finding.help.unwrap_or_default())
        })
        .collect()
}

fn two_clusters() -> Files {
    fleet::read("two-clusters")
}

fn duplicate_id() -> Files {
    fleet::read("duplicate-id")
}

mod rules_and_levels {
    use super::*;

    const BROKEN: &str = "/services/catalogue/service.yaml";

    #[test]
    fn select_says_which_rules_run() {
        let mut files = duplicate_id();
        replace(
            &mut files,
            SETTINGS,
            "  LB_POOL:",
            "  NOBODY_NEEDS_IT: x\n  LB_POOL:",
        );
        assert_eq!(rules(&with(&files, "")), ["error duplicate-cluster-id"]);
        let both = with(&files, "select = [\"default\", \"unused-variable\"]");
        assert_eq!(
            rules(&both),
            ["error duplicate-cluster-id", "info unused-variable"]
        );
        assert_eq!(rules(&with(&files, "select = [\"flux\"]")), [""; 0]);
        let run = check_selected(&both, &["mesh"]).unwrap();
        assert_eq!(findings(&run, &both).len(), 1, "--select takes its place");
    }

    #[test]
    fn levels_are_of_the_rule_else_of_its_category() {
        let files = duplicate_id();
        let levels = |text: &str| rules(&with(&files, &format!("[levels]\n{text}\n")));
        assert_eq!(
            levels("duplicate-cluster-id = \"info\""),
            ["info duplicate-cluster-id"]
        );
        assert_eq!(levels("mesh = \"warning\""), ["warning duplicate-cluster-id"]);
        assert_eq!(
            levels("mesh = \"off\"\nduplicate-cluster-id = \"error\""),
            ["error duplicate-cluster-id"]
        );
        assert_eq!(levels("duplicate-cluster-id = \"off\""), [""; 0]);
        assert_eq!(levels("mesh = \"off\""), [""; 0]);
    }

    #[test]
    fn a_level_turns_a_pedantic_rule_on_but_a_category_does_not() {
        let mut files = two_clusters();
        replace(
            &mut files,
            SETTINGS,
            "  LB_POOL:",
            "  NOBODY_NEEDS_IT: x\n  LB_POOL:",
        );
        let levels = |text: &str| rules(&with(&files, &format!("[levels]\n{text}\n")));
        assert_eq!(
            levels("unused-variable = \"warning\""),
            ["warning unused-variable"]
        );
        assert_eq!(levels("flux = \"warning\""), [""; 0]);
    }

    #[test]
    fn who_selects_a_rule_by_name_gets_it_even_when_it_is_off() {
        let files = with(&duplicate_id(), "[levels]\nmesh = \"off\"\n");
        let count = |select: &[&str]| findings(&check_selected(&files, select).unwrap(), &files);
        assert!(count(&["mesh"]).is_empty());
        assert!(count(&["all"]).is_empty());
        let (rule, level, _) = count(&["duplicate-cluster-id"]).pop().unwrap();
        assert_eq!((rule, level.as_str()), ("duplicate-cluster-id", "error"));
    }

    fn ignoring(rule: &str, path: &str) -> String {
        format!("[[ignore]]\nrule = \"{rule}\"\npath = \"{path}\"\nreason = \"until June\"\n")
    }

    #[test]
    fn ignored_findings_are_counted_and_entries_in_vain_are_told() {
        let files = with(&duplicate_id(), &ignoring("duplicate-cluster-id", "/clusters/"));
        let run = check(&files).unwrap();
        assert_eq!(
            (run.outcome.findings.len(), run.outcome.summary.suppressed),
            (0, 1)
        );

        let files = with(&duplicate_id(), &ignoring("duplicate-cluster-id", BROKEN));
        let found = findings(&check(&files).unwrap(), &files);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[1],
            ("unused-ignore", "warning".to_owned(), "meshlint.toml".to_owned())
        );
        let files = with(&two_clusters(), &ignoring("missing-path", "/nothing/here/"));
        let run = check(&files).unwrap();
        let labels = &run.outcome.findings[0].finding.labels;
        assert_eq!(labels[1].text, "matches no file");
    }

    #[test]
    fn an_entry_for_a_cluster_or_an_object_leaves_the_others() {
        let ignoring = |more: &str| {
            let entry = ignoring("missing-path", "/shared/");
            let object = "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: gone\n  \
                          namespace: flux-system\nspec:\n  interval: 1h\n  path: ./gone\n  prune: true\n  sourceRef:\n    kind: \
                          GitRepository\n    name: flux-system\n";
            let mut files = with(&two_clusters(), &format!("{entry}{more}\n"));
            files.insert("shared/gone.yaml".to_owned(), object.to_owned());
            for cluster in ["apps", "infra"] {
                let parent = object.replace("gone", "parent").replace("./parent", "./shared");
                files.insert(format!("clusters/{cluster}/parent.yaml"), parent);
                let settings = "  - cluster-settings.yaml\n";
                let path = format!("clusters/{cluster}/kustomization.yaml");
                replace(
                    &mut files,
                    &path,
                    settings,
                    &format!("{settings}  - parent.yaml\n"),
                );
            }
            let run = check(&files).unwrap();
            let found = run.outcome.findings.iter();
            let found = found.filter(|found| found.rule.name == "missing-path");
            found
                .map(|found| found.finding.clusters.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ignoring("").len(), 0);
        assert_eq!(ignoring("clusters = [\"infra\"]"), [["apps"]]);
        assert_eq!(ignoring("clusters = [\"infra\", \"apps\"]").len(), 0);
        for object in ["gone", "flux-system/gone", "Kustomization/flux-system/gone"] {
            assert_eq!(ignoring(&format!("object = \"{object}\"")).len(), 0, "{object}");
        }
        for object in ["other", "apps/gone", "HelmRelease/flux-system/gone"] {
            assert_eq!(
                ignoring(&format!("object = \"{object}\"")),
                [["apps", "infra"]],
                "{object}"
            );
        }
    }

    #[test]
    fn an_entry_needs_a_reason() {
        let without = "[[ignore]]\nrule = \"missing-path\"\npath = \"x\"\n";
        let (message, at, _) = problems(&two_clusters(), without).pop().unwrap();
        assert_eq!(
            (message.as_str(), at.as_str()),
            ("`reason` is missing", "[[ignore]]")
        );
        let dashes = format!("{without}reason = \"--\"\n");
        let (message, at, _) = problems(&two_clusters(), &dashes).pop().unwrap();
        assert_eq!(
            (message.as_str(), at.as_str()),
            ("an entry gives no reason", "\"--\"")
        );
    }
}

mod clusters {
    use super::*;

    #[test]
    fn excluded_paths_hold_no_cluster_and_are_not_counted() {
        let files = two_clusters();
        let all = check(&with(&files, "")).unwrap();
        let less = check(&with(&files, "exclude = [\"/clusters/infra/\"]")).unwrap();
        assert_eq!((names(&all), names(&less)), (vec!["apps", "infra"], vec!["apps"]));
        assert!(less.outcome.summary.files < all.outcome.summary.files);
    }

    #[test]
    fn a_found_cluster_takes_the_stated_name() {
        let stated = "[[cluster]]\nname = \"east\"\nentry = \"./clusters/infra\"\n";
        assert_eq!(
            names(&check(&with(&two_clusters(), stated)).unwrap()),
            ["apps", "east"]
        );
        let values = fleet::read("seed-values-files");
        let stated = "[[cluster]]\nname = \"one\"\nentry = \"values-east.yaml\"\n";
        assert_eq!(names(&check(&with(&values, "")).unwrap()), ["east"]);
        assert_eq!(names(&check(&with(&values, stated)).unwrap()), ["one"]);
    }

    #[test]
    fn a_renamed_cluster_keeps_what_goes_by_its_old_name() {
        let mut files = two_clusters();
        let values = "cluster:\n  name: infra\n  id: 9\nipam:\n  mode: kubernetes\n";
        files.insert("bootstrap/infra/cilium-values.yaml".to_owned(), values.to_owned());
        let stated = "[[cluster]]\nname = \"east\"\nentry = \"clusters/infra\"\n";
        let found = rules(&with(&files, ""));
        assert!(
            found.contains(&"warning conflicting-cluster-values".to_owned()),
            "{found:?}"
        );
        assert_eq!(rules(&with(&files, stated)), found);
    }

    #[test]
    fn a_stated_entry_brings_a_cluster_about() {
        let mut files = two_clusters();
        let copies: Vec<(String, String)> = files
            .iter()
            .filter(|(path, _)| path.starts_with("clusters/infra/") && !path.contains("gotk-sync"))
            .map(|(path, text)| (path.replace("clusters/infra", "lab/third"), text.clone()))
            .collect();
        files.extend(copies);
        files.insert(
            "lab/third/flux-system/kustomization.yaml".to_owned(),
            "resources: []\n".to_owned(),
        );
        assert_eq!(names(&check(&with(&files, "")).unwrap()).len(), 2);
        let stated = "[[cluster]]\nname = \"third\"\nentry = \"lab/third\"\n";
        let run = check(&with(&files, stated)).unwrap();
        assert_eq!(names(&run), ["apps", "infra", "third"]);
        let third = &run.fleet.clusters[2];
        assert!(
            third
                .kustomization("flux-system", "cilium")
                .is_some_and(|one| one.build.is_some())
        );
    }

    /// A cluster whose source holds the directory `fleet` only, and names itself in the namespace `gitops`.
    fn below_a_directory() -> Files {
        let apps = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  \
                    namespace: gitops\nspec:\n  path: ./apps\n  sourceRef:\n    kind: OCIRepository\n    name: fleet\n";
        Files::from([
            ("fleet/start/apps.yaml".to_owned(), apps.to_owned()),
            (
                "fleet/apps/settings.yaml".to_owned(),
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n".to_owned(),
            ),
        ])
    }

    #[test]
    fn root_and_source_say_what_the_paths_start_from() {
        let built = |configuration: &str| {
            let run = check(&with(&below_a_directory(), configuration)).unwrap();
            let cluster = &run.fleet.clusters[0];
            let apps = cluster.kustomization("gitops", "apps").unwrap();
            let entry = &cluster.kustomizations[0];
            (apps.objects.len(), entry.full_name())
        };
        let entry = "[[cluster]]\nname = \"x\"\nentry = \"fleet/start\"\n";
        assert_eq!(built(entry).0, 0);
        let root = format!("{entry}root = \"fleet\"\n");
        let source = "source = \"OCIRepository/gitops/fleet\"\n";
        assert_eq!(built(&format!("{root}{source}")), (1, "gitops/fleet".to_owned()));
        let other = "source = \"OCIRepository/gitops/other\"\n";
        assert_eq!(built(&format!("{root}{other}")), (0, "gitops/other".to_owned()));
    }

    fn without_settings() -> Files {
        let mut files = two_clusters();
        for cluster in ["infra", "apps"] {
            files.remove(&format!("clusters/{cluster}/cluster-settings.yaml"));
            let kustomization = format!("clusters/{cluster}/kustomization.yaml");
            replace(&mut files, &kustomization, "  - cluster-settings.yaml\n", "");
        }
        files
    }

    fn bootstrap(cluster: &str, id: u8, pods: &str) -> String {
        format!(
            "[[cluster]]\nname = \"{cluster}\"\n[[cluster.bootstrap]]\nobject = \"ConfigMap/flux-system/cluster-settings\"\n\
             names = [\"API_SERVER_HOST\", \"CLUSTERMESH_IP\", \"LB_POOL\"]\n[cluster.bootstrap.values]\n\
             CLUSTER_NAME = \"{cluster}\"\nCLUSTER_ID = \"{id}\"\nPOD_CIDR = \"{pods}\"\n"
        )
    }

    #[test]
    fn what_bootstrap_gives_is_substituted_and_can_be_pointed_at() {
        let files = without_settings();
        assert_eq!(rules(&with(&files, "")), ["warning missing-substitute-source"]);

        let [infra, apps] = [("infra", "10.64.0.0/16"), ("apps", "10.65.0.0/16")]
            .map(|(name, pods)| bootstrap(name, 1, pods));
        let files = with(&files, &format!("{infra}{apps}"));
        let run = check(&files).unwrap();
        let found = findings(&run, &files);
        assert_eq!(
            found,
            [(
                "duplicate-cluster-id",
                "error".to_owned(),
                "meshlint.toml".to_owned()
            )]
        );
        let at = run.outcome.findings[0].finding.primary().span.range();
        assert_eq!(files["meshlint.toml"].get(at), Some("\"1\""));
    }

    #[test]
    fn what_bootstrap_holds_is_complete_when_it_is_told() {
        let files = without_settings();
        let told = |rest: &str| {
            let table = |name: &str| {
                format!(
                    "[[cluster]]\nname = \"{name}\"\n[[cluster.bootstrap]]\n\
                     object = \"ConfigMap/flux-system/cluster-settings\"\n{rest}\n"
                )
            };
            rules(&with(&files, &(table("infra") + &table("apps"))))
        };
        // It may hold anything.
        assert_eq!(told(""), [""; 0]);
        assert_eq!(told("names = [\"POD_CIDR\"]"), ["error undefined-variable"]);
    }

    #[test]
    fn a_second_object_or_namespace_is_not_given() {
        let files = without_settings();
        let other = "[[cluster]]\nname = \"infra\"\n[[cluster.bootstrap]]\nobject = \"ConfigMap/default/cluster-settings\"\n";
        // Known to lie in another namespace of the one cluster, it is provably missing there.
        assert_eq!(
            rules(&with(&files, other)),
            [
                "error missing-substitute-source",
                "warning missing-substitute-source"
            ]
        );
    }
}

mod meshes {
    use super::*;

    fn mesh(clusters: &str, rest: &str) -> String {
        format!("[[mesh]]\nclusters = [{clusters}]\n{rest}\n")
    }

    #[test]
    fn clusters_of_two_meshes_are_not_compared() {
        let mut files = duplicate_id();
        assert_eq!(
            rules(&with(&files, &mesh("\"apps\", \"infra\"", ""))),
            ["error duplicate-cluster-id"]
        );
        let apart = mesh("\"apps\"", "") + &mesh("\"infra\"", "");
        assert!(!rules(&with(&files, &apart)).contains(&"error duplicate-cluster-id".to_owned()));
        // Nothing tells that these two belong together but the statement.
        let release = "infrastructure/cilium/app/helm-release.yaml";
        let text = files[release].clone();
        let without_mesh = text.split("    clustermesh:\n").next().unwrap().to_owned();
        files.insert(release.to_owned(), without_mesh);
        replace(
            &mut files,
            "delivery/kustomization.yaml",
            "  - catalogue.yaml\n",
            "",
        );
        for cluster in ["infra", "apps"] {
            let settings = format!("clusters/{cluster}/cluster-settings.yaml");
            replace(&mut files, &settings, "  CLUSTERMESH_IP:", "  OTHER_IP:");
        }
        let silent = with(&files, "[levels]\nflux = \"off\"\nservice = \"off\"");
        assert_eq!(rules(&silent), [""; 0]);
        let stated = with(
            &files,
            &format!(
                "{}[levels]\nflux = \"off\"\nservice = \"off\"",
                mesh("\"apps\", \"infra\"", "")
            ),
        );
        assert_eq!(rules(&stated), ["error duplicate-cluster-id"]);
    }

    #[test]
    fn external_peers_are_meant_although_no_cluster_has_their_name() {
        let mut files = two_clusters();
        let release = "infrastructure/cilium/app/helm-release.yaml";
        replace(
            &mut files,
            release,
            "          - name: apps\n",
            "          - name: app\n            ips:\n              - 10.20.7.1\n            port: 2379\n          - name: apps\n",
        );
        let all = mesh("\"apps\", \"infra\"", "");
        assert!(rules(&with(&files, &all)).contains(&"error unknown-peer".to_owned()));
        let known = mesh("\"apps\", \"infra\"", "external-peers = [\"app\"]");
        assert_eq!(rules(&with(&files, &known)), [""; 0]);
    }

    #[test]
    fn a_peer_like_no_cluster_is_unknown_only_where_those_of_elsewhere_are_listed() {
        let mut files = two_clusters();
        let release = "infrastructure/cilium/app/helm-release.yaml";
        replace(
            &mut files,
            release,
            "          - name: apps\n",
            "          - name: frankfurt\n            ips:\n              - 10.20.7.1\n            port: 2379\n          - name: apps\n",
        );
        let unknown = "error unknown-peer".to_owned();
        assert!(!rules(&with(&files, "")).contains(&unknown));
        let others = mesh("\"apps\", \"infra\"", "external-peers = [\"london\"]");
        assert!(rules(&with(&files, &others)).contains(&unknown));
        let known = mesh("\"apps\", \"infra\"", "external-peers = [\"frankfurt\"]");
        assert!(!rules(&with(&files, &known)).contains(&unknown));
    }
}

mod sources {
    use super::*;

    const CATALOGUE: &str = "delivery/catalogue.yaml";

    fn from_another(text: &str) -> Files {
        let mut files = two_clusters();
        replace(
            &mut files,
            CATALOGUE,
            "    name: flux-system\n  timeout",
            "    name: shop\n  timeout",
        );
        replace(&mut files, CATALOGUE, "./services/catalogue", "./catalogue");
        files.get_mut("delivery/catalogue.yaml").unwrap().push_str(text);
        files
    }

    const REPOSITORY: &str = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: shop\n  \
                              namespace: flux-system\nspec:\n  url: https://git.example.org/shop.git\n";

    fn services(files: &Files) -> usize {
        check(files).unwrap().fleet.clusters[0]
            .objects_of("Service")
            .count()
    }

    #[test]
    fn a_source_is_mapped_by_its_address() {
        let files = from_another(REPOSITORY);
        assert_eq!(services(&with(&files, "")), 0);
        let mapped = "[[source]]\nurl = \"ssh://git@git.example.org/shop\"\npath = \"services\"\n";
        assert_eq!(services(&with(&files, mapped)), 1);
        let other = "[[source]]\nurl = \"https://git.example.org/other\"\npath = \"services\"\n";
        assert_eq!(services(&with(&files, other)), 0);
    }

    #[test]
    fn a_source_is_mapped_by_its_name_and_then_it_is_there() {
        let files = from_another("");
        assert!(rules(&with(&files, "")).contains(&"error missing-source".to_owned()));
        for name in ["shop", "flux-system/shop", "GitRepository/flux-system/shop"] {
            let mapped = with(
                &files,
                &format!("[[source]]\nname = \"{name}\"\npath = \"services\"\n"),
            );
            assert_eq!(services(&mapped), 1, "{name}");
            assert_eq!(rules(&mapped), [""; 0], "{name}");
        }
        for name in ["default/shop", "OCIRepository/flux-system/shop"] {
            let mapped = with(
                &files,
                &format!("[[source]]\nname = \"{name}\"\npath = \"services\"\n"),
            );
            assert_eq!(services(&mapped), 0, "{name}");
        }
    }

    #[test]
    fn a_source_elsewhere_is_not_looked_for_here() {
        let mut files = from_another(REPOSITORY);
        // The same address as the repository's own, whose files are the same unless it is said otherwise.
        replace(
            &mut files,
            CATALOGUE,
            "https://git.example.org/shop.git",
            "ssh://git@git.example.org/platform/fleet\n  ref: {branch: main}",
        );
        replace(&mut files, CATALOGUE, "./catalogue", "./services/catalogue");
        assert_eq!(services(&with(&files, "")), 1);
        for by in ["name = \"shop\"", "name = \"GitRepository/flux-system/shop\""] {
            assert_eq!(
                services(&with(&files, &format!("[[source]]\n{by}\nelsewhere = true\n"))),
                0
            );
        }
    }
}

mod flux {
    use super::*;

    #[test]
    fn version_and_strictness_say_what_an_undefined_variable_does() {
        let mut files = two_clusters();
        replace(
            &mut files,
            "services/catalogue/service.yaml",
            "name: catalogue\n",
            "name: catalogue\n  labels: {tier: \"${NOBODY}\"}\n",
        );
        let level = |configuration: &str| {
            let found = rules(&with(&files, configuration));
            found
                .into_iter()
                .find(|rule| rule.ends_with(" undefined-variable"))
                .unwrap_or_default()
        };
        let (strict, lenient) = ("error undefined-variable", "warning undefined-variable");
        assert_eq!(level(""), strict);
        assert_eq!(level("[flux]\nversion = \"2.8\"\n"), lenient);
        assert_eq!(level("[flux]\nversion = \"2.9.1\"\n"), strict);
        assert_eq!(level("[flux]\nstrict-substitution = false\n"), lenient);
        assert_eq!(
            level("[flux]\nversion = \"2.8\"\nstrict-substitution = true\n"),
            strict
        );
    }
}

mod settings {
    use super::*;

    /// Both clusters with every setting under a name of their own.
    fn renamed() -> Files {
        let mut files = two_clusters();
        let release = "infrastructure/cilium/app/helm-release.yaml";
        // What only the settings state then.
        replace(&mut files, release, "      id: ${CLUSTER_ID}\n", "");
        replace(&mut files, release, "      name: ${CLUSTER_NAME}\n", "      {}\n");
        replace(
            &mut files,
            release,
            "    ipam:\n      mode: cluster-pool\n      operator:\n        clusterPoolIPv4PodCIDRList:\n          - ${POD_CIDR}\n",
            "    ipam:\n      mode: kubernetes\n",
        );
        let own = "MY_ID: \"7\"\n  MY_NAME: seven\n  MY_PODS: 10.7.0.0/16\n  MY_SERVICES: 10.8.0.0/16\n  MY_NODES: 10.9.0.0/16\n  \
                   MY_BALANCERS: 10.10.0.0/16\n  JOINED_MESH: x\n";
        let settings = files.get_mut(SETTINGS).unwrap();
        *settings = settings.replace("name: cluster-settings", "name: facts");
        let (head, _) = settings.split_once("  CLUSTER_NAME:").unwrap();
        *settings = format!("{head}  {own}");
        files
    }

    const ALL: &str = "[settings]\nconfig-map = [\"facts\"]\ncluster-id = [\"MY_ID\"]\ncluster-name = [\"MY_NAME\"]\n\
                       pod-cidr = [\"MY_PODS\"]\nservice-cidr = [\"MY_SERVICES\"]\nnode-cidr = [\"MY_NODES\"]\n\
                       load-balancer-cidr = [\"MY_BALANCERS\"]\nmesh-marker = [\"JOINED\"]\n";

    fn ranges(fact: &meshlint::mesh::Fact<Vec<meshlint::mesh::Range>>) -> Vec<String> {
        fact.get()
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_kind_of_setting_is_recognised_by_its_stated_name() {
        let files = with(&renamed(), ALL);
        member(&files, "infra", |infra| {
            assert_eq!(infra.id.best().and_then(|best| best.value), Some(7));
            assert_eq!(
                infra.cluster_name.best().and_then(|best| best.value.as_deref()),
                Some("seven")
            );
            assert_eq!(ranges(&infra.pod_cidrs), ["10.7.0.0/16"]);
            assert_eq!(ranges(&infra.service_cidrs), ["10.8.0.0/16"]);
            assert_eq!(ranges(&infra.node_cidrs), ["10.9.0.0/16"]);
            assert!(
                infra
                    .mesh_signs
                    .iter()
                    .any(|sign| sign.route == "data.JOINED_MESH")
            );
        });
        let unnamed = |key: &str| {
            with(
                &renamed(),
                &ALL.lines()
                    .filter(|line| !line.starts_with(key))
                    .fold(String::new(), |text, line| text + line + "\n"),
            )
        };
        member(&unnamed("cluster-id"), "infra", |infra| {
            assert!(infra.id.best().is_none())
        });
        member(&unnamed("cluster-name"), "infra", |infra| {
            assert!(infra.cluster_name.best().is_none())
        });
        member(&unnamed("pod-cidr"), "infra", |infra| {
            assert!(ranges(&infra.pod_cidrs).is_empty())
        });
        member(&unnamed("service-cidr"), "infra", |infra| {
            assert!(ranges(&infra.service_cidrs).is_empty())
        });
        member(&unnamed("node-cidr"), "infra", |infra| {
            assert!(ranges(&infra.node_cidrs).is_empty())
        });
        member(&unnamed("mesh-marker"), "infra", |infra| {
            assert!(
                !infra
                    .mesh_signs
                    .iter()
                    .any(|sign| sign.route == "data.JOINED_MESH")
            );
        });
        member(&unnamed("config-map"), "infra", |infra| {
            assert!(infra.id.best().is_none())
        });
    }

    #[test]
    fn load_balancer_ranges_count_where_there_are_no_pools() {
        let mut files = renamed();
        files.retain(|path, _| !path.starts_with("infrastructure/cilium/pools/"));
        let lb = |text: &str| member(&with(&files, text), "infra", |infra| ranges(&infra.lb_ranges));
        assert_eq!(lb(ALL), ["10.10.0.0/16"]);
        assert!(lb(&ALL.replace("MY_BALANCERS", "OTHER")).is_empty());
    }

    #[test]
    fn stated_names_go_before_the_known_ones_or_take_their_place() {
        let mut files = two_clusters();
        replace(&mut files, SETTINGS, "  LB_POOL:", "  MESH_ID: \"9\"\n  LB_POOL:");
        let ids = |text: &str| {
            member(&with(&files, text), "infra", |infra| {
                let settings = infra
                    .id
                    .evidence
                    .iter()
                    .filter(|one| one.place.object.as_ref().is_some_and(|o| o.kind == "ConfigMap"));
                settings.filter_map(|one| one.value).collect::<Vec<_>>()
            })
        };
        assert_eq!(ids(""), [1]);
        assert_eq!(ids("[settings]\ncluster-id = [\"MESH_ID\"]\n"), [9, 1]);
        let alone =
            "[settings]\ndefaults = false\nconfig-map = [\"cluster-settings\"]\ncluster-id = [\"MESH_ID\"]\n";
        assert_eq!(ids(alone), [9]);
    }

    #[test]
    fn a_recognised_setting_is_not_unused() {
        let mut files = two_clusters();
        replace(&mut files, SETTINGS, "  LB_POOL:", "  MESH_ID: \"1\"\n  LB_POOL:");
        let on = "[levels]\nunused-variable = \"info\"\n";
        assert_eq!(rules(&with(&files, on)), ["info unused-variable"]);
        let named = format!("{on}[settings]\ncluster-id = [\"MESH_ID\"]\n");
        assert_eq!(rules(&with(&files, &named)), [""; 0]);
    }
}

mod mistakes {
    use super::*;

    /// What one line of configuration is told.
    fn told(configuration: &str) -> (String, String, String) {
        let mut all = problems(&two_clusters(), configuration);
        assert_eq!(all.len(), 1, "{configuration}: {all:?}");
        all.remove(0)
    }

    #[test]
    fn names_that_do_not_exist_are_told_with_what_was_probably_meant() {
        for (configuration, at, help) in [
            ("exclud = [\"x\"]", "exclud", "did you mean `exclude`?"),
            ("select = [\"defualt\"]", "\"defualt\"", "did you mean `default`?"),
            ("[levels]\nmsh = \"off\"", "msh", "did you mean `mesh`?"),
            (
                "[levels]\nmissing-pat = \"off\"",
                "missing-pat",
                "did you mean `missing-path`?",
            ),
            ("[levels]\nmesh = \"eror\"", "\"eror\"", "did you mean `error`?"),
            ("[flux]\nversio = \"2.8\"", "versio", "did you mean `version`?"),
            (
                "[[ignore]]\nrule = \"missing-pth\"\npath = \"x\"\nreason = \"x\"",
                "\"missing-pth\"",
                "did you mean `missing-path`?",
            ),
            (
                "[[cluster]]\nname = \"x\"\nentry = \"clusters/infar\"",
                "\"clusters/infar\"",
                "did you mean `clusters/infra`?",
            ),
            (
                "[[cluster]]\nname = \"infar\"",
                "\"infar\"",
                "did you mean `infra`?",
            ),
            (
                "[[mesh]]\nclusters = [\"apps\", \"infr\"]",
                "\"infr\"",
                "did you mean `infra`?",
            ),
            (
                "[[source]]\nname = \"x\"\npath = \"service\"",
                "\"service\"",
                "did you mean `services`?",
            ),
            (
                "[[source]]\nname = \"GitRepositry/x/y\"\nelsewhere = true",
                "\"GitRepositry/x/y\"",
                "did you mean `GitRepository`?",
            ),
            (
                "exclude = [\"/cluster/infra/\"]",
                "\"/cluster/infra/\"",
                "did you mean `clusters/infra`?",
            ),
        ] {
            let (_, labelled, helped) = told(configuration);
            assert_eq!(
                (labelled.as_str(), helped.as_str()),
                (at, help),
                "{configuration}"
            );
        }
    }

    #[test]
    fn values_of_another_form_are_told_where_they_stand() {
        for (configuration, at, message) in [
            ("exclude = \"x\"", "\"x\"", "`exclude` is to be a list of texts"),
            (
                "exclude = [\"[z-a]\"]",
                "\"[z-a]\"",
                "`[z-a]` is no pattern for paths",
            ),
            ("select = []", "[]", "`select` is empty"),
            ("levels = 1", "1", "`levels` is to be a table"),
            ("cluster = \"x\"", "\"x\"", "`cluster` is to be a list of tables"),
            (
                "[cluster]\nname = \"x\"",
                "[cluster]",
                "`cluster` is to be a list of tables",
            ),
            (
                "[[cluster]]\nentry = \"clusters/infra\"",
                "[[cluster]]",
                "`name` is missing",
            ),
            ("[[cluster]]\nname = \"\"", "\"\"", "`name` is empty"),
            (
                "[[cluster]]\nname = \"x\"\nentry = \"../x\"",
                "\"../x\"",
                "`../x` leaves the repository",
            ),
            (
                "[[cluster]]\nname = \"x\"\nentry = \"README\"",
                "\"README\"",
                "nothing is at `README`",
            ),
            (
                "[[cluster]]\nname = \"x\"\nentry = \"delivery/cilium.yaml\"",
                "\"delivery/cilium.yaml\"",
                "no cluster starts from `delivery/cilium.yaml`",
            ),
            (
                "[[cluster]]\nname = \"infra\"\nsource = \"flux-system\"",
                "\"flux-system\"",
                "`flux-system` names no object",
            ),
            (
                "[[cluster]]\nname = \"infra\"\nentry = \"clusters/infra\"\nroot = \"services\"",
                "\"clusters/infra\"",
                "the entry `clusters/infra` is not in the root `services`",
            ),
            (
                "[[cluster]]\nname = \"infra\"\n[[cluster]]\nname = \"infra\"",
                "\"infra\"",
                "two tables are about cluster `infra`",
            ),
            (
                "[[mesh]]\nclusters = [\"infra\", \"infra\"]",
                "\"infra\"",
                "cluster `infra` is in a mesh twice",
            ),
            (
                "[[source]]\nname = \"x\"\nurl = \"y\"\nelsewhere = true",
                "[[source]]",
                "`name` and `url` are both there",
            ),
            (
                "[[source]]\nname = \"x\"",
                "[[source]]",
                "neither `path` nor `elsewhere` is there",
            ),
            (
                "[[source]]\nname = \"x\"\nelsewhere = false",
                "false",
                "`elsewhere` is to be `true`",
            ),
            ("[flux]\nversion = 2.9", "2.9", "`version` is to be text"),
            (
                "[flux]\nversion = \"2.x\"",
                "\"2.x\"",
                "`2.x` is no version of Flux",
            ),
            (
                "[flux]\nstrict-substitution = \"yes\"",
                "\"yes\"",
                "`strict-substitution` is to be `true` or `false`",
            ),
            (
                "[[cluster]]\nname = \"infra\"\n[[cluster.bootstrap]]\nobject = \"ConfigMap/a/b\"\nvalues = { A-B = \"x\" }",
                "A-B",
                "`A-B` is no name of a variable",
            ),
            (
                "[[cluster]]\nname = \"infra\"\n[[cluster.bootstrap]]\nobject = \"ConfigMap/a/b\"\nvalues = { AB = 1 }",
                "1",
                "`AB` is to be text",
            ),
            ("select = ", "", "this is no TOML"),
            (
                "[flux]\nversion = \"2.8\"\nversion = \"2.9\"",
                "version",
                "this is no TOML: duplicate key",
            ),
        ] {
            let (said, labelled, _) = told(configuration);
            assert_eq!(labelled, at, "{configuration}");
            assert!(said.starts_with(message), "{configuration}: {said}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_in_order() {
        let all = problems(&two_clusters(), "b = 1\na = 2\n[flux]\nversion = \"x\"\n");
        let at: Vec<&str> = all.iter().map(|(_, at, _)| at.as_str()).collect();
        assert_eq!(at, ["b", "a", "\"x\""]);
    }

    #[test]
    fn hostile_files_are_refused_in_bounded_time() {
        let deep =
            |open: &str, close: &str| format!("select = {}{}", open.repeat(100_000), close.repeat(100_000));
        for configuration in [
            deep("[", "]"),
            deep("{a=", "}"),
            format!("{} = 1", vec!["a"; 100_000].join(".")),
            "=\n".repeat(200_000),
            "a".repeat(2_000_000),
            "x = \u{202e}\u{0}\n".repeat(1000),
            format!("select = [{}]", "\"x\", ".repeat(10_000)),
            format!("exclude = [{}]", "\"[a-z]*x\", ".repeat(80_000)),
            format!("exclude = [\"{}\"]", "x".repeat(1_000_000)),
            format!("exclude = [\"{}\"]", "**/*x".repeat(100_000)),
            format!("[[mesh]]\nclusters = [{}]", "\"x\", ".repeat(200_000)),
            "[[cluster]]\nname = \"x\"\nentry = \"clusters\"\n".repeat(20_000),
            "[[ignore]]\nrule = \"missing-path\"\npath = \"x\"\nreason = \"x\"\n".repeat(18_000),
        ] {
            let told = problems(&two_clusters(), &configuration);
            assert!((1..=100).contains(&told.len()), "{}", told.len());
        }
    }

    #[test]
    fn lists_are_as_long_as_people_write_them() {
        let list = |count: usize| format!("exclude = [{}]", "\"clusters\", ".repeat(count));
        assert!(check(&with(&two_clusters(), &list(1_000))).is_ok());
        let (message, _, help) = problems(&two_clusters(), &list(1_001)).remove(0);
        assert_eq!(
            message,
            "`exclude` has 1001 entries, more than meshlint takes (1000)"
        );
        assert!(help.contains("fewer"));
    }

    #[test]
    fn a_byte_order_mark_and_line_ends_of_windows_are_nothing_special() {
        let configuration = "\u{feff}[levels]\r\nduplicate-cluster-id = \"info\"\r\n";
        assert_eq!(
            rules(&with(&duplicate_id(), configuration)),
            ["info duplicate-cluster-id"]
        );
    }
}
