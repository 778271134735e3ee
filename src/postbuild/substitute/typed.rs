//! The types that values have after Flux has printed and read them: yaml.v3 to JSON to YAML, read by yaml.v2 into
//! JSON, read into `float64`.

use std::borrow::Cow;

use base64::Engine as _;

use crate::yaml::{Int, Resolved, Scalar, Schema, Style, Tag, float_as_single_text};

/// Above this, `float64` no longer holds every whole number.
const EXACT: u64 = 1 << 53;

/// Whether printing and reading gives a scalar another type or value than Kubernetes' reader gives it in the file:
/// `yes` is text for kustomize, `2026-01-01` becomes a time.
pub(crate) fn changes_when_reread(scalar: &Scalar) -> bool {
    match &scalar.tag {
        Some(Tag::Str) => false,
        Some(_) => true,
        None if scalar.style != Style::Plain => false,
        None => match scalar.text.as_bytes().first() {
            // Numbers and times.
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => {
                let read = scalar.resolve(Schema::Kustomize);
                let timestamp = scalar.text.as_bytes().get(4) == Some(&b'-');
                timestamp || read != scalar.resolve(Schema::Kubernetes) || is_inexact(&read)
            }
            // Words of up to three letters that YAML 1.1 takes for truth values.
            Some(b'y' | b'Y' | b'n' | b'N' | b'o' | b'O') if scalar.text.len() <= 3 => {
                scalar.resolve(Schema::Kustomize) != scalar.resolve(Schema::Kubernetes)
            }
            _ => false,
        },
    }
}

fn is_inexact(read: &Resolved<'_>) -> bool {
    match read {
        Resolved::Int(Int::Signed(value)) => value.unsigned_abs() > EXACT,
        Resolved::Int(Int::Unsigned(_)) => true,
        _ => false,
    }
}

/// Whether two scalars are the same value to Kubernetes' reader. In JSON `1.0` is `1`.
pub(crate) fn is_same_value(a: &Scalar, b: &Scalar) -> bool {
    match (a.resolve(Schema::Kubernetes), b.resolve(Schema::Kubernetes)) {
        (Resolved::Int(int), Resolved::Float(float)) | (Resolved::Float(float), Resolved::Int(int)) => {
            !is_inexact(&Resolved::Int(int)) && as_float(int) == float
        }
        (a, b) => a == b,
    }
}

/// A value of the substituted text as a scalar that every reader understands alike.
///
/// # Errors
/// With the real program's words when JSON cannot hold the value.
pub(crate) fn value(scalar: &Scalar) -> Result<Scalar, String> {
    let plain = |text: String| Scalar {
        text: text.into(),
        style: Style::Plain,
        tag: None,
    };
    Ok(match read(scalar)? {
        Resolved::Null => plain("null".to_owned()),
        Resolved::Bool(value) => plain(value.to_string()),
        Resolved::Int(value) if is_inexact(&Resolved::Int(value)) => plain(number(as_float(value))),
        Resolved::Int(value) => plain(value.to_string()),
        Resolved::Float(value) if value.is_finite() => plain(number(value)),
        Resolved::Float(value) => return Err(format!("json: unsupported value: {value}")),
        Resolved::Str(text) => Scalar {
            text: decoded(scalar, text)?.into(),
            style: scalar.style,
            tag: Some(Tag::Str),
        },
    })
}

/// A key of the substituted text: always text in JSON (`sigs.k8s.io/yaml` `convertToJSONableObject`).
///
/// # Errors
/// With the real program's words when it refuses such a key.
pub(crate) fn key(scalar: &Scalar) -> Result<Cow<'_, str>, String> {
    Ok(match read(scalar)? {
        Resolved::Null => return Err("unsupported map key of type: <nil>".to_owned()),
        Resolved::Bool(value) => value.to_string().into(),
        Resolved::Int(Int::Signed(value)) => value.to_string().into(),
        Resolved::Int(Int::Unsigned(_)) => return Err("unsupported map key of type: uint64".to_owned()),
        Resolved::Float(value) if value.is_finite() => float_as_single_text(value).into(),
        Resolved::Float(value) if value.is_nan() => ".nan".into(),
        Resolved::Float(value) => if value > 0.0 { ".inf" } else { "-.inf" }.into(),
        Resolved::Str(text) => decoded(scalar, text)?,
    })
}

fn read(scalar: &Scalar) -> Result<Resolved<'_>, String> {
    let read = scalar.resolve(Schema::Kubernetes);
    match refused_tag(scalar, &read) {
        Some(tag) => Err(format!("cannot decode `{}` as a {tag}", scalar.text)),
        None => Ok(read),
    }
}

/// The text, or what it stands for when it is `!!binary`.
fn decoded<'a>(scalar: &Scalar, text: &'a str) -> Result<Cow<'a, str>, String> {
    if scalar.tag != Some(Tag::Binary) {
        return Ok(text.into());
    }
    let compact: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    match base64::engine::general_purpose::STANDARD.decode(compact) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned().into()),
        Err(_) => Err("!!binary value contains invalid base64 data".to_owned()),
    }
}

/// A tag that does not suit its text.
fn refused_tag(scalar: &Scalar, read: &Resolved<'_>) -> Option<&'static str> {
    match (&scalar.tag, read) {
        (Some(Tag::Int), Resolved::Str(_) | Resolved::Bool(_) | Resolved::Float(_)) => Some("!!int"),
        (Some(Tag::Float), Resolved::Str(_) | Resolved::Bool(_)) => Some("!!float"),
        (Some(Tag::Bool), Resolved::Str(_) | Resolved::Int(_) | Resolved::Float(_)) => Some("!!bool"),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the loss is what happens to the number"
)]
fn as_float(value: Int) -> f64 {
    match value {
        Int::Signed(value) => value as f64,
        Int::Unsigned(value) => value as f64,
    }
}

fn number(value: f64) -> String {
    if value == 0.0 {
        // JSON's -0 is read as 0.
        "0".to_owned()
    } else if value.abs() < 1e21 {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}
