use std::path::Path;

use clap::ValueEnum;

use super::*;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::rules::{Category, Context, Rule};
use crate::sink::{ClusterSummary, Outcome, Policy, Sorted, Summary, collect};
use crate::source::{SourceMap, Span};

fn silent(_: &Context<'_>, _: &mut Vec<Finding>) {}

static RULE: Rule = Rule {
    name: "duplicate-cluster-id",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: "",
    check: silent,
};

const APPS: &str = "apiVersion: v1\nkind: ConfigMap\ndata:\n  CLUSTER_ID: \"1\"\n  OTHER: x\n";
const INFRA: &str = "# infra\nkind: ConfigMap\ndata:\n  CLUSTER_ID: \"1\"\n";
const RELEASE: &str = "kind: HelmRelease\nspec:\n  values:\n    cluster:\n      id: ${CLUSTER_ID}\n";

fn sources() -> SourceMap {
    SourceMap::from_memory([
        ("apps/settings.yaml", APPS),
        ("cilium/release.yaml", RELEASE),
        ("infra/settings.yaml", INFRA),
    ])
}

fn span(map: &SourceMap, path: &str, text: &str) -> Span {
    let (id, file) = map.iter().find(|(_, file)| file.path().as_str() == path).unwrap();
    let start = file.text().unwrap().find(text).unwrap();
    Span::new(id, start, start + text.len())
}

fn duplicate(map: &SourceMap) -> Finding {
    Finding::new(
        "clusters `infra` and `apps` both have cluster id 1",
        span(map, "infra/settings.yaml", "\"1\""),
        "`infra` takes id 1 here",
    )
    .label(span(map, "apps/settings.yaml", "\"1\""), "`apps` takes id 1 here")
    .label(span(map, "cilium/release.yaml", "${CLUSTER_ID}"), "used here")
    .help("give each cluster its own id from 1 to 255")
    .clusters(["infra", "apps"])
    .object(ObjectRef {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: None,
        name: "cluster-settings".to_owned(),
    })
    .route("data.CLUSTER_ID")
}

fn outcome(map: &SourceMap, findings: Vec<Finding>) -> Outcome {
    let Sorted { findings, suppressed } = collect(
        map,
        &Policy::default(),
        &std::collections::BTreeSet::new(),
        findings.into_iter().map(|one| (&RULE, one)).collect(),
    );
    let cluster = |name: &str| ClusterSummary {
        name: name.to_owned(),
        entry: format!("clusters/{name}"),
        kustomizations: 4,
        objects: 21,
    };
    let summary = Summary {
        errors: findings.len(),
        suppressed,
        files: 3,
        objects: 42,
        unknown: [("chart", 1), ("encrypted", 5)].into(),
        ..Summary::default()
    };
    Outcome {
        clusters: vec![cluster("apps"), cluster("infra")],
        findings,
        summary,
        ..Outcome::default()
    }
}

fn written(map: &SourceMap, findings: Vec<Finding>, format: Format, look: Look) -> String {
    let outcome = outcome(map, findings);
    let report = Report {
        sources: map,
        outcome: &outcome,
        look,
    };
    let mut out = Vec::new();
    report.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn human_shows_every_file_of_a_finding() {
    let map = sources();
    insta::assert_snapshot!(written(&map, vec![duplicate(&map)], Format::Human, Look::PLAIN));
}

#[test]
fn human_without_findings_says_so() {
    let map = sources();
    insta::assert_snapshot!(written(&map, Vec::new(), Format::Human, Look::PLAIN), @r"
    no findings in 2 clusters (42 objects, 3 files)
    not known from the repository: 1 chart, 5 encrypted values
    ");
    let quiet = Look {
        quiet: true,
        ..Look::PLAIN
    };
    assert_eq!(written(&map, Vec::new(), Format::Human, quiet), "");
}

#[test]
fn colour_and_links_come_only_when_asked_for() {
    let map = sources();
    let plain = written(&map, vec![duplicate(&map)], Format::Human, Look::PLAIN);
    assert!(!plain.contains('\u{1b}'));
    let colour = Look {
        colour: true,
        ..Look::PLAIN
    };
    let coloured = written(&map, vec![duplicate(&map)], Format::Human, colour);
    assert!(coloured.contains("\u{1b}["));
    assert!(!coloured.contains("\u{1b}]8"));
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a b.yaml"), "k: v\n").unwrap();
    let map = SourceMap::open(directory.path()).unwrap();
    let finding = Finding::new("m", span(&map, "a b.yaml", "v"), "here");
    for format in [Format::Human, Format::Concise] {
        let look = |links| Look { links, ..Look::PLAIN };
        let linked = written(&map, vec![finding.clone()], format, look(true));
        assert!(
            linked.contains("/a%20b.yaml\u{1b}\\a b.yaml\u{1b}]8;;\u{1b}\\"),
            "{linked:?}"
        );
        let plain = written(&map, vec![finding.clone()], format, look(false));
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
    }
}

#[test]
fn concise_is_one_line_per_finding() {
    let map = sources();
    let text = written(&map, vec![duplicate(&map)], Format::Concise, Look::PLAIN);
    insta::assert_snapshot!(text, @"infra/settings.yaml:4:15: error[duplicate-cluster-id]: clusters `infra` and `apps` both have cluster id 1");
}

#[test]
fn json_is_the_contract() {
    let map = sources();
    insta::assert_snapshot!(written(&map, vec![duplicate(&map)], Format::Json, Look::PLAIN));
}

#[test]
fn github_escapes_what_would_end_a_command() {
    let map = sources();
    let finding = Finding::new(
        "100% of\n`a`",
        span(&map, "apps/settings.yaml", "\"1\""),
        "one: two, three",
    );
    let text = written(&map, vec![finding], Format::Github, Look::PLAIN);
    insta::assert_snapshot!(text, @"::error title=error[duplicate-cluster-id],file=apps/settings.yaml,line=4,endLine=4,col=15,endColumn=18::100%25 of%0A`a`%0Aapps/settings.yaml:4:15: one: two, three");
}

#[test]
fn text_from_the_repository_cannot_forge_output() {
    let map = SourceMap::from_memory([("a\u{1b}.yaml", "k: \u{1b}[2J\n")]);
    let id = map.iter().next().unwrap().0;
    let finding = Finding::new("x\u{1b}[2J\n::error::y", Span::new(id, 3, 4), "l\u{1b}");
    for &format in Format::value_variants() {
        let text = written(&map, vec![finding.clone()], format, Look::PLAIN);
        assert!(!text.contains('\u{1b}'), "{format:?}: {text}");
        assert!(!text.contains("\n::error::y"), "{format:?}: {text}");
    }
}

#[test]
fn odd_paths_are_escaped_as_each_format_wants_it() {
    let map = SourceMap::from_memory([("a,b:c%2C/ü #?<&>\".yaml", "k: v\n")]);
    let id = map.iter().next().unwrap().0;
    let finding = Finding::new("<m> & ]]> \"n\"", Span::new(id, 3, 4), "l");
    let text = |format| written(&map, vec![finding.clone()], format, Look::PLAIN);
    let github = text(Format::Github);
    assert!(
        github.contains(",file=a%2Cb%3Ac%252C/ü #?<&>\".yaml,line=1,"),
        "{github}"
    );
    let sarif = text(Format::Sarif);
    assert!(
        sarif.contains("\"a%2Cb%3Ac%252C/%C3%BC%20%23%3F%3C%26%3E%22.yaml\""),
        "{sarif}"
    );
    let junit = text(Format::Junit);
    assert!(
        junit.contains("message=\"&lt;m&gt; &amp; ]]&gt; &quot;n&quot;\""),
        "{junit}"
    );
    assert!(junit.contains("<failure type=\"error\""), "{junit}");
    let gitlab: serde_json::Value = serde_json::from_str(&text(Format::Gitlab)).unwrap();
    assert_eq!(gitlab[0]["location"]["path"], "a,b:c%2C/ü #?<&>\".yaml");
}

#[test]
fn only_our_own_links_are_links_in_sarif() {
    let map = sources();
    let finding = Finding::new(
        "see [this](1) or [that](https://example.org)",
        span(&map, "infra/settings.yaml", "\"1\""),
        "here",
    )
    .label(span(&map, "apps/settings.yaml", "\"1\""), "x[0]\\y](2)");
    let sarif: serde_json::Value =
        serde_json::from_str(&written(&map, vec![finding], Format::Sarif, Look::PLAIN)).unwrap();
    assert_eq!(
        sarif["runs"][0]["results"][0]["message"]["text"],
        r"see [this] (1) or [that] (https://example.org). See: [x\[0\]\\y\](2)](1)."
    );
}

#[test]
fn github_is_given_the_worst_first_and_told_what_it_drops() {
    let text: String = (0..12).map(|n| format!("k{n}: v\n")).collect();
    let map = SourceMap::from_memory([("a.yaml", text)]);
    let id = map.iter().next().unwrap().0;
    let finding = |nth: usize, severity| {
        Finding::new(format!("m{nth}"), Span::new(id, nth, nth + 1), "l").severity(severity)
    };
    let mut findings: Vec<Finding> = (0..11).map(|nth| finding(nth, Severity::Warning)).collect();
    findings.push(finding(20, Severity::Error));
    let outcome = |findings: &[Finding]| {
        let mut outcome = outcome(&map, findings.to_vec());
        outcome.summary.errors = 1;
        outcome.summary.warnings = findings.len() - 1;
        outcome
    };
    let written = |outcome: &Outcome, look| {
        let report = Report {
            sources: &map,
            outcome,
            look,
        };
        let mut out = Vec::new();
        report.write(Format::Github, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = written(&outcome(&findings), Look::PLAIN);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(
        lines[0].starts_with("::error ") && lines[0].ends_with("::m20%0Aa.yaml:4:3: l"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("::warning ") && lines[1].contains("::m0%0A"),
        "{text}"
    );
    assert!(lines[12].starts_with("1 error, 11 warnings in "), "{text}");
    let few = outcome(&findings[1..]);
    assert_eq!(written(&few, Look::PLAIN).lines().count(), 11);
    let quiet = Look {
        quiet: true,
        ..Look::PLAIN
    };
    assert_eq!(written(&outcome(&findings), quiet).lines().count(), 12);
}

#[test]
fn no_span_makes_a_report_panic() {
    let texts: [&[u8]; 6] = [
        b"",
        b"\n",
        b"a",
        b"a\r\nb\r\n",
        "ü: ö\n".as_bytes(),
        b"\xff\xfe\n",
    ];
    for text in texts {
        let map = SourceMap::from_memory([("x.yaml", text.to_vec())]);
        let id = map.iter().next().unwrap().0;
        for start in 0..=text.len() + 1 {
            for end in start..=text.len() + 2 {
                let finding =
                    Finding::new("m", Span::new(id, start, end), "l").label(Span::at_start(id), "s");
                for &format in Format::value_variants() {
                    assert!(!written(&map, vec![finding.clone()], format, Look::PLAIN).is_empty());
                }
            }
        }
    }
}

#[test]
fn only_the_human_report_knows_miette() {
    fn visit(directory: &Path, users: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, users);
            } else if std::fs::read_to_string(&path)
                .unwrap()
                .contains(concat!("miette", "::"))
            {
                users.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut users = Vec::new();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut users);
    assert_eq!(users, ["diagnostic.rs"]);
}
