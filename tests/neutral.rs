//! Nothing that comes from a repository is obeyed by whoever shows our output: every command, every format, both streams, and
//! the files that are written, with all known commands of runners and terminals in every kind of text.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{formats, run};

/// What runners and terminals obey. None of them holds a slash, so that each can be a name of a file.
const COMMANDS: [&str; 12] = [
    "::set-output name=a::b",
    " \u{a0}::add-mask::b",
    "::stop-commands::x",
    "##[set-output name=a]b",
    "###[error]b",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus status='SUCCESS']",
    "section_start:1560896352:name[collapsed=true]",
    "section_end:1560896352:name\r\u{1b}[0K",
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{8}",
    "\u{202e}\u{2066}\u{61c}\u{200e}turned",
    "\u{200b}\u{2028}\u{2029}\u{feff}\u{ad}\u{e0041}\u{e0101}\u{fe01}\u{3164}#\u{200d}#[x]",
];

/// As YAML writes a text on one line whatever is in it.
fn quoted(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect();
    format!("\"{escaped}\"")
}

/// What a reader of the bytes would obey; with what is ours taken out before.
fn obeyed(bytes: &[u8], coloured: bool, commands: bool) -> Vec<String> {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if coloured {
        let ours = [r"\x1b\[[0-9;]*m", r"\x1b\]8;;[!-\[\]-~]*\x1b\\"];
        for pattern in ours {
            text = regex::Regex::new(pattern)
                .unwrap()
                .replace_all(&text, "")
                .into_owned();
        }
    }
    let section = regex::Regex::new("section_(start|end):[0-9]+:").unwrap();
    // As .NET's `Trim` sees it.
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}';
    let is_ours = |line: &str| {
        let words = ["::error title=", "::warning title=", "::notice title="];
        commands && words.iter().any(|word| line.starts_with(word))
    };
    let is_obeyed = |line: &&str| {
        let is_command = line.trim_matches(blank).starts_with("::") && !is_ours(line);
        let has_marker = ["##[", "##vso[", "##teamcity["]
            .iter()
            .any(|marker| line.contains(marker));
        is_command || has_marker || section.is_match(line) || line.contains(hidden)
    };
    text.split(['\n', '\r'])
        .filter(is_obeyed)
        .map(str::to_owned)
        .collect()
}

fn hidden(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0e}' | '\u{3164}' | '\u{e0000}'..='\u{e0fff}')
}

fn assert_neutral(what: &str, output: &Output, coloured: bool, commands: bool) {
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let obeyed = obeyed(bytes, coloured, commands);
        assert!(obeyed.is_empty(), "{what}, {stream}: {obeyed:#?}");
    }
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: ssh://git@git.example.org/fleet}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {path: PATH, sourceRef: {kind: GitRepository, name: flux-system}}
";

/// A cluster for each command, called by it, with the command in every kind of text.
fn hostile() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    for (nth, command) in COMMANDS.iter().enumerate() {
        let cluster = format!("clusters/{command}");
        let q = quoted(command);
        put(
            root,
            &format!("{cluster}/flux-system/gotk-sync.yaml"),
            &SYNC.replace("PATH", &quoted(&cluster)),
        );
        let flux = |name: &str, path: &str, more: &str| {
            format!(
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
                 spec:\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
            )
        };
        put(
            root,
            &format!("{cluster}/names.yaml"),
            &flux(&q, &quoted(&format!("apps/{command}")), ""),
        );
        put(
            root,
            &format!("{cluster}/gone.yaml"),
            &flux(
                "gone",
                &quoted(&format!("none/{command}")),
                &format!("  {q}: {q}\n"),
            ),
        );
        put(
            root,
            &format!("{cluster}/needs.yaml"),
            &flux(
                "needs",
                &format!("apps/plain{nth}"),
                &format!("  dependsOn: [{{name: {q}}}]\n"),
            ),
        );
        let values = format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: cilium, namespace: kube-system}}\n\
             spec:\n  chartRef: {{kind: OCIRepository, name: {q}}}\n  values:\n    cluster: {{name: {q}, id: 1, {q}: 1}}\n    clustermesh:\n      \
             useAPIServer: true\n      config: {{enabled: true, clusters: [{{name: {q}, port: 1, ips: [{q}]}}]}}\n"
        );
        put(root, &format!("{cluster}/cilium.yaml"), &values);
        let map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {q}, namespace: {q}, annotations: {{{q}: {q}}}}}\ndata:\n  {q}: {q}\n  \
             list: \"a\\n{}\\nb\"\n  long: \"{} {}\"\n",
            q.trim_matches('"'),
            "word ".repeat(17),
            q.trim_matches('"'),
        );
        put(root, &format!("apps/{command}/map.yaml"), &map);
        put(
            root,
            &format!("apps/{command}/kustomization.yaml"),
            "resources: [map.yaml]\n",
        );
        // A file that does not parse, and whose lines are shown.
        let raw = command.replace(['\r', '\u{1b}', '\u{7}', '\u{8}', '\u{9b}'], "");
        put(
            root,
            &format!("apps/plain{nth}/a.yaml"),
            &format!("# {raw}\n{raw}: [\n{raw}\n"),
        );
        put(
            root,
            &format!("apps/plain{nth}/kustomization.yaml"),
            &format!("{q}: 1\nresources:\n- a.yaml\n- {q}\n- ../../../{raw}\n"),
        );
    }
    scratch
}

#[test]
fn every_format_of_check_is_neutral_on_both_streams_and_in_files() {
    let scratch = hostile();
    let path = scratch.path().to_str().unwrap();
    let beside = tempfile::tempdir().unwrap();
    for format in formats() {
        for color in ["never", "always"] {
            let arguments = [
                "check",
                path,
                "--select",
                "all",
                "--format",
                format,
                "--color",
                color,
                "--statistics",
            ];
            let output = run(&arguments);
            assert_eq!(
                output.status.code(),
                Some(1),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(output.stdout.len() > 10_000, "{format} finds something");
            assert_neutral(format, &output, color == "always", format == "github");
        }
        let file = beside.path().join(format);
        let name = file.to_str().unwrap();
        let output = run(&[
            "check", path, "--select", "all", "--format", format, "--output", name,
        ]);
        assert_neutral(format, &output, false, false);
        let obeyed = obeyed(&fs::read(&file).unwrap(), false, format == "github");
        assert!(obeyed.is_empty(), "the file of {format}: {obeyed:#?}");
    }
}

#[test]
fn documents_still_say_what_is_there() {
    let scratch = hostile();
    let output = run(&["check", scratch.path().to_str().unwrap(), "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = document["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    for command in COMMANDS {
        assert!(names.contains(&command), "{command:?} in {names:?}");
    }
}

#[test]
fn every_other_command_is_neutral() {
    let scratch = hostile();
    let path = scratch.path().to_str().unwrap();
    let neutral = |arguments: &[&str]| {
        let output = run(arguments);
        assert_neutral(&format!("{arguments:?}"), &output, false, false);
        output
    };
    let coloured = |arguments: &[&str]| {
        let arguments = [arguments, &["--color", "always"]].concat();
        assert_neutral(&format!("{arguments:?}"), &run(&arguments), true, false);
    };
    for format in ["human", "json"] {
        neutral(&["clusters", path, "--format", format]);
        coloured(&["clusters", path, "--format", format]);
    }
    for command in COMMANDS {
        for format in ["human", "json"] {
            let output = neutral(&["clusters", path, "--format", format, "--cluster", command]);
            assert_eq!(
                output.status.code(),
                Some(0),
                "{command:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        coloured(&["clusters", path, "--cluster", command]);
        for format in ["human", "json"] {
            neutral(&["services", path, "--format", format, "--without", command]);
            neutral(&[
                "list",
                path,
                "--objects",
                "--format",
                format,
                "--cluster",
                command,
            ]);
            neutral(&[
                "trace",
                path,
                "HelmRelease/cilium",
                "spec",
                "--format",
                format,
                "--cluster",
                command,
            ]);
            neutral(&["trace", path, "--format", format, "--variable", command]);
            neutral(&["trace", path, command, command]);
        }
        let rendered = neutral(&["render", path, "--cluster", command]);
        assert!(!rendered.stdout.is_empty(), "{command:?}");
        neutral(&["render", path, "--cluster", command, "--kustomization", command]);
        neutral(&["render", path, "--cluster", command, "--kustomization", "none"]);
        let built = neutral(&["build", &format!("{path}/apps/{command}")]);
        // What kustomize cannot print it refuses.
        if !command.contains(|c: char| c.is_control()) {
            assert_eq!(
                built.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&built.stderr)
            );
            assert_says(&built.stdout, command);
        }
        neutral(&["build", &format!("{path}/clusters/{command}")]);
    }
    for nth in 0..COMMANDS.len() {
        neutral(&["build", &format!("{path}/apps/plain{nth}")]);
    }
    // Everything is new.
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    for format in ["human", "unified", "markdown", "json"] {
        for arguments in [[path, "--from", empty], [empty, "--from", path]] {
            let arguments = [&["diff", "--format", format][..], &arguments[..]].concat();
            assert!(neutral(&arguments).stdout.len() > 1000, "{format}");
            coloured(&arguments);
        }
    }
    neutral(&["init", path]);
    let obeyed = obeyed(
        &fs::read(scratch.path().join("meshlint.toml")).unwrap(),
        false,
        false,
    );
    assert!(obeyed.is_empty(), "{obeyed:#?}");
    assert_eq!(
        run(&["clusters", path]).status.code(),
        Some(0),
        "the configuration means what it says"
    );
}

/// The values come through whatever they are written like.
fn assert_says(yaml: &[u8], command: &str) {
    let sources = meshlint::source::SourceMap::from_memory([("a.yaml", yaml)]);
    let (id, _) = sources.iter().next().unwrap();
    let store = meshlint::yaml::Store::new(&sources);
    let parsed = store.parsed(id);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let root = &parsed.documents.first().unwrap().root;
    assert_eq!(root.text_at(&["metadata", "name"]), Some(command));
    assert_eq!(root.text_at(&["data", command]), Some(command));
    assert_eq!(
        root.text_at(&["data", "list"]),
        Some(format!("a\n{command}\nb").as_str())
    );
}

#[test]
fn complaints_are_neutral_whatever_they_quote() {
    let scratch = hostile();
    let path = scratch.path().to_str().unwrap();
    for command in COMMANDS {
        let broken = scratch.path().join("broken");
        let broken = broken.to_str().unwrap();
        let calls: [&[&str]; 22] = [
            &["check", path, "--cluster", &format!("{command}x")],
            &["clusters", path, "--cluster", &format!("{command}x")],
            &["render", path, "--cluster", &format!("{command}x")],
            &["check", path, "--select", command],
            &["check", path, "--ignore", command],
            &["check", path, "--since", command],
            &["check", path, "--format", command],
            &["check", path, "--fail-on", command],
            &["check", path, "--threads", command],
            &["check", path, "--color", command],
            &["check", path, &format!("--{command}")],
            &["check", path, command, command],
            &["check", command],
            &["check", path, "--config", command],
            &["check", path, "--baseline", command],
            &["check", path, "--output", &format!("{command}/x")],
            &[
                "check",
                path,
                "--stdin-filename",
                &format!("/none/{command}/../.."),
            ],
            &["explain", command],
            &["man", command],
            &["completions", command],
            &["build", command],
            &["build", &format!("{path}/clusters/{command}/names.yaml")],
        ];
        for call in calls {
            let output = run(call);
            assert_neutral(&format!("{call:?}"), &output, false, false);
            assert_ne!(output.status.code(), Some(0), "{call:?}");
        }
        let q = quoted(command);
        for configuration in [
            format!("{q} = 1\n"),
            format!("exclude = [{q}, 1]\n"),
            format!("[[cluster]]\nname = {q}\nentry = {q}\n"),
            format!("[[mesh]]\nclusters = [{q}]\n"),
            format!("[levels]\n{q} = {q}\n"),
            format!("[[ignore]]\nrule = {q}\npath = {q}\nreason = {q}\n"),
            format!("baseline = {q}\n"),
            format!("# {command}\n\n{command}\n"),
        ] {
            fs::write(broken, &configuration).unwrap();
            let output = run(&["check", path, "--config", broken]);
            assert_neutral(&configuration, &output, false, false);
            let output = run(&["check", path, "--config", broken, "--color", "always"]);
            assert_neutral(&configuration, &output, true, false);
        }
        let text = serde_json::to_string(command).unwrap();
        for baseline in [
            format!(
                "{{\"version\": 1, \"findings\": [{{\"path\": {text}, \"rule\": {text}, \"message\": {text}, \"clusters\": [{text}], \"fingerprint\": {text}}}]}}"
            ),
            format!("{{{text}: 1}}"),
            format!("{{\"version\": {text}}}"),
            command.to_owned(),
        ] {
            fs::write(broken, &baseline).unwrap();
            let output = run(&["check", path, "--baseline", broken]);
            assert_neutral(&baseline, &output, false, false);
        }
        fs::remove_file(broken).unwrap();
    }
}

#[test]
fn a_baseline_is_neutral_and_still_matches() {
    let scratch = hostile();
    let path = scratch.path().to_str().unwrap();
    let file = scratch.path().join("baseline.json");
    let name = file.to_str().unwrap();
    assert_neutral(
        "writing",
        &run(&["check", path, "--write-baseline", name]),
        false,
        false,
    );
    let obeyed = obeyed(&fs::read(&file).unwrap(), false, false);
    assert!(obeyed.is_empty(), "{obeyed:#?}");
    let output = run(&["check", path, "--baseline", name, "--fail-on", "info"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn no_report_is_written_through_a_link_of_the_repository() {
    use std::os::unix::fs::symlink;
    let scratch = hostile();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    fs::write(&target, "untouched").unwrap();
    symlink(&target, scratch.path().join("report")).unwrap();
    symlink(outside.path(), scratch.path().join("reports")).unwrap();
    let path = scratch.path().to_str().unwrap();
    for place in [
        "report",
        "reports/target",
        "reports/new",
        "clusters/../reports/target",
    ] {
        let file = scratch.path().join(place);
        let file = file.to_str().unwrap();
        for arguments in [&["--output", file][..], &["--write-baseline", file]] {
            let output = run(&[&["check", path], arguments].concat());
            assert_eq!(output.status.code(), Some(2), "{place}");
            assert!(
                String::from_utf8_lossy(&output.stderr).contains("is a link of the repository"),
                "{place}"
            );
        }
    }
    assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}
