//! Floating-point numbers as Go's `strconv` and `encoding/json` print them.

/// `encoding/json`: without an exponent unless the number is below 1e-6 or from 1e21.
pub(super) fn json(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let (mantissa, exponent) = scientific(value);
        // encoding/json takes one zero out: `e-09` becomes `e-9`, while `e+09` cannot occur.
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{}", exponent.unsigned_abs());
    }
    format!("{value}")
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`, by which yaml.v2 prints: an exponent below 1e-4 and from 1e6.
pub(super) fn yaml(value: f64) -> String {
    let (mantissa, exponent) = scientific(value);
    if value == 0.0 || (-4..6).contains(&exponent) {
        format!("{value}")
    } else {
        with_exponent(&mantissa, exponent)
    }
}

fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// The shortest digits that read back as the same number, with the exponent to base ten.
fn scientific(value: f64) -> (String, i32) {
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa.to_owned(), exponent.parse().unwrap_or(0)),
        None => (text, 0),
    }
}
