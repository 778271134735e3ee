use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Table {
    variables: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    lenient: Expected,
    strict: Expected,
}

/// What the real package gives: text, bytes in hexadecimal when they are not UTF-8, or an error.
#[derive(Deserialize, Debug, PartialEq)]
struct Expected {
    #[serde(default)]
    out: Option<String>,
    #[serde(default)]
    hex: Option<String>,
    #[serde(default)]
    err: Option<String>,
}

fn ours(text: &str, variables: &BTreeMap<String, String>, strict: bool) -> Expected {
    let error = |message: String| Expected {
        out: None,
        hex: None,
        err: Some(message),
    };
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(syntax) => return error(syntax.to_string()),
    };
    let lookup = |name: &str| match variables.get(name) {
        Some(value) => VariableValue::Text(value),
        None => VariableValue::Undefined,
    };
    match template.eval(&lookup, if strict { Missing::Fail } else { Missing::Empty }) {
        Ok(evaluated) => {
            assert_pieces_cover(text, &evaluated);
            match evaluated.text() {
                Some(text) => Expected {
                    out: Some(text.to_owned()),
                    hex: None,
                    err: None,
                },
                None => Expected {
                    out: None,
                    hex: Some(
                        evaluated
                            .output
                            .iter()
                            .map(|byte| format!("{byte:02x}"))
                            .collect(),
                    ),
                    err: None,
                },
            }
        }
        Err(other) => error(other.to_string()),
    }
}

/// Pieces follow each other without gaps, and literal ones are the text itself.
fn assert_pieces_cover(text: &str, evaluated: &Evaluated) {
    let mut end = 0;
    for piece in &evaluated.pieces {
        assert_eq!(piece.output.start, end, "{text:?}");
        end = piece.output.end;
        if piece.uses.is_none() {
            let literal = &text.as_bytes()[piece.source.clone()];
            assert_eq!(&evaluated.output[piece.output.clone()], literal, "{text:?}");
        }
    }
    assert_eq!(end, evaluated.output.len(), "{text:?}");
}

/// `testdata/envsubst/README.md` tells how the table was made with the real package.
#[test]
fn agrees_with_the_real_package() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/envsubst");
    let json = std::fs::read_to_string(format!("{directory}/cases.json")).unwrap();
    let table: Table = serde_json::from_str(&json).unwrap();
    assert!(table.cases.len() > 300);
    let mut wrong = Vec::new();
    for case in &table.cases {
        for (strict, expected) in [(false, &case.lenient), (true, &case.strict)] {
            let got = ours(&case.text, &table.variables, strict);
            if got != *expected {
                wrong.push(format!(
                    "{:?} strict={strict}\n  real {expected:?}\n  ours {got:?}",
                    case.text
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

fn parsed(text: &str) -> Template {
    Template::parse(text).unwrap()
}

fn names<'a>(uses: impl IntoIterator<Item = &'a Use>) -> Vec<(&'a str, UseKind)> {
    uses.into_iter().map(|one| (&*one.variable, one.kind)).collect()
}

#[test]
fn every_piece_tells_its_expression_and_variables() {
    let text = "id: ${ID}, name: $$x ${NAME:-${ID}-${NONE:=b}}";
    let evaluated = parsed(text).eval_with(&[("ID", "7")], Missing::Fail).unwrap();
    assert_eq!(evaluated.text(), Some("id: 7, name: $x 7-b"));
    let expressions: Vec<_> = evaluated
        .pieces
        .iter()
        .filter(|piece| piece.uses.is_some())
        .map(|piece| (&text[piece.source.clone()], names(evaluated.uses_of(piece))))
        .collect();
    assert_eq!(
        expressions,
        [
            ("${ID}", vec![("ID", UseKind::Value)]),
            (
                "${NAME:-${ID}-${NONE:=b}}",
                vec![
                    ("NAME", UseKind::Default),
                    ("ID", UseKind::Value),
                    ("NONE", UseKind::Default)
                ]
            ),
        ]
    );
}

#[test]
fn an_unused_default_leaves_no_trace() {
    let evaluated = parsed("${A:-${B}}")
        .eval_with(&[("A", "1"), ("B", "2")], Missing::Fail)
        .unwrap();
    assert_eq!(names(&evaluated.uses), [("A", UseKind::Value)]);
}

#[test]
fn all_undefined_variables_are_reported_in_both_modes() {
    let text = "${A} ${B:-x} ${C^^} ${D:-${E}} ${A:1:-9}";
    let expected = [("A", "${A}"), ("C", "${C^^}"), ("E", "${E}"), ("A", "${A:1:-9}")];
    let listed = |undefined: &[Undefined]| {
        let pairs = undefined
            .iter()
            .map(|one| (one.variable.to_string(), text[one.range.clone()].to_owned()));
        pairs.collect::<Vec<_>>()
    };
    let expected = expected.map(|(name, range)| (name.to_owned(), range.to_owned()));
    match parsed(text).eval_with(&[], Missing::Fail) {
        Err(EvalError::Undefined(undefined)) => assert_eq!(listed(&undefined), expected),
        other => panic!("{other:?}"),
    }
    let lenient = parsed("${A} ${B:-x} ${C^^} ${D:-${E}}")
        .eval_with(&[], Missing::Empty)
        .unwrap();
    assert_eq!(listed(&lenient.undefined), expected[..3]);
    assert_eq!(lenient.text(), Some(" x  "));
    let marked = parsed("${A} ${C^^} ${A:-d}")
        .eval_with(&[], Missing::Mark)
        .unwrap();
    assert_eq!(marked.text(), Some("..A.. ..C.. d"));
}

#[test]
fn a_variable_that_cannot_be_known_leaves_a_placeholder() {
    let lookup = |name: &str| match name {
        "SECRET" => VariableValue::Unknown,
        "A" => VariableValue::Text("a"),
        "PERHAPS" => VariableValue::Perhaps,
        _ => VariableValue::Undefined,
    };
    for (text, output, kinds) in [
        ("${SECRET}", "..SECRET..", vec![("SECRET", UseKind::Unknown)]),
        (
            "x${SECRET:0:3}y",
            "x..SECRET..y",
            vec![("SECRET", UseKind::Unknown)],
        ),
        ("${SECRET:-b}", "..SECRET..", vec![("SECRET", UseKind::Unknown)]),
        ("${PERHAPS}", "..PERHAPS..", vec![("PERHAPS", UseKind::Unknown)]),
        ("${PERHAPS:-b}", "b", vec![("PERHAPS", UseKind::Unknown)]),
        ("${A:-${SECRET}}", "a", vec![("A", UseKind::Value)]),
        (
            "${NONE:-${SECRET}}",
            "..NONE..",
            vec![("NONE", UseKind::Default), ("SECRET", UseKind::Unknown)],
        ),
        (
            "${A/a/${SECRET}}",
            "..A..",
            vec![("A", UseKind::Value), ("SECRET", UseKind::Unknown)],
        ),
    ] {
        let evaluated = parsed(text).eval(&lookup, Missing::Fail).unwrap();
        assert_eq!(evaluated.text(), Some(output), "{text}");
        assert_eq!(names(&evaluated.uses), kinds, "{text}");
    }
}

#[test]
fn a_syntax_error_names_its_expression() {
    for (text, failed, reason) in [
        ("a ${b} ${c.d} e", "${c.d}", SyntaxReason::MissingClosingBrace),
        (
            "x ${arr[@]} y\n${z}",
            "${arr[@]}",
            SyntaxReason::MissingClosingBrace,
        ),
        ("${ok:-${ v }}", "${ v }", SyntaxReason::VariableName),
        ("${ok:-${fine}", "${ok:-${fine}", SyntaxReason::FunctionWord),
        ("${v/a}\nnext/line", "${v/a}", SyntaxReason::BadSubstitution),
        ("${open   \n}", "${open", SyntaxReason::MissingClosingBrace),
    ] {
        let error = Template::parse(text).unwrap_err();
        assert_eq!((&text[error.range], error.reason), (failed, reason), "{text}");
    }
}

#[test]
fn nothing_grows_or_nests_without_bound() {
    let deep = format!("{}x{}", "${a:-".repeat(20_000), "}".repeat(20_000));
    assert_eq!(Template::parse(deep).unwrap_err().reason, SyntaxReason::TooDeep);
    let big = "x".repeat(1 << 20);
    for text in ["${V//${E}/${V}}", "${V#*y}", &"${V}".repeat(100)] {
        let result = parsed(text).eval_with(&[("V", &big), ("E", "")], Missing::Fail);
        assert!(matches!(result, Err(EvalError::TooLarge(_))));
    }
}

#[test]
fn a_text_without_anything_to_replace_is_literal() {
    for (text, literal) in [
        ("", true),
        ("a $b $(c)", true),
        ("$$", false),
        ("${a}", false),
        ("a\0b", false),
    ] {
        assert_eq!(parsed(text).is_literal(), literal, "{text:?}");
    }
}
