//! The schema of the configuration, and what the documentation says of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::configured::{check, with};
use common::fleet::{self, Files};
use common::form::Form;
use common::page;
use meshlint::config::{ROOT, Table, What};
use meshlint::rules::{Category, find};
use serde_json::Value;

fn schema() -> Value {
    let path = common::project().join("schema/meshlint-config-v1.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn page() -> String {
    std::fs::read_to_string(common::project().join("docs/configuration.md")).unwrap()
}

/// A configuration as JSON, which is what editors check against the schema.
fn as_json(configuration: &str) -> Value {
    let table: toml::Table = configuration
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{configuration}"));
    serde_json::to_value(table).unwrap()
}

fn fits(configuration: &str) -> bool {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.is_valid(&as_json(configuration))
}

#[test]
fn the_schema_is_one() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

/// The schema and the program are of one mind about every form.
#[test]
fn the_schema_takes_what_the_program_takes() {
    let files = fleet::read("two-clusters");
    let cluster = "[[cluster]]\nname = \"infra\"\n";
    let source = "[[source]]\nname = \"x\"\n";
    for configuration in [
        "",
        "exclude = []",
        "exclude = [\"/delivery/\"]",
        "exclude = \"/delivery/\"",
        "excludes = [\"/delivery/\"]",
        "select = [\"default\", \"mesh\", \"missing-path\", \"all\"]",
        "select = []",
        "baseline = \"delivery/kustomization.yaml\"",
        "baseline = \"/etc/passwd\"",
        "baseline = true",
        "select = [\"no-such-rule\"]",
        "[levels]\nmesh = \"off\"\nmissing-path = \"info\"",
        "[levels]\nmesh = \"none\"",
        "[levels]\ndefault = \"off\"",
        "[[ignore]]\nrule = \"missing-path\"\npath = \"/services/\"\nreason = \"x\"",
        "[[ignore]]\nrule = \"mesh\"\npath = \"/services/\"\nreason = \"x\"",
        "[[ignore]]\nrule = \"missing-path\"\npath = \"/services/\"",
        cluster,
        "[[cluster]]\nentry = \"clusters/infra\"",
        "[[cluster]]\nname = \" \"",
        "[[cluster]]\nname = \"infra\"\nentry = \"/clusters/infra\"",
        &format!("{cluster}source = \"GitRepository/flux-system/flux-system\""),
        &format!("{cluster}source = \"flux-system/flux-system\""),
        &format!("{cluster}source = \"HelmRepository/flux-system/flux-system\""),
        &format!(
            "{cluster}[[cluster.bootstrap]]\nobject = \"Secret/a/b\"\nvalues = {{ A = \"x\" }}\nnames = [\"B\"]"
        ),
        &format!("{cluster}[[cluster.bootstrap]]\nobject = \"Secret/a/b\"\nvalues = {{ A = 1 }}"),
        &format!("{cluster}[[cluster.bootstrap]]\nobject = \"Secret/a/b\"\nvalues = {{ A-B = \"x\" }}"),
        &format!("{cluster}[[cluster.bootstrap]]\nobject = \"Secret/b\""),
        "[[mesh]]\nclusters = [\"infra\"]\nexternal-peers = [\"x\"]",
        "[[mesh]]\nclusters = []",
        &format!("{source}elsewhere = true"),
        &format!("{source}elsewhere = false"),
        &format!("{source}path = \".\""),
        &format!("{source}path = \".\"\nelsewhere = true"),
        source,
        "[[source]]\nname = \"a/b/c/d\"\npath = \".\"",
        "[[source]]\nname = \"x\"\nurl = \"x\"\npath = \".\"",
        "[flux]\nversion = \"2.8\"\nstrict-substitution = false",
        "[flux]\nversion = \"2.9.4\"",
        "[flux]\nversion = \"2.x\"",
        "[flux]\nversion = \"02.8\"",
        "[flux]\nversion = 2.8",
        "[settings]\ndefaults = false\ncluster-id = [\"X\"]",
        "[settings]\ncluster-id = \"X\"",
    ] {
        let taken = check(&with(&files, configuration)).is_ok();
        assert_eq!(fits(configuration), taken, "{configuration}");
    }
}

/// Every key with the tables it is in, as `cluster.bootstrap.object`.
fn keys(table: &Table, prefix: &str, all: &mut Vec<String>) {
    for key in table.keys {
        let name = format!("{prefix}{}", key.name);
        if let What::Table(inner) | What::Tables(inner) = &key.what {
            keys(inner, &format!("{name}."), all);
        }
        all.push(name);
    }
}

#[test]
fn every_key_has_its_heading_and_stands_in_an_example() {
    let page = page();
    let mut wanted = Vec::new();
    keys(&ROOT, "", &mut wanted);
    let headings: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| {
            line.strip_prefix("### `")
                .and_then(|rest| rest.split_once('`'))
                .map(|(name, _)| name)
        })
        .collect();
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    assert_eq!(headings, wanted);

    let mut shown = BTreeSet::new();
    for example in examples() {
        collect(&as_json(&example), "", &mut shown);
    }
    let missing: Vec<_> = wanted.iter().filter(|key| !shown.contains(**key)).collect();
    assert!(missing.is_empty(), "no example shows {missing:?}");
}

fn collect(value: &Value, prefix: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                all.insert(format!("{prefix}{key}"));
                collect(value, &format!("{prefix}{key}."), all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, prefix, all)),
        _ => {}
    }
}

/// The blocks of TOML in the page.
fn examples() -> Vec<String> {
    let page = page();
    let blocks = page.split("```toml\n").skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_examples_of_the_page_can_be_followed() {
    let examples = examples();
    assert!(examples.len() > 8);
    for example in &examples {
        assert!(fits(example), "{example}");
        let problems = check(&with(&shown_repository(), example));
        let told = problems.err().map(|problems| {
            problems
                .into_iter()
                .map(|one| one.finding.message)
                .collect::<Vec<_>>()
        });
        assert_eq!(told, None, "{example}");
    }
}

/// A repository with the paths and names that the examples speak of.
fn shown_repository() -> Files {
    let mut files = Files::new();
    let example = |path: &str| {
        page::Example {
            files: vec![page::Block {
                path: path.to_owned(),
                form: Form::Whole,
                text: String::new(),
            }],
            ..page::Example::default()
        }
        .repository()
    };
    files.extend(example("README.md"));
    for path in [
        "clusters/lab/apps.yaml",
        "apps/web.yaml",
        "examples/one.yaml",
        "fleet/start/apps.yaml",
    ] {
        files.insert(
            path.to_owned(),
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n".to_owned(),
        );
    }
    let baseline = "{\"version\": 1, \"findings\": []}";
    files.insert(".meshlint-baseline.json".to_owned(), baseline.to_owned());
    files
}

#[test]
fn names_of_rules_and_options_in_the_page_exist() {
    let page = page();
    let check = common::stdout(&common::run(&["check", "--help"]));
    let init = common::stdout(&common::run(&["init", "--help"]));
    let prose = page.split("```").step_by(2).collect::<String>();
    let mut options = 0;
    let mut rules = 0;
    for word in prose.split('`').skip(1).step_by(2) {
        if word.starts_with("--") {
            let name = word.split([' ', '=']).next().unwrap();
            assert!(
                check.contains(name) || init.contains(name),
                "no option is called {name}"
            );
            options += 1;
        }
    }
    for link in prose.split("](../rules/").skip(1) {
        let path = link.split(')').next().unwrap();
        let (category, name) = path.trim_end_matches(".md").split_once('/').unwrap();
        let rule = find(name).unwrap_or_else(|| panic!("no rule is called {name}"));
        assert_eq!(rule.category.as_str(), category);
        rules += 1;
    }
    assert!(options > 3 && rules > 2);
    for category in Category::ALL {
        assert!(
            prose.contains(&format!("`{}`", category.as_str())),
            "{category:?}"
        );
    }
}
