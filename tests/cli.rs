//! The real program on real directories: whole outputs, exit statuses, and input that means harm.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use common::{code, formats, meshlint, run, schema, stderr, stdout};

const CORRECT: &str = "testdata/fleets/two-clusters";
const DUPLICATE: &str = "testdata/fleets/duplicate-id";

/// A directory that is there for one test. Temporary directories lie in no Git work tree.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let scratch = Self(tempfile::tempdir().unwrap());
        for (path, content) in files {
            let path = scratch.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        scratch
    }

    /// A cluster `main` that delivers the directory `apps` beside the given files.
    fn cluster(files: &[(&str, &[u8])]) -> Self {
        let mut all: Vec<(&str, &[u8])> = vec![
            ("clusters/main/flux-system/gotk-sync.yaml", SYNC),
            ("clusters/main/apps.yaml", APPS),
        ];
        all.extend(files);
        Self::new(&all)
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    fn check(&self, arguments: &[&str]) -> Output {
        run(&[&["check", self.path()], arguments].concat())
    }

    fn concise(&self) -> (i32, String) {
        let output = self.check(&["--format", "concise"]);
        (code(&output), stdout(&output))
    }
}

const SYNC: &[u8] = b"apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  url: ssh://git@git.example.org/fleet
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  path: ./clusters/main
  sourceRef:
    kind: GitRepository
    name: flux-system
";

const APPS: &[u8] = b"apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps
  sourceRef:
    kind: GitRepository
    name: flux-system
";

const SETTINGS: &[u8] = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: apps\n";

mod outputs {
    use super::*;

    #[test]
    fn correct_meshes_are_silent_under_every_rule() {
        for fleet in [CORRECT, "testdata/fleets/three-clusters"] {
            for format in ["concise", "github"] {
                let output = run(&[
                    "check",
                    fleet,
                    "--format",
                    format,
                    "--select",
                    "all",
                    "--fail-on",
                    "info",
                ]);
                let silent = (0, String::new(), String::new());
                assert_eq!(
                    (code(&output), stdout(&output), stderr(&output)),
                    silent,
                    "{fleet} {format}"
                );
            }
        }
        insta::assert_snapshot!(stdout(&run(&["check", CORRECT])));
    }

    #[test]
    fn one_id_for_two_clusters_is_one_finding_with_every_file() {
        for format in formats() {
            let output = run(&["check", DUPLICATE, "--format", format]);
            assert_eq!(code(&output), 1, "{format}");
            let mut text = stdout(&output);
            if format == "sarif" {
                // The rules would be most of it; `tests/formats.rs` looks at them.
                let mut log: serde_json::Value = serde_json::from_str(&text).unwrap();
                log["runs"][0]["tool"]["driver"]["rules"].take();
                text = serde_json::to_string_pretty(&log).unwrap();
            }
            insta::assert_snapshot!(format!("duplicate_id_{format}"), text);
        }
    }

    #[test]
    fn clusters_are_described() {
        insta::assert_snapshot!(stdout(&run(&["clusters", CORRECT])));
        insta::assert_snapshot!(
            "one_cluster_in_full",
            stdout(&run(&["clusters", CORRECT, "--cluster", "apps"]))
        );
        let unknown = run(&["clusters", CORRECT, "--cluster", "app"]);
        assert_eq!(code(&unknown), 2);
        assert!(
            stderr(&unknown).contains("no cluster is called `app` (did you mean `apps`?)"),
            "{}",
            stderr(&unknown)
        );
    }

    #[test]
    fn clusters_as_json_follow_their_schema_and_say_where_a_fact_stands() {
        let schema = schema::ours("meshlint-clusters-v1.json");
        let described = |path: &str| -> serde_json::Value {
            serde_json::from_str(&stdout(&run(&["clusters", path, "--format", "json"]))).unwrap()
        };
        let nothing_known = Scratch::cluster(&[("apps/settings.yaml", SETTINGS)]);
        for fleet in [CORRECT, "testdata/fleets/three-clusters", nothing_known.path()] {
            assert_eq!(
                schema::faults(&schema, &described(fleet)),
                Vec::<String>::new(),
                "{fleet}"
            );
        }
        let json = described(CORRECT);
        let at = |pointer: &str| json.pointer(pointer).unwrap_or(&serde_json::Value::Null);
        assert_eq!(at("/clusters/0/facts/cluster-id/values/0"), "2");
        let evidence = serde_json::json!({
            "by": "helm-release",
            "route": "spec.values.cluster.id",
            "path": "clusters/apps/cluster-settings.yaml",
            "line": 8,
            "column": 15,
            "text": "2",
        });
        assert_eq!(at("/clusters/0/facts/cluster-id/evidence/0"), &evidence);
        let peer = serde_json::json!({
            "name": "infra",
            "address": null,
            "ips": ["10.20.8.1"],
            "port": "2379",
            "place": { "path": "infrastructure/cilium/app/helm-release.yaml", "line": 49, "column": 19 },
        });
        assert_eq!(at("/clusters/0/peers/0"), &peer);
        let unknown = described(nothing_known.path());
        assert_eq!(
            unknown.pointer("/clusters/0/facts/cluster-id").unwrap(),
            &serde_json::json!({ "state": "unknown", "reason": "no-cilium" })
        );
        let wrong = serde_json::json!({ "version": 1, "clusters": [{ "name": "a", "facts": { "x": { "state": "?" } } }], "meshes": 1 });
        let faults = schema::faults(&schema, &wrong);
        for place in [
            "/clusters/0: \"entry\"",
            "/clusters/0/facts/x/state: ",
            "/meshes: 1",
        ] {
            assert!(
                faults.iter().any(|fault| fault.contains(place)),
                "{place}: {faults:#?}"
            );
        }
    }

    #[test]
    fn render_prints_what_flux_applies() {
        let arguments = [
            "render",
            CORRECT,
            "--cluster",
            "apps",
            "--kustomization",
            "cilium-pools",
        ];
        insta::assert_snapshot!(stdout(&run(&arguments)), @r"
        apiVersion: cilium.io/v2
        kind: CiliumLoadBalancerIPPool
        metadata:
          name: apps
        spec:
          blocks:
          - cidr: 10.20.9.0/24
        ");
        let all = stdout(&run(&["render", CORRECT, "--cluster", "infra"]));
        assert_eq!(all.matches("\n---\n").count() + 1, 18);
        assert!(!all.contains("${"));
    }

    #[test]
    fn what_flux_would_refuse_is_said_beside_the_output() {
        let scratch = Scratch::cluster(&[
            (
                "apps/kustomization.yaml",
                b"resources:\n  - settings.yaml\n  - gone.yaml\n",
            ),
            ("apps/settings.yaml", SETTINGS),
        ]);
        let output = run(&[
            "render",
            scratch.path(),
            "--cluster",
            "main",
            "--kustomization",
            "apps",
        ]);
        assert_eq!(code(&output), 1);
        assert!(
            stderr(&output).contains("Flux cannot apply all of `flux-system/apps`"),
            "{}",
            stderr(&output)
        );
        let directory = scratch.0.path().join("apps");
        let output = run(&["build", directory.to_str().unwrap()]);
        assert_eq!((code(&output), stdout(&output)), (1, String::new()));
        assert!(
            stderr(&output).starts_with("kustomization.yaml:3:5: error: "),
            "{}",
            stderr(&output)
        );
    }

    #[test]
    fn build_prints_what_kustomize_prints() {
        let output = run(&["build", "testdata/fleets/two-clusters/services/catalogue"]);
        assert_eq!(code(&output), 0);
        insta::assert_snapshot!(stdout(&output));
    }

    #[test]
    fn statistics_go_to_standard_error_in_every_format() {
        for format in formats() {
            let without = run(&["check", DUPLICATE, "--format", format]);
            assert_eq!(stderr(&without), "", "{format}");
            let with = run(&["check", DUPLICATE, "--format", format, "--statistics"]);
            assert_eq!(
                stderr(&with),
                "     1  error    duplicate-cluster-id\n",
                "{format}"
            );
            assert_eq!(stdout(&with), stdout(&without), "{format}");
        }
    }

    #[test]
    fn quiet_leaves_the_summary_out_and_columns_says_how_wide_prose_is() {
        let wide = stdout(&run(&["check", DUPLICATE]));
        let quiet = stdout(&run(&["check", DUPLICATE, "--quiet"]));
        assert!(wide.starts_with(quiet.trim_end()));
        assert!(!quiet.contains("1 error in 2 clusters") && wide.contains("1 error in 2 clusters"));
        let narrow = meshlint()
            .args(["check", DUPLICATE])
            .env("COLUMNS", "60")
            .output()
            .unwrap();
        let help = |text: &str| -> Vec<String> {
            let lines = text.lines().skip_while(|line| !line.starts_with("  help: "));
            lines
                .take_while(|line| !line.starts_with("  clusters: "))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(help(&wide).len(), 1);
        let narrow = help(&stdout(&narrow));
        assert!(
            narrow.len() > 1 && narrow.iter().all(|line| line.chars().count() <= 60),
            "{narrow:#?}"
        );
    }

    #[test]
    fn every_format_comes_from_one_run() {
        let scratch = Scratch::new(&[]);
        let file = |format: &str| scratch.0.path().join(format).display().to_string();
        let mut arguments = vec!["check".to_owned(), DUPLICATE.to_owned()];
        for format in formats() {
            let to = if format == "agent" {
                "-".to_owned()
            } else {
                file(format)
            };
            arguments.extend(["--format", format, "--output", &to].map(str::to_owned));
        }
        let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((code(&output), stderr(&output)), (1, String::new()));
        for format in formats() {
            let alone = stdout(&run(&["check", DUPLICATE, "--format", format]));
            let together = match format {
                "agent" => stdout(&output),
                _ => fs::read_to_string(file(format)).unwrap(),
            };
            assert_eq!(together, alone, "{format}");
        }
    }

    #[test]
    fn a_report_that_cannot_be_written_is_an_error_and_the_others_are_kept() {
        let scratch = Scratch::new(&[("kept.json", b"old"), ("directory/x", b"")]);
        let at = |name: &str| scratch.0.path().join(name).display().to_string();
        let write = |first: &str| {
            let first = at(first);
            let kept = at("kept.json");
            let output = run(&[
                "check", DUPLICATE, "--format", "sarif", "--output", &first, "--format", "json", "--output",
                &kept,
            ]);
            let complaint = stderr(&output).replace(&first, "FILE");
            (
                code(&output),
                stdout(&output),
                complaint,
                fs::read_to_string(kept).unwrap(),
            )
        };
        for (name, why) in [
            ("no/such/report", "there is no directory"),
            ("directory", "is a directory"),
        ] {
            let (status, printed, complaint, kept) = write(name);
            assert_eq!(
                (status, printed.as_str(), kept.as_str()),
                (2, "", "old"),
                "{name}"
            );
            assert!(
                complaint.starts_with("meshlint: cannot write `FILE`: "),
                "{complaint}"
            );
            assert!(complaint.contains(why), "{complaint}");
        }
        #[cfg(target_os = "linux")]
        {
            let output = run(&[
                "check",
                DUPLICATE,
                "--format",
                "sarif",
                "--output",
                "/dev/full",
                "--format",
                "json",
                "--output",
                &at("kept.json"),
            ]);
            assert_eq!(code(&output), 2);
            assert!(
                stderr(&output).contains("cannot write `/dev/full`"),
                "{}",
                stderr(&output)
            );
            assert!(fs::read_to_string(at("kept.json")).unwrap().starts_with('{'));
        }
    }
}

mod contract {
    use super::*;

    #[test]
    fn exit_status_does_not_depend_on_the_format() {
        for format in formats() {
            let status =
                |arguments: &[&str]| code(&run(&[&["check", "--format", format], arguments].concat()));
            assert_eq!(status(&[CORRECT]), 0);
            assert_eq!(status(&[DUPLICATE]), 1);
            assert_eq!(status(&[DUPLICATE, "--fail-on", "never"]), 0);
            assert_eq!(status(&[DUPLICATE, "--ignore", "duplicate-cluster-id"]), 0);
            assert_eq!(status(&[DUPLICATE, "--ignore", "mesh"]), 0);
            assert_eq!(status(&[DUPLICATE, "--select", "flux"]), 0);
            assert_eq!(status(&[DUPLICATE, "--select", "duplicate-cluster-id"]), 1);
            assert_eq!(status(&[DUPLICATE, "--cluster", "infra"]), 1);
            assert_eq!(status(&[DUPLICATE, "--cluster", "infar"]), 2);
            assert_eq!(status(&[DUPLICATE, "--select", "duplicate"]), 2);
            assert_eq!(status(&["/does/not/exist"]), 2);
        }
    }

    #[test]
    fn wrong_usage_says_what_was_meant() {
        let complaint = |arguments: &[&str]| {
            let output = run(arguments);
            assert_eq!(
                (code(&output), stdout(&output)),
                (2, String::new()),
                "{arguments:?}"
            );
            stderr(&output)
        };
        assert!(
            complaint(&["check", "--select", "duplicate-clusterid"])
                .contains("did you mean `duplicate-cluster-id`?")
        );
        assert!(complaint(&["check", DUPLICATE, "--cluster", "infar"]).contains("did you mean `infra`?"));
        assert!(complaint(&["render", CORRECT, "--cluster", "app"]).contains("did you mean `apps`?"));
        assert!(
            complaint(&[
                "render",
                CORRECT,
                "--cluster",
                "apps",
                "--kustomization",
                "ciliun"
            ])
            .contains("did you mean")
        );
        assert!(complaint(&["explain", "missing-paths"]).contains("did you mean `missing-path`?"));
        assert!(complaint(&["check", "--format", "json", "--format", "human"]).contains("standard output"));
        complaint(&["check", "--no-such-option"]);
        complaint(&["check", "--threads", "0"]);
    }

    #[test]
    fn every_rule_is_listed_and_explained() {
        let listed = run(&["rules", "--format", "json"]);
        let rules: serde_json::Value = serde_json::from_str(&stdout(&listed)).unwrap();
        let table = stdout(&run(&["rules"]));
        for rule in rules.as_array().unwrap() {
            let name = rule["name"].as_str().unwrap();
            assert!(table.contains(&format!("  {name} ")), "{name}");
            let [short, full] = [&["explain", name][..], &["explain", name, "--full"]].map(|arguments| {
                let output = run(arguments);
                assert_eq!(code(&output), 0);
                stdout(&output)
            });
            assert!(short.starts_with(&format!("# {name}\n")));
            let order = [
                "\n## What it finds\n",
                "\n## Why it matters\n",
                "\n## How to fix\n",
                "\n## Fails\n",
                " --full",
            ];
            let places = order.map(|part| short.find(part).unwrap_or_else(|| panic!("{name} lacks {part}")));
            assert!(places.is_sorted(), "{name}");
            assert!(
                short.contains(&format!(": {name} \"")),
                "{name} shows no failing line"
            );
            assert!(short.lines().count() < 70, "{name}");
            assert!(full.contains("\n## See also\n"), "{name}");
            let document = stdout(&run(&["explain", name, "--format", "json"]));
            let document: serde_json::Value = serde_json::from_str(&document).unwrap();
            for key in ["name", "category", "severity", "pedantic", "since", "summary"] {
                assert_eq!(document[key], rule[key], "{name}");
            }
            for key in ["what", "why", "fix", "limits", "page"] {
                assert!(
                    document[key].as_str().is_some_and(|text| text.len() > 20),
                    "{name}: {key}"
                );
            }
            assert!(document["examples"].as_array().unwrap().len() > 1, "{name}");
            assert!(
                !document["excerpt"]["lines"].as_array().unwrap().is_empty(),
                "{name}"
            );
        }
        assert!(rules.as_array().unwrap().len() > 20);
    }

    #[test]
    fn colours_follow_the_environment() {
        let output = |variable: Option<(&str, &str)>, arguments: &[&str]| {
            let mut command = meshlint();
            command.args(["check", DUPLICATE]).args(arguments).envs(variable);
            stdout(&command.output().unwrap())
        };
        let has_colour = |text: String| text.contains('\u{1b}');
        assert!(!has_colour(output(None, &[])));
        assert!(has_colour(output(None, &["--color", "always"])));
        assert!(has_colour(output(Some(("FORCE_COLOR", "1")), &[])));
        assert!(!has_colour(output(Some(("NO_COLOR", "1")), &[])));
        assert!(!has_colour(output(
            Some(("FORCE_COLOR", "1")),
            &["--color", "never"]
        )));
    }

    #[test]
    fn github_is_the_default_inside_its_actions() {
        let output = meshlint()
            .args(["check", DUPLICATE])
            .env("GITHUB_ACTIONS", "true")
            .output()
            .unwrap();
        assert!(stdout(&output).starts_with("::error "));
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let mut child = meshlint()
            .args(["rules", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut complaints = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut complaints)
            .unwrap();
        assert_eq!((child.wait().unwrap().code(), complaints.as_str()), (Some(0), ""));
    }

    #[test]
    fn a_closed_pipe_changes_neither_files_nor_the_exit_status() {
        let scratch = Scratch::new(&[]);
        let file = scratch.0.path().join("report.json");
        let mut child = meshlint()
            .args([
                "check", DUPLICATE, "--format", "sarif", "--format", "json", "--output",
            ])
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), stderr(&output)), (1, String::new()));
        assert!(fs::read_to_string(file).unwrap().starts_with('{'));
    }

    #[test]
    fn threads_do_not_reach_the_output() {
        for format in formats() {
            let with =
                |threads: &str| run(&["check", DUPLICATE, "--format", format, "--threads", threads]).stdout;
            assert_eq!(with("1"), with("7"), "{format}");
        }
    }

    #[test]
    fn a_directory_inside_stands_for_its_repository() {
        let scratch = Scratch::cluster(&[("apps/settings.yaml", SETTINGS)]);
        fs::create_dir(scratch.0.path().join(".git")).unwrap();
        let inside = scratch.0.path().join("apps");
        let output = run(&["check", inside.to_str().unwrap(), "--format", "json"]);
        let read = |output: &Output| -> serde_json::Value { serde_json::from_str(&stdout(output)).unwrap() };
        let mut document = read(&output);
        let root = document.as_object_mut().unwrap().remove("root").unwrap();
        assert_eq!(document, read(&scratch.check(&["--format", "json"])));
        assert_eq!(code(&output), 0);
        let root = root.as_str().unwrap();
        assert_eq!(Path::new(root), fs::canonicalize(scratch.0.path()).unwrap());
        let remark = format!(
            "meshlint: the root of the repository is `{root}`, the work tree around it; --root names another\n"
        );
        assert_eq!(stderr(&output), remark);
    }

    #[test]
    fn a_root_can_be_stated() {
        let scratch = Scratch::cluster(&[("apps/settings.yaml", SETTINGS)]);
        fs::create_dir(scratch.0.path().join(".git")).unwrap();
        let apps = format!("{}/apps", scratch.path());
        let stated = run(&["check", "--root", &apps]);
        assert_eq!(code(&stated), 3, "no cluster starts in the part");
        let outside = run(&["check", &format!("{}/clusters", scratch.path()), "--root", &apps]);
        assert_eq!(code(&outside), 2, "{}", stderr(&outside));
        let whole = run(&["clusters", &apps, "--root", scratch.path()]);
        assert_eq!(code(&whole), 0, "{}", stderr(&whole));
    }

    #[test]
    fn a_named_directory_with_a_fleet_whose_paths_lead_nowhere_is_the_root() {
        let misspelt = String::from_utf8(SYNC.to_vec())
            .unwrap()
            .replace("./clusters/main", "./cluster/main");
        let inner = Scratch::new(&[
            (
                "copy/clusters/main/flux-system/gotk-sync.yaml",
                misspelt.as_bytes(),
            ),
            ("copy/clusters/main/apps.yaml", APPS),
            ("copy/apps/settings.yaml", SETTINGS),
            ("other.yaml", SETTINGS),
        ]);
        fs::create_dir(inner.0.path().join(".git")).unwrap();
        let output = run(&["check", &format!("{}/copy", inner.path()), "--format", "concise"]);
        let path = "clusters/main/flux-system/gotk-sync.yaml:15:9: error[missing-path]";
        assert!(stdout(&output).starts_with(path), "{}", stdout(&output));
        assert_eq!((code(&output), stderr(&output)), (1, String::new()));
    }

    #[test]
    fn another_repository_within_is_a_border() {
        let scratch = Scratch::cluster(&[
            ("apps/kustomization.yaml", b"resources: [../modules/base]\n"),
            ("modules/base/settings.yaml", SETTINGS),
            ("modules/base/kustomization.yaml", b"resources: [settings.yaml]\n"),
            ("modules/clusters/other/flux-system/gotk-sync.yaml", SYNC),
            ("modules/.git", b"gitdir: ../.git/modules/modules\n"),
        ]);
        let document: serde_json::Value =
            serde_json::from_str(&stdout(&scratch.check(&["--format", "json"]))).unwrap();
        assert_eq!(document["clusters"].as_array().unwrap().len(), 1);
        assert_eq!(document["findings"].as_array().unwrap().len(), 0, "{document}");
        let outside = Scratch::new(&[("a/.git/HEAD", b""), ("a/settings.yaml", SETTINGS)]);
        let output = outside.check(&[]);
        assert_eq!(code(&output), 3);
        assert!(
            stderr(&output).contains("`a` is a repository of its own"),
            "{}",
            stderr(&output)
        );
    }

    #[test]
    fn files_and_several_paths_are_what_findings_have_to_be_about() {
        let broken = b"a: [\n";
        let scratch = Scratch::cluster(&[
            ("apps/a.yaml", broken),
            ("apps/deep/b.yaml", broken),
            ("apps/deep/c.yaml", broken),
        ]);
        fs::create_dir(scratch.0.path().join(".git")).unwrap();
        let paths = |arguments: &[&str]| -> Vec<String> {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|one| one.replace("ROOT", scratch.path()))
                .collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = run(&[&["check", "--format", "concise"][..], &arguments].concat());
            let text = stdout(&output);
            text.lines()
                .map(|line| line.split(':').next().unwrap().to_owned())
                .collect()
        };
        let all = ["apps/a.yaml", "apps/deep/b.yaml", "apps/deep/c.yaml"];
        assert_eq!(paths(&["ROOT"]), all);
        assert_eq!(paths(&["ROOT/apps/a.yaml"]), all[..1]);
        assert_eq!(paths(&["ROOT/apps/deep", "ROOT/clusters"]), all[1..]);
        assert_eq!(
            paths(&["ROOT/apps/a.yaml", "ROOT/apps/deep/c.yaml"]),
            [all[0], all[2]]
        );
        let outside = run(&["check", &format!("{}/apps/a.yaml", scratch.path()), "Cargo.toml"]);
        assert_eq!(code(&outside), 2, "{}", stderr(&outside));
    }

    #[test]
    fn excluded_files_hold_no_cluster() {
        let scratch = Scratch::cluster(&[("apps/settings.yaml", SETTINGS)]);
        assert_eq!(code(&scratch.check(&["--exclude", "*.json"])), 0);
        assert_eq!(
            code(&scratch.check(&["--exclude", "*.json", "--exclude", "/clusters/"])),
            3
        );
        assert_eq!(code(&scratch.check(&["--exclude", "[z-a]"])), 2);
    }
}

mod nothing_to_check {
    use super::*;

    fn sentence(path: &str) -> String {
        let output = run(&["check", path]);
        assert_eq!((code(&output), stdout(&output)), (3, String::new()), "{path}");
        stderr(&output).replace(path, "PATH")
    }

    #[test]
    fn a_sentence_says_what_was_looked_for() {
        let empty = Scratch::new(&[]);
        insta::assert_snapshot!(sentence(empty.path()), @"meshlint: nothing to check in `PATH`: it holds no manifest (*.yaml, *.yml, *.json)");
        let no_cluster = Scratch::new(&[("settings.yaml", SETTINGS)]);
        insta::assert_snapshot!(sentence(no_cluster.path()), @"meshlint: nothing to check in `PATH`: no cluster found; looked for Flux Kustomizations that sync this repository, FluxInstances, Applications of Argo CD, other ways of delivery, and files of Cilium Helm values; a `[[cluster]]` in meshlint.toml can name the entry of one");
        let computed = Scratch::new(&[
            ("main.tf", b""),
            ("lib/mesh.jsonnet", b"{}"),
            ("chart/Chart.yaml", b"name: x\n"),
        ]);
        insta::assert_snapshot!(sentence(computed.path()), @"meshlint: nothing to check in `PATH`: no cluster found; looked for Flux Kustomizations that sync this repository, FluxInstances, Applications of Argo CD, other ways of delivery, and files of Cilium Helm values; a `[[cluster]]` in meshlint.toml can name the entry of one; it holds Terraform (`main.tf`), which is not read: what comes of it is made by a provider when it is applied; it holds Jsonnet (`lib/mesh.jsonnet`), which is not read: what comes of it is computed by a program; it holds a Helm chart (`chart/Chart.yaml`), which is not read: what comes of it depends on values that nothing here gives it");
    }

    #[test]
    fn other_commands_say_it_too() {
        let empty = Scratch::new(&[]);
        assert_eq!(code(&run(&["clusters", empty.path()])), 3);
        assert_eq!(code(&run(&["render", empty.path(), "--cluster", "x"])), 3);
    }

    #[test]
    fn a_path_that_is_not_there_is_wrong_usage() {
        for command in [
            &["check"][..],
            &["clusters"],
            &["build"],
            &["render", "--cluster", "x"],
        ] {
            let output = run(&[command, &["/does/not/exist"]].concat());
            assert_eq!((code(&output), stdout(&output)), (2, String::new()));
            assert_eq!(
                stderr(&output),
                "meshlint: `/does/not/exist` does not exist; looked for the directory of a repository\n"
            );
        }
        let output = run(&["clusters", "Cargo.toml"]);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("`Cargo.toml` is a file"));
    }

    #[test]
    fn a_directory_without_a_kustomization_is_named() {
        let scratch = Scratch::new(&[("apps/settings.yaml", SETTINGS)]);
        let output = run(&["build", scratch.path()]);
        assert_eq!(code(&output), 1);
        let sentence = stderr(&output).replace(scratch.path(), "PATH");
        insta::assert_snapshot!(sentence, @"meshlint: nothing to build in `PATH`: it holds no kustomization.yaml, kustomization.yml or Kustomization");
    }

    #[test]
    fn a_configuration_elsewhere_is_not_passed_over_in_silence() {
        let scratch = Scratch::cluster(&[(".github/meshlint.toml", b""), ("apps/settings.yaml", SETTINGS)]);
        let output = scratch.check(&[]);
        assert!(
            stderr(&output).contains("`.github/meshlint.toml` is not read"),
            "{}",
            stderr(&output)
        );
    }
}

mod hostile {
    use super::*;

    /// The rules that speak, and that the run says nothing else.
    fn rules(scratch: &Scratch) -> BTreeSet<String> {
        let output = scratch.check(&["--format", "json"]);
        assert_eq!(stderr(&output), "");
        let document: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        let findings = document["findings"].as_array().unwrap();
        let rules: BTreeSet<String> = findings
            .iter()
            .map(|one| one["rule"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(code(&output), i32::from(!rules.is_empty()));
        // Whatever it is, people can be shown it.
        assert!(!stdout(&scratch.check(&[])).is_empty());
        rules
    }

    fn only(rule: &str) -> BTreeSet<String> {
        BTreeSet::from([rule.to_owned()])
    }

    #[test]
    fn broken_yaml_is_a_finding_where_it_breaks() {
        let scratch = Scratch::cluster(&[("apps/broken.yaml", b"kind: ConfigMap\nmetadata: {name: x\n")]);
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
        assert!(scratch.concise().1.starts_with("apps/broken.yaml:"));
    }

    #[test]
    fn a_directory_of_broken_yaml_gives_findings_without_any_cluster() {
        let scratch = Scratch::new(&[
            ("a.yaml", b"a: [1\n"),
            ("b/c.yaml", b"key: \"value\n"),
            ("d.yaml", b"a: &x *x\n"),
        ]);
        let (status, text) = scratch.concise();
        assert_eq!((status, text.lines().count()), (1, 3), "{text}");
    }

    #[test]
    fn bytes_that_are_no_text() {
        let scratch = Scratch::cluster(&[("apps/x.yaml", b"kind: \xff\xfe\n")]);
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
        assert!(scratch.concise().1.starts_with("apps/x.yaml:1:7:"));
    }

    #[test]
    fn a_document_nested_deeper_than_any_stack() {
        let deep = format!("a: {}", "[".repeat(100_000));
        let scratch = Scratch::cluster(&[("apps/x.yaml", deep.as_bytes())]);
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
        let maps: String = (0..100_000)
            .map(|depth| format!("{}a:\n", " ".repeat(depth % 4000)))
            .collect();
        let scratch = Scratch::cluster(&[("apps/x.yaml", maps.as_bytes())]);
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
    }

    #[test]
    fn aliases_that_would_fill_the_memory() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..30 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        bomb.push_str("kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: x\n");
        let scratch = Scratch::cluster(&[("apps/x.yaml", bomb.as_bytes())]);
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
    }

    #[test]
    fn kustomizations_that_name_each_other() {
        let scratch = Scratch::cluster(&[
            ("apps/kustomization.yaml", b"resources:\n  - ../other\n"),
            ("other/kustomization.yaml", b"resources:\n  - ../apps\n"),
        ]);
        assert_eq!(rules(&scratch), only("kustomize-build-failed"));
    }

    #[test]
    fn flux_kustomizations_that_deliver_themselves() {
        let scratch = Scratch::cluster(&[("apps/again.yaml", APPS)]);
        assert_eq!(code(&scratch.check(&[])), 0);
    }

    #[test]
    fn flux_kustomizations_that_make_ever_new_ones() {
        let again = String::from_utf8(APPS.to_vec())
            .unwrap()
            .replace("name: apps", "name: again-${N}")
            + "  postBuild:\n    substitute:\n      N: ${N}1\n";
        let start = again.replace("${N}", "1");
        let scratch = Scratch::cluster(&[
            ("clusters/main/start.yaml", start.as_bytes()),
            ("apps/x.yaml", again.as_bytes()),
        ]);
        assert!(rules(&scratch).contains("limit-reached"));
        assert!(
            scratch
                .concise()
                .1
                .contains("more than 64 Kustomizations one below the other")
        );
    }

    #[test]
    fn bases_that_double_at_every_level() {
        let mut files = vec![(
            "apps/kustomization.yaml".to_owned(),
            "resources: [../a30, ../b30]\n".to_owned(),
        )];
        for name in ["a", "b"] {
            let prefix = format!("namePrefix: {name}-\n");
            files.push((
                format!("{name}0/kustomization.yaml"),
                format!("{prefix}resources: [x.yaml]\n"),
            ));
            files.push((
                format!("{name}0/x.yaml"),
                String::from_utf8(SETTINGS.to_vec()).unwrap(),
            ));
            for level in 1..=30 {
                let below = level - 1;
                let text = format!("{prefix}resources: [../a{below}, ../b{below}]\n");
                files.push((format!("{name}{level}/kustomization.yaml"), text));
            }
        }
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_bytes()))
            .collect();
        assert_eq!(rules(&Scratch::cluster(&files)), only("kustomize-build-failed"));
    }

    #[test]
    fn a_file_larger_than_any_memory() {
        let scratch = Scratch::cluster(&[("apps/x.yaml", b"kind: ConfigMap\n")]);
        let file = fs::OpenOptions::new()
            .write(true)
            .open(scratch.0.path().join("apps/x.yaml"))
            .unwrap();
        file.set_len(1 << 40).unwrap();
        assert_eq!(rules(&scratch), only("unparsable-yaml"));
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_repository_are_not_followed() {
        let outside = Scratch::new(&[(
            "secret.yaml",
            b"apiVersion: v1\nkind: Secret\nmetadata:\n  name: leaked\n",
        )]);
        let scratch =
            Scratch::cluster(&[("apps/kustomization.yaml", b"resources:\n  - link.yaml\n  - dir\n")]);
        let apps = scratch.0.path().join("apps");
        std::os::unix::fs::symlink(outside.0.path().join("secret.yaml"), apps.join("link.yaml")).unwrap();
        std::os::unix::fs::symlink(outside.0.path(), apps.join("dir")).unwrap();
        assert_eq!(rules(&scratch), only("kustomize-build-failed"));
        let rendered = run(&["render", scratch.path(), "--cluster", "main"]);
        assert!(!stdout(&rendered).contains("leaked"));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let scratch = Scratch::cluster(&[("apps/kustomization.yaml", b"resources:\n  - loop\n")]);
        let apps = scratch.0.path().join("apps");
        std::os::unix::fs::symlink("loop", apps.join("loop")).unwrap();
        std::os::unix::fs::symlink("..", apps.join("up")).unwrap();
        assert_eq!(rules(&scratch), only("kustomize-build-failed"));
    }

    #[test]
    fn names_that_drive_terminals() {
        let scratch = Scratch::cluster(&[("apps/x.yaml", b"kind: \"\x1b[2J\n")]);
        for format in formats() {
            assert!(
                !stdout(&scratch.check(&["--format", format])).contains('\u{1b}'),
                "{format}"
            );
        }
    }

    #[test]
    fn nothing_is_written() {
        let scratch = Scratch::cluster(&[("apps/settings.yaml", SETTINGS)]);
        let before = listing(scratch.0.path());
        scratch.check(&[]);
        run(&["render", scratch.path(), "--cluster", "main"]);
        assert_eq!(listing(scratch.0.path()), before);
    }

    fn listing(directory: &Path) -> BTreeSet<(String, u64)> {
        let entries = walkdir::WalkDir::new(directory).into_iter().map(Result::unwrap);
        entries
            .map(|entry| {
                (
                    entry.path().display().to_string(),
                    entry.metadata().unwrap().len(),
                )
            })
            .collect()
    }
}
