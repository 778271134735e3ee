use super::*;
use crate::finding::ObjectRef;
use crate::rules::{Category, Context};

fn silent(_: &Context<'_>, _: &mut Vec<Finding>) {}

const fn rule(name: &'static str, category: Category, severity: Severity, pedantic: bool) -> Rule {
    Rule {
        name,
        category,
        severity,
        pedantic,
        since: "0.1.0",
        page: "",
        check: silent,
    }
}

static ERROR: Rule = rule("an-error", Category::Mesh, Severity::Error, false);
static WARNING: Rule = rule("a-warning", Category::Flux, Severity::Warning, false);
static PEDANTIC: Rule = rule("a-nicety", Category::Flux, Severity::Info, true);

fn sources(first: &str) -> SourceMap {
    SourceMap::from_memory([("a.yaml", first), ("b.yaml", "b: 1\n")])
}

fn at(map: &SourceMap, path: &str, start: usize, end: usize) -> Span {
    let file = map
        .iter()
        .find(|(_, file)| file.path().as_str() == path)
        .unwrap()
        .0;
    Span::new(file, start, end)
}

fn prints(map: &SourceMap, found: Vec<(&'static Rule, Finding)>) -> Vec<String> {
    let sorted = collect(map, &Policy::default(), &BTreeSet::new(), found);
    sorted.findings.into_iter().map(|one| one.fingerprint).collect()
}

#[test]
fn the_same_fault_in_a_shared_file_is_one_finding() {
    let map = sources("a: 1\n");
    let finding = |cluster: &str, other: Span| {
        (
            &ERROR,
            Finding::new("`a` is 1", at(&map, "a.yaml", 0, 1), "here")
                .label(other, "seen there")
                .clusters([cluster]),
        )
    };
    let found = vec![
        finding("west", at(&map, "b.yaml", 3, 4)),
        finding("east", at(&map, "b.yaml", 0, 1)),
    ];
    let sorted = collect(&map, &Policy::default(), &BTreeSet::new(), found);
    assert_eq!(sorted.findings.len(), 1);
    let one = &sorted.findings[0].finding;
    assert_eq!(one.clusters, ["east", "west"]);
    assert_eq!(one.labels.len(), 3);
}

#[test]
fn order_is_by_path_then_position_then_rule_whatever_came_first() {
    let map = sources("a: 1\n");
    let found = vec![
        (&WARNING, Finding::new("m", at(&map, "b.yaml", 0, 1), "x")),
        (&ERROR, Finding::new("m", at(&map, "a.yaml", 3, 4), "x")),
        (&WARNING, Finding::new("m", at(&map, "a.yaml", 3, 4), "x")),
        (&ERROR, Finding::new("m", at(&map, "a.yaml", 0, 1), "x")),
    ];
    let mut backwards = found.clone();
    backwards.reverse();
    let names = |found| {
        let sorted = collect(&map, &Policy::default(), &BTreeSet::new(), found);
        sorted
            .findings
            .iter()
            .map(|one| (one.finding.primary().span, one.rule.name))
            .collect::<Vec<_>>()
    };
    let expected = [
        ("a.yaml", 0, "an-error"),
        ("a.yaml", 3, "a-warning"),
        ("a.yaml", 3, "an-error"),
        ("b.yaml", 0, "a-warning"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|&(path, start, rule)| (at(&map, path, start, start + 1), rule))
        .collect();
    assert_eq!(names(found), expected);
    assert_eq!(names(backwards), expected);
}

#[test]
fn ignored_rules_are_counted_and_other_clusters_left_out() {
    let map = sources("a: 1\n");
    let found = vec![
        (
            &ERROR,
            Finding::new("m", at(&map, "a.yaml", 0, 1), "x").clusters(["east"]),
        ),
        (
            &ERROR,
            Finding::new("n", at(&map, "a.yaml", 0, 1), "x").clusters(["west"]),
        ),
        (&ERROR, Finding::new("o", at(&map, "a.yaml", 0, 1), "x")),
        (&WARNING, Finding::new("m", at(&map, "a.yaml", 0, 1), "x")),
    ];
    let policy = Policy {
        ignore: vec![Selector::Category(Category::Flux)],
        clusters: vec!["east".to_owned()],
        ..Policy::default()
    };
    let sorted = collect(&map, &policy, &BTreeSet::new(), found);
    let messages: Vec<_> = sorted
        .findings
        .iter()
        .map(|one| one.finding.message.as_str())
        .collect();
    assert_eq!(messages, ["m", "o"]);
    assert_eq!(sorted.suppressed, 1);
}

#[test]
fn pedantic_rules_run_when_named() {
    let with = |select: Vec<Selector>| Policy {
        select,
        ..Policy::default()
    };
    assert!(Policy::default().runs(&ERROR));
    assert!(!Policy::default().runs(&PEDANTIC));
    assert!(with(vec![Selector::Rule(&PEDANTIC)]).runs(&PEDANTIC));
    assert!(!with(vec![Selector::Rule(&PEDANTIC)]).runs(&ERROR));
    assert!(!with(vec![Selector::Category(Category::Flux)]).runs(&PEDANTIC));
    assert!(with(vec![Selector::Category(Category::Flux)]).runs(&WARNING));
    assert!(with(vec![Selector::Default, Selector::Rule(&PEDANTIC)]).runs(&ERROR));
    assert!(with(vec![Selector::All]).runs(&PEDANTIC));
}

#[test]
fn an_unknown_selector_is_refused() {
    assert!(matches!(
        Selector::parse("mesh"),
        Ok(Selector::Category(Category::Mesh))
    ));
    let error = Selector::parse("mseh").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no rule or category is called `mseh`; did you mean `mesh`?"
    );
}

#[test]
fn fingerprints_survive_moved_lines_and_reworded_messages() {
    let object = ObjectRef {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: None,
        name: "settings".to_owned(),
    };
    let finding = |map: &SourceMap, start: usize, message: &str| {
        let found = Finding::new(message, at(map, "a.yaml", start, start + 1), "x");
        (&ERROR, found.object(object.clone()).route("data.ID"))
    };
    let before = sources("a: 1\n");
    let after = sources("# moved\na: 1\n");
    let old = prints(&before, vec![finding(&before, 3, "one")]);
    assert_eq!(old, prints(&after, vec![finding(&after, 11, "two")]));
    assert_eq!(old[0].len(), 32);
}

#[test]
fn a_fault_is_the_same_in_other_files_clusters_and_writing() {
    let fault = |path: &str, text: &str, cluster: &str| {
        let map = SourceMap::from_memory([(path, text)]);
        let end = text.trim_end().len();
        let found = Finding::new("m", at(&map, path, 0, end), "x").clusters([cluster]);
        let sorted = collect(&map, &Policy::default(), &BTreeSet::new(), vec![(&ERROR, found)]);
        sorted.findings.into_iter().next().unwrap()
    };
    let before = fault("a.yaml", "name: \"x y\"\nid: 1\n", "east");
    let after = fault("b/c.yaml", "'name':  x y\r\n  \r\nid: '1'\r\n", "west");
    assert_eq!(before.fault, after.fault);
    assert_ne!(before.fingerprint, after.fingerprint);
    assert_ne!(before.fault, fault("a.yaml", "name: x z\nid: 1\n", "east").fault);
    assert_ne!(before.fault, before.fingerprint);
    // However long the text is, and wherever it can be cut.
    fault("a.yaml", &"é".repeat(500), "east");
    fault(
        "a.yaml",
        &format!("{} {}", "é".repeat(90), "é".repeat(90)),
        "east",
    );
}

#[test]
fn what_is_known_is_left_out_and_counted() {
    let map = sources("a: 1\n");
    let finding = |start: usize| Finding::new("m", at(&map, "a.yaml", start, start + 1), "l");
    let found = vec![(&ERROR, finding(0)), (&WARNING, finding(1)), (&ERROR, finding(3))];
    let sorted = collect(&map, &Policy::default(), &BTreeSet::new(), found);
    let mut outcome = Outcome {
        findings: sorted.findings,
        ..Outcome::default()
    };
    outcome.summary.suppressed = 1;
    let marks = |all: &[bool]| all.iter().map(|one| vec![*one]).collect();
    outcome.leave_out(
        &map,
        &[marks(&[true, false, false]), marks(&[true, true]), Vec::new()],
    );
    let left: Vec<u32> = outcome
        .findings
        .iter()
        .map(|one| one.finding.primary().span.start)
        .collect();
    assert_eq!(left, [3]);
    let summary = &outcome.summary;
    assert_eq!((summary.errors, summary.warnings, summary.suppressed), (1, 0, 3));
}

#[test]
fn fingerprints_tell_places_apart() {
    let map = sources("a: [x, y, x]\n");
    let finding = |start: usize| {
        (
            &ERROR,
            Finding::new("m", at(&map, "a.yaml", start, start + 1), "l"),
        )
    };
    let all = prints(&map, vec![finding(4), finding(7), finding(10)]);
    assert_eq!(all.len(), 3);
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    // The first of two equal ones keeps its fingerprint when the second is mended.
    assert_eq!(prints(&map, vec![finding(4)])[0], all[0]);
}

#[test]
fn fail_on_is_a_threshold() {
    use Severity::{Error, Info, Warning};
    let reached = |fail_on: FailOn| [Info, Warning, Error].map(|severity| fail_on.reached_by(severity));
    assert_eq!(reached(FailOn::Error), [false, false, true]);
    assert_eq!(reached(FailOn::Warning), [false, true, true]);
    assert_eq!(reached(FailOn::Info), [true, true, true]);
    assert_eq!(reached(FailOn::Never), [false, false, false]);
}

#[test]
fn pedantic_findings_are_told_when_their_rule_is_named() {
    let map = sources("a: 1\n");
    let told = |policy: &Policy| {
        let place = at(&map, "a.yaml", 0, 1);
        let found = vec![
            (&ERROR, Finding::new("plain", place, "x")),
            (&ERROR, Finding::new("fussy", place, "x").pedantic()),
        ];
        collect(&map, policy, &BTreeSet::new(), found).findings.len()
    };
    let with = |select: Vec<Selector>| Policy {
        select,
        ..Policy::default()
    };
    assert_eq!(told(&Policy::default()), 1);
    assert_eq!(
        told(&with(vec![Selector::Category(Category::Mesh), Selector::Default])),
        1
    );
    assert_eq!(told(&with(vec![Selector::Rule(&ERROR)])), 2);
    assert_eq!(told(&with(vec![Selector::All])), 2);
    let mut policy = Policy::default();
    policy.levels.set_rule(&ERROR, Level::At(Severity::Info));
    assert_eq!(told(&policy), 2);
}
