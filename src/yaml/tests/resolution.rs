use super::*;
use crate::yaml::Resolved::{self, Bool, Float, Null, Str};
use crate::yaml::{Int, Schema};

const fn int(value: i64) -> Resolved<'static> {
    Resolved::Int(Int::Signed(value))
}

fn resolved(text: &str, schema: Schema) -> String {
    let root = tree(&format!("v: {text}\n"));
    let resolved = root.get("v").unwrap().resolve(schema).unwrap();
    format!("{resolved:?}")
}

/// Text, what kustomize makes of it, what Kubernetes clients make of it. Taken from runs of the Go packages.
const TABLE: &[(&str, Resolved<'_>, Resolved<'_>)] = &[
    ("on", Str("on"), Bool(true)),
    ("OFF", Str("OFF"), Bool(false)),
    ("yes", Str("yes"), Bool(true)),
    ("n", Str("n"), Bool(false)),
    ("True", Bool(true), Bool(true)),
    ("tRue", Str("tRue"), Str("tRue")),
    ("01", int(1), int(1)),
    ("08", Float(8.0), Float(8.0)),
    ("0777", int(511), int(511)),
    ("0o7", int(7), int(7)),
    ("-0o7", int(-7), int(-7)),
    ("0O7", int(7), int(7)),
    ("0x1F", int(31), int(31)),
    ("0X1f", int(31), int(31)),
    ("0b101", int(5), int(5)),
    ("0b12", Str("0b12"), Str("0b12")),
    ("1_000", int(1000), int(1000)),
    ("1_0.5_0", Float(10.5), Float(10.5)),
    ("_1", Str("_1"), Str("_1")),
    ("1_", int(1), int(1)),
    ("+1", int(1), int(1)),
    ("-0", int(0), int(0)),
    ("+", Str("+"), Str("+")),
    ("1e3", Float(1000.0), Float(1000.0)),
    ("1E+3", Float(1000.0), Float(1000.0)),
    ("1.", Float(1.0), Float(1.0)),
    (".5", Float(0.5), Float(0.5)),
    (".e1", Str(".e1"), Str(".e1")),
    (".1_0", Float(0.1), Float(0.1)),
    (".1__0", Str(".1__0"), Str(".1__0")),
    ("1e400", Str("1e400"), Str("1e400")),
    ("-.Inf", Float(f64::NEG_INFINITY), Float(f64::NEG_INFINITY)),
    ("+.inf", Float(f64::INFINITY), Float(f64::INFINITY)),
    ("inf", Str("inf"), Str("inf")),
    (
        "9223372036854775808",
        Resolved::Int(Int::Unsigned(1 << 63)),
        Resolved::Int(Int::Unsigned(1 << 63)),
    ),
    ("-9223372036854775808", int(i64::MIN), int(i64::MIN)),
    (
        "18446744073709551616",
        Float(18_446_744_073_709_551_616.0),
        Float(18_446_744_073_709_551_616.0),
    ),
    ("12:30:45", Str("12:30:45"), Str("12:30:45")),
    ("2001-12-14", Str("2001-12-14"), Str("2001-12-14")),
    ("0.0.0.0/0", Str("0.0.0.0/0"), Str("0.0.0.0/0")),
    ("1.20", Float(1.2), Float(1.2)),
    ("0x", Str("0x"), Str("0x")),
    ("1e", Str("1e"), Str("1e")),
    ("=", Str("="), Str("=")),
    ("~", Null, Null),
    ("", Null, Null),
    ("'01'", Str("01"), Str("01")),
    ("\"\"", Str(""), Str("")),
    ("!!str 01", Str("01"), Str("01")),
    ("!!float 1", Float(1.0), Float(1.0)),
    ("!!int 1", int(1), int(1)),
    ("!!null ''", Null, Null),
    ("! 1", int(1), Str("1")),
    ("!own 1", Str("1"), Str("1")),
];

#[test]
fn scalars_have_the_type_that_go_gives_them() {
    for (text, kustomize, kubernetes) in TABLE {
        assert_eq!(
            resolved(text, Schema::Kustomize),
            format!("{kustomize:?}"),
            "{text}"
        );
        assert_eq!(
            resolved(text, Schema::Kubernetes),
            format!("{kubernetes:?}"),
            "{text}"
        );
    }
    assert_eq!(resolved(".nan", Schema::Kustomize), "Float(NaN)");
}

#[test]
fn typed_access_refuses_other_types() {
    let root = tree("a: yes\nb: '1'\nc: 1.0\nd: 1.5\ne: text\nf: [1]\n");
    let at = |key: &str| root.get(key).unwrap();
    assert_eq!((at("a").as_bool(), at("e").as_bool()), (Some(true), None));
    assert_eq!(
        (at("b").as_int(), at("c").as_int(), at("d").as_int()),
        (None, Some(1), None)
    );
    assert_eq!(
        (at("b").as_str(), at("a").as_str(), at("f").as_str()),
        (Some("1"), None, None)
    );
}
