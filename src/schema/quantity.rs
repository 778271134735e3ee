//! Quantities of resources.

/// The endings that Kubernetes knows (apimachinery, `pkg/api/resource/suffix.go`).
const ENDINGS: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// Whether a text is a quantity: a number with an ending, or with an exponent.
pub(super) fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, ending) = unsigned.split_at(end);
    let has_digits = number.bytes().any(|byte| byte.is_ascii_digit());
    let has_one_point = number.bytes().filter(|byte| *byte == b'.').count() <= 1;
    has_digits && has_one_point && (ENDINGS.contains(&ending) || is_exponent(ending))
}

fn is_exponent(ending: &str) -> bool {
    let digits = ending.strip_prefix(['e', 'E']).unwrap_or_default();
    digits.parse::<i32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_one_of_the_endings_or_an_exponent() {
        for good in ["1", "0.5", ".5", "5.", "100m", "1Gi", "-2k", "1e3", "1E-3", "12E"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "m", "1GB", "1 Gi", "1gi", "1.2.3", "1ee3", "Gi1"] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }
}
