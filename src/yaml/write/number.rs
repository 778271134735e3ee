//! Floating-point numbers as Go's `strconv` and `encoding/json` print them.

/// `encoding/json`: without an exponent unless the number is below 1e-6 or from 1e21.
pub(super) fn json(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = split(&scientific);
        // encoding/json takes one zero out: `e-09` becomes `e-9`, while `e+09` cannot occur.
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{}", exponent.unsigned_abs());
    }
    format!("{value}")
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`, by which `fmt` and yaml.v2 print: an exponent below 1e-4 and from 1e6.
pub(super) fn general(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => shortest(&format!("{value:e}"), || value.to_string()),
    }
}

/// The same with the precision of 32 bits.
pub(super) fn general_single(value: f32) -> String {
    match value {
        f32::INFINITY => "+Inf".to_owned(),
        f32::NEG_INFINITY => "-Inf".to_owned(),
        _ => shortest(&format!("{value:e}"), || value.to_string()),
    }
}

fn shortest(scientific: &str, positional: impl Fn() -> String) -> String {
    let (mantissa, exponent) = split(scientific);
    if mantissa.trim_start_matches('-') == "0" || (-4..6).contains(&exponent) {
        positional()
    } else {
        with_exponent(mantissa, exponent)
    }
}

fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// Mantissa and exponent of what Rust prints: the shortest digits that read back as the same number.
fn split(scientific: &str) -> (&str, i32) {
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (scientific, 0),
    }
}
