//! Where values come from, and what is told of those that cannot be had.

use super::*;
use crate::postbuild::substitute::prepare::SUBSTITUTE_KEY;
use crate::unknown::UnknownReason;

#[test]
fn a_value_points_at_its_expression_and_the_line_that_gave_it() {
    let fixture = config(
        "  id: \"${ID}\" # mesh id\n  name: c-${NAME}-${ID}\n",
        &[("ID", "7"), ("NAME", "north")],
    );
    let done = fixture.run(true);
    assert!(done.problems.is_empty());
    let id = fixture.value(&done, &["data", "id"]);
    assert_eq!(id.as_int(), Some(7));
    assert_eq!(fixture.snippet(id.span()), "\"${ID}\"");
    assert_eq!(fixture.substitutions(id), [("ID".to_owned(), "${ID}", Some("7"))]);
    assert_eq!(fixture.snippet(id.origin().edit_span()), "7");
    let name = fixture.value(&done, &["data", "name"]);
    assert_eq!(name.as_str(), Some("c-north-7"));
    assert_eq!(
        fixture.substitutions(name),
        [
            ("NAME".to_owned(), "${NAME}", Some("north")),
            ("ID".to_owned(), "${ID}", Some("7"))
        ]
    );
    assert_eq!(&*done.mentions, ["ID".into(), "NAME".into()]);
}

#[test]
fn a_default_points_at_its_expression() {
    let fixture = config("  port: ${PORT:-80${SUFFIX:=80}}\n", &[("OTHER", "x")]);
    let done = fixture.run(true);
    let port = fixture.value(&done, &["data", "port"]);
    assert_eq!(port.as_int(), Some(8080));
    assert_eq!(
        fixture.substitutions(port),
        [
            ("PORT".to_owned(), "${PORT:-80${SUFFIX:=80}}", None),
            ("SUFFIX".to_owned(), "${SUFFIX:=80}", None)
        ]
    );
}

#[test]
fn equal_expressions_of_one_scalar_are_told_apart() {
    let fixture = config("  hosts: ${H},${H},${H:0:1}\n", &[("H", "node")]);
    let done = fixture.run(true);
    let hosts = fixture.value(&done, &["data", "hosts"]);
    let all = hosts.origin().substituted.as_deref().unwrap();
    let offsets: Vec<_> = all
        .iter()
        .map(|one| one.expression.start - hosts.span().start)
        .collect();
    assert_eq!(offsets, [0, 5, 10]);
}

#[test]
fn expressions_in_blocks_and_escapes_are_found() {
    let fixture = config(
        "  script: |\n    echo ${A}\n    echo ${B:-two\n      lines}\n  quoted: \"${C:=say \\\"hi\\\"}\"\n",
        &[("A", "x")],
    );
    let done = fixture.run(true);
    let script = fixture.value(&done, &["data", "script"]);
    assert_eq!(script.as_str(), Some("echo x\necho two\n  lines\n"));
    assert_eq!(fixture.substitutions(script)[0].1, "${A}");
    assert!(fixture.substitutions(script)[1].1.starts_with("${B:-two\n"));
    let quoted = fixture.value(&done, &["data", "quoted"]);
    assert_eq!(quoted.as_str(), Some("say \"hi\""));
    assert_eq!(fixture.substitutions(quoted)[0].1, "${C:=say \\\"hi\\\"}");
}

#[test]
fn what_holds_no_expression_is_shared() {
    let fixture = config(
        "  plain: {z: [1, two], a: 'no'}\n  port: 8080\n  id: ${ID}\n",
        &[("ID", "7")],
    );
    let done = fixture.run(true);
    for keys in [&["metadata"][..], &["data", "plain"], &["data", "port"]] {
        let before = fixture.object.node.at(keys).unwrap();
        assert!(fixture.value(&done, keys).is_same(before), "{keys:?}");
    }
    let order: Vec<_> = done
        .object
        .node
        .get("data")
        .unwrap()
        .entries()
        .iter()
        .map(|entry| entry.key.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(order, ["plain", "port", "id"]);
}

#[test]
fn an_object_without_anything_to_replace_is_the_same_object() {
    let fixture = config("  a: $HOME is no expression\n  b: 'yes'\n", &[("A", "1")]);
    let plain = config("  a: 1\n", &[("A", "1")]);
    for fixture in [fixture, plain] {
        assert!(Arc::ptr_eq(&fixture.run(true).object, &fixture.object));
    }
}

#[test]
fn only_disabled_objects_are_left_alone() {
    let annotated = |value: &str| {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  annotations:\n    {SUBSTITUTE_KEY}: {value}\ndata:\n  a: ${{A}}\n"
        );
        fixture(&text, &[("A", "1")])
    };
    for (value, excluded) in [("disabled", true), ("Disabled", false), ("enabled", false)] {
        let fixture = annotated(value);
        assert_eq!(
            Arc::ptr_eq(&fixture.run(true).object, &fixture.object),
            excluded,
            "{value}"
        );
    }
}

#[test]
fn an_empty_value_is_null_and_keeps_its_origin() {
    let fixture = config("  a: ${A}\n  list:\n  - ${A}\n  - b\n", &[("A", "")]);
    let done = fixture.run(true);
    let a = fixture.value(&done, &["data", "a"]);
    let item = &fixture.value(&done, &["data", "list"]).items()[0];
    for node in [a, item] {
        assert!(node.is_null());
        assert_eq!(fixture.substitutions(node), [("A".to_owned(), "${A}", Some(""))]);
    }
}

#[test]
fn structure_made_by_a_value_comes_from_the_value() {
    let fixture = config("  a: ${A}\n  ${K}: x\n", &[("A", "{b: [1]}"), ("K", "key")]);
    let done = fixture.run(true);
    let one = &fixture.value(&done, &["data", "a", "b"]).items()[0];
    assert_eq!(one.as_int(), Some(1));
    assert_eq!(fixture.snippet(one.origin().edit_span()), "{b: [1]}");
    let entry = done.object.node.get("data").unwrap().entry("key").unwrap();
    assert_eq!(fixture.snippet(entry.key.origin().edit_span()), "key");
    assert_eq!(fixture.snippet(entry.value.span()), "x");
}

#[test]
fn broken_yaml_names_the_expression_and_the_values() {
    let fixture = config(
        "  a: ${GOOD}\n  b: ${BAD} ${GOOD}\n  c: d\n",
        &[("GOOD", "fine"), ("BAD", "x: y:")],
    );
    let done = fixture.run(true);
    match done.problems.as_slice() {
        [
            RenderProblem::BrokenBySubstitution {
                expression, values, ..
            },
        ] => {
            assert_eq!(fixture.snippet(*expression), "${BAD}");
            let values: Vec<_> = values
                .iter()
                .map(|(name, span)| (&**name, fixture.snippet(*span)))
                .collect();
            assert_eq!(values, [("BAD", "x: y:"), ("GOOD", "fine")]);
        }
        other => panic!("{other:?}"),
    }
    let value = |key: &str| {
        let node = fixture.value(&done, &["data", key]);
        (node.as_text().unwrap(), node.origin().is_unknown())
    };
    assert_eq!(
        [value("a"), value("b"), value("c")],
        [("fine", false), ("..BAD.. fine", true), ("d", false)]
    );
}

#[test]
fn a_password_that_begins_like_an_anchor_breaks_the_document() {
    for (value, breaks) in [
        ("&a!b", true),
        ("&", true),
        ("&a b", false),
        ("&a_1-", false),
        ("a&!", false),
    ] {
        let done = config("  a: ${A}\n  b: c\n", &[("A", value)]).run(true);
        assert_eq!(!done.problems.is_empty(), breaks, "{value}");
    }
}

#[test]
fn every_undefined_variable_is_a_problem_and_its_value_unknown() {
    let fixture = config(
        "  a: ${ONE}\n  b: x-${TWO^^}\n  c: ${THREE:-3}\n",
        &[("SET", "1")],
    );
    for strict in [true, false] {
        let done = fixture.run(strict);
        let undefined: Vec<_> = done
            .problems
            .iter()
            .map(|problem| match problem {
                RenderProblem::UndefinedVariable {
                    variable, expression, ..
                } => (&**variable, fixture.snippet(*expression)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(undefined, [("ONE", "${ONE}"), ("TWO", "${TWO^^}")]);
        let a = fixture.value(&done, &["data", "a"]);
        assert!(a.origin().is_unknown());
        assert_eq!(a.is_null(), !strict);
    }
}

#[test]
fn a_variable_that_cannot_be_known_is_no_problem() {
    let mut fixture = config(
        "  a: ${SECRET}\n  b: ${OTHER:-5}\n  c: ${KNOWN:-6}\n",
        &[("KNOWN", "1")],
    );
    let unknown = Variable {
        value: Err(UnknownReason::Encrypted),
        span: None,
    };
    fixture.variables.known.insert("SECRET".into(), unknown);
    fixture.variables.open = Some(UnknownReason::External);
    let done = fixture.run(true);
    assert!(done.problems.is_empty());
    for (key, text, is_unknown) in [("a", "..SECRET..", true), ("b", "5", true), ("c", "1", false)] {
        let node = fixture.value(&done, &["data", key]);
        assert_eq!(
            (node.as_text(), node.origin().is_unknown()),
            (Some(text), is_unknown)
        );
    }
}

#[test]
fn a_malformed_expression_is_reported_where_it_stands() {
    let fixture = config(
        "  fine: ${A}\n  script: |\n    set -e\n    echo ${list[@]}\n",
        &[("A", "1")],
    );
    let done = fixture.run(true);
    match done.problems.as_slice() {
        [
            RenderProblem::MalformedSubstitution {
                expression, reason, ..
            },
        ] => {
            assert_eq!(fixture.snippet(*expression), "${list[@]}");
            assert_eq!(reason, "missing closing brace");
        }
        other => panic!("{other:?}"),
    }
    assert!(fixture.value(&done, &["data", "script"]).origin().is_unknown());
    let fine = fixture.value(&done, &["data", "fine"]);
    assert_eq!((fine.as_int(), fine.origin().is_unknown()), (Some(1), false));
}

#[test]
fn the_origin_of_an_earlier_substitution_stays() {
    let mut fixture = config("  a: ${A}\n", &[("A", "1")]);
    let earlier = yaml::Substitution {
        variable: "PARENT".into(),
        expression: fixture.object.node.span(),
        value: None,
        unknown: false,
        output: None,
    };
    let mut object = (*fixture.object).clone();
    let a = object
        .node
        .get_mut("data")
        .and_then(|data| data.get_mut("a"))
        .unwrap();
    let origin = yaml::Origin {
        span: a.span(),
        substituted: Some([earlier].into()),
    };
    a.set_origin(origin);
    fixture.object = Arc::new(object);
    let done = fixture.run(true);
    let variables: Vec<_> = fixture
        .substitutions(fixture.value(&done, &["data", "a"]))
        .into_iter()
        .map(|(variable, ..)| variable)
        .collect();
    assert_eq!(variables, ["PARENT", "A"]);
}

#[test]
fn an_object_is_prepared_once_for_all_clusters() {
    let fixture = config("  a: ${A}\n", &[("A", "1")]);
    let substituter = Substituter::new(&fixture.sources);
    let mut other = fixture.variables.clone();
    other.known.insert(
        "A".into(),
        Variable {
            value: Ok("2".into()),
            span: None,
        },
    );
    let first = substituter.substitute(&fixture.object, &fixture.variables, true);
    let second = substituter.substitute(&fixture.object, &other, true);
    assert!(Arc::ptr_eq(&first.mentions, &second.mentions));
    assert_eq!(second.object.node.at(&["data", "a"]).unwrap().as_int(), Some(2));
}

#[test]
fn an_object_blown_up_by_aliases_is_not_printed() {
    let text = format!(
        "{HEAD}data:\n  a: &a \"${{A}} {}\"\n  list: [{}]\n",
        "x".repeat(20_000),
        "*a, ".repeat(1_000)
    );
    let fixture = fixture(&text, &[("A", "1")]);
    let done = fixture.run(true);
    assert!(matches!(
        done.problems.as_slice(),
        [RenderProblem::MalformedSubstitution { .. }]
    ));
    assert!(fixture.value(&done, &["data", "a"]).origin().is_unknown());
}

/// Every value of the YAML in the text `values`, with the variables that made it.
fn values_within(data: &str, variables: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let fixture = config(data, variables);
    let done = fixture.run(true);
    assert!(done.problems.is_empty(), "{:?}", done.problems);
    let parsed = yaml::parse_embedded(fixture.value(&done, &["data", "values"]), &fixture.sources);
    assert!(
        parsed.errors.is_empty(),
        "{:?} {:?}",
        parsed.errors,
        fixture.value(&done, &["data", "values"]).as_text()
    );
    let entries = parsed.root().unwrap().entries().iter();
    entries
        .map(|entry| {
            let substitutions = fixture.substitutions(&entry.value);
            let variables: Vec<String> = substitutions.into_iter().map(|(name, ..)| name).collect();
            (
                entry.value.as_text().unwrap_or_default().to_owned(),
                fixture.snippet(entry.value.span()).to_owned(),
                variables.join(" "),
            )
        })
        .collect()
}

#[test]
fn values_in_a_text_keep_their_own_places() {
    let told = |text: &str, written: &str, variables: &str| {
        (text.to_owned(), written.to_owned(), variables.to_owned())
    };
    let variables = [("ID", "7"), ("NAME", "north"), ("ODD", "long")];
    let block = "  values: |\n    id: ${ID}\n    name: a-${NAME}-${ID}\n    plain: 1\n";
    let expected = vec![
        told("7", "${ID}", "ID"),
        told("a-north-7", "a-${NAME}-${ID}", "NAME ID"),
        told("1", "1", ""),
    ];
    assert_eq!(values_within(block, &variables), expected);
    // The long way: another expression of the object asks for it.
    let long = format!("  other: ${{ODD}}\n{block}");
    let odd = [("ID", "7"), ("NAME", "north"), ("ODD", "blank ")];
    assert_eq!(values_within(&long, &odd), expected);
    let quoted = "  values: \"id: ${ID}\\nname: a-${NAME}-${ID}\\nplain: 1\\n\"\n";
    assert_eq!(values_within(quoted, &variables), expected);
    let within = "  values: |\n    a: ${ODD/l/s}\n    b: ${NONE:-${NAME}}\n    c: ${ID}\n";
    assert_eq!(
        values_within(within, &variables),
        [
            told("song", "${ODD/l/s}", "ODD"),
            told("north", "${NONE:-${NAME}}", "NONE NAME"),
            told("7", "${ID}", "ID"),
        ]
    );
}
