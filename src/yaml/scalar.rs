//! What type a scalar's text has. Go has two readings, and neither is that of YAML 1.2.

use std::borrow::Cow;

use super::node::{Node, Scalar, Style, Tag};

/// Whose reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schema {
    /// `go.yaml.in/yaml/v3`, by which kustomize reads and turns resources into JSON: `yes` and `on` are text.
    Kustomize,
    /// `sigs.k8s.io/yaml` (on yaml.v2), by which Kubernetes clients, Flux and Helm read: `yes` and `on` are booleans.
    Kubernetes,
}

/// A scalar with its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolved<'a> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number within 64 bits.
    Int(Int),
    /// Any other number, also infinite or not a number.
    Float(f64),
    /// Text.
    Str(&'a str),
}

/// A whole number as Go reads it: signed where it fits, else unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Int {
    /// Fits `i64`.
    Signed(i64),
    /// Above `i64::MAX`.
    Unsigned(u64),
}

impl Int {
    /// As `i64`, if it fits.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Signed(value) => Some(value),
            Self::Unsigned(_) => None,
        }
    }
}

impl std::fmt::Display for Int {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signed(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
        }
    }
}

impl Scalar {
    /// The scalar with its type by that reading.
    pub fn resolve(&self, schema: Schema) -> Resolved<'_> {
        let text = &*self.text;
        match &self.tag {
            None if self.style == Style::Plain => resolve_plain(text, schema),
            // The tag `!` asks for text, but yaml.v3 takes it for none.
            Some(Tag::Other(tag))
                if &**tag == "!" && schema == Schema::Kustomize && self.style == Style::Plain =>
            {
                resolve_plain(text, schema)
            }
            None | Some(Tag::Str | Tag::Binary | Tag::Other(_)) => Resolved::Str(text),
            Some(Tag::Null) => Resolved::Null,
            // A tag that does not suit its text is an error in Go; here the text decides.
            Some(Tag::Float) => match resolve_plain(text, schema) {
                Resolved::Int(Int::Signed(value)) => Resolved::Float(value as f64),
                Resolved::Int(Int::Unsigned(value)) => Resolved::Float(value as f64),
                other => other,
            },
            Some(Tag::Int | Tag::Bool) => resolve_plain(text, schema),
        }
    }
}

impl Scalar {
    /// Whether the text is what the scalar's tag says. Go refuses a file where it is not.
    pub(super) fn suits_tag(&self) -> bool {
        let resolved = || resolve_plain(&self.text, Schema::Kustomize);
        match &self.tag {
            None | Some(Tag::Str | Tag::Other(_)) => true,
            Some(Tag::Int) => matches!(resolved(), Resolved::Int(_)),
            Some(Tag::Float) => matches!(resolved(), Resolved::Int(_) | Resolved::Float(_)),
            Some(Tag::Bool) => matches!(resolved(), Resolved::Bool(_)),
            Some(Tag::Null) => matches!(resolved(), Resolved::Null),
            Some(Tag::Binary) => self.decoded().is_some(),
        }
    }

    /// The bytes that a `!!binary` text stands for.
    pub(super) fn decoded(&self) -> Option<Vec<u8>> {
        use base64::Engine as _;
        let compact: String = self.text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        base64::engine::general_purpose::STANDARD.decode(compact).ok()
    }
}

impl Node {
    /// The scalar with its type by that reading; `None` for lists and maps.
    pub fn resolve(&self, schema: Schema) -> Option<Resolved<'_>> {
        self.as_scalar().map(|scalar| scalar.resolve(schema))
    }

    /// The truth value, as Kubernetes clients read it.
    pub fn as_bool(&self) -> Option<bool> {
        match self.resolve(Schema::Kubernetes)? {
            Resolved::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number, as Kubernetes clients read it; `1.0` is one too.
    pub fn as_int(&self) -> Option<i64> {
        match self.resolve(Schema::Kubernetes)? {
            Resolved::Int(value) => value.as_i64(),
            #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
            Resolved::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
            _ => None,
        }
    }

    /// The text, if Kubernetes clients read the scalar as text: not for `1`, `true`, or null.
    pub fn as_str(&self) -> Option<&str> {
        match self.resolve(Schema::Kubernetes)? {
            Resolved::Str(text) => Some(text),
            _ => None,
        }
    }
}

/// What a plain scalar's text means. Follows `resolve.go` of both Go packages.
pub(super) fn resolve_plain(text: &str, schema: Schema) -> Resolved<'_> {
    if let Some(resolved) = resolve_word(text, schema) {
        return resolved;
    }
    match text.as_bytes().first() {
        // Behind a point `strconv.ParseFloat` alone decides, which takes underscores only between digits.
        Some(b'.') => without_separators(text)
            .and_then(|digits| parse_go_float(&digits))
            .map_or(Resolved::Str(text), Resolved::Float),
        Some(b'0'..=b'9' | b'+' | b'-') if !is_timestamp(text) => resolve_number(text, schema),
        _ => Resolved::Str(text),
    }
}

fn resolve_word(text: &str, schema: Schema) -> Option<Resolved<'_>> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if schema == Schema::Kubernetes => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if schema == Schema::Kubernetes => {
            Resolved::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn without_separators(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    memchr::memchr_iter(b'_', bytes)
        .all(|at| is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)))
        .then(|| text.replace('_', "").into())
}

fn resolve_number(text: &str, schema: Schema) -> Resolved<'_> {
    let plain: Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    if let Some(value) = parse_go_int(&plain) {
        return Resolved::Int(value);
    }
    if is_yaml_float(&plain)
        && let Some(value) = parse_go_float(&plain)
    {
        return Resolved::Float(value);
    }
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, &*plain),
    };
    let radix = match digits.get(..2) {
        Some("0b") => 2,
        Some("0o") if schema == Schema::Kustomize => 8,
        _ => return Resolved::Str(text),
    };
    // The digits may have a sign of their own: Go hands `0b-1` to ParseInt as `-1`.
    parse_signed(&digits[2..], radix, negative).map_or(Resolved::Str(text), Resolved::Int)
}

/// `strconv.ParseInt(s, 0, 64)`, then `ParseUint`: a base from the prefix, `0` alone meaning octal.
fn parse_go_int(text: &str) -> Option<Int> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let magnitude = parse_magnitude(digits, radix)?;
    match to_signed(magnitude, negative) {
        Some(value) => Some(Int::Signed(value)),
        // ParseUint takes no sign.
        None if !signed => Some(Int::Unsigned(magnitude)),
        None => None,
    }
}

fn parse_signed(digits: &str, radix: u32, negative: bool) -> Option<Int> {
    let (inner_sign, rest) = match digits.as_bytes().first()? {
        b'-' if !negative => (true, &digits[1..]),
        b'+' if !negative => (false, &digits[1..]),
        _ => (negative, digits),
    };
    let magnitude = parse_magnitude(rest, radix)?;
    match to_signed(magnitude, inner_sign) {
        Some(value) => Some(Int::Signed(value)),
        None if !negative && rest.len() == digits.len() => Some(Int::Unsigned(magnitude)),
        None => None,
    }
}

fn parse_magnitude(digits: &str, radix: u32) -> Option<u64> {
    // `from_str_radix` would take a sign of its own.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

fn to_signed(magnitude: u64, negative: bool) -> Option<i64> {
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// The expression `yamlStyleFloat` of Go's packages: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn is_yaml_float(text: &str) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = text.as_bytes();
    if let [b'-' | b'+', tail @ ..] = rest {
        rest = tail;
    }
    let whole = digits(rest);
    rest = &rest[whole..];
    if let [b'.', tail @ ..] = rest {
        let fraction = digits(tail);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = &tail[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        let tail = match tail {
            [b'-' | b'+', tail @ ..] => tail,
            _ => tail,
        };
        let exponent = digits(tail);
        return exponent > 0 && exponent == tail.len();
    }
    rest.is_empty()
}

/// `strconv.ParseFloat(s, 64)` for what can come here: decimal digits. A number too large is an error, not infinite.
fn parse_go_float(text: &str) -> Option<f64> {
    if !is_yaml_float(text) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether Go takes the text for a timestamp. It then stays text, but no number is tried.
fn is_timestamp(text: &str) -> bool {
    // A date has `-` behind the year, which no number can have.
    let bytes = text.as_bytes();
    bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}
