//! The order of keys in yaml.v2 output (`sorter.go`): letters by code point, numbers within names by value, and
//! whatever is no letter before letters.

use std::cmp::Ordering;

/// Sorts by key. A hand-made merge sort: the order is not proven to be a total one for every input, which the standard
/// library answers with a panic.
pub(super) fn sort_by_key<T: Clone>(items: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    sort_by_key(items, key);
    sort_by_key(&mut right, key);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let (mut left, mut right) = (items.drain(..).peekable(), right.into_iter().peekable());
    loop {
        let take_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => compare(key(b), key(a)) == Ordering::Less,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => break,
        };
        merged.extend(if take_right { right.next() } else { left.next() });
    }
    drop(left);
    *items = merged;
}

/// How yaml.v2 orders two text keys.
fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        compare_units(a.as_bytes(), b.as_bytes())
    } else {
        let a: Vec<char> = a.chars().collect();
        let b: Vec<char> = b.chars().collect();
        compare_units(&a, &b)
    }
}

/// A character, or a byte of text that is all ASCII.
trait Unit: Copy + Ord {
    fn is_letter(self) -> bool;
    fn digit(self) -> Option<i64>;
}

impl Unit for u8 {
    fn is_letter(self) -> bool {
        self.is_ascii_alphabetic()
    }

    fn digit(self) -> Option<i64> {
        self.is_ascii_digit().then(|| i64::from(self - b'0'))
    }
}

impl Unit for char {
    fn is_letter(self) -> bool {
        self.is_alphabetic()
    }

    fn digit(self) -> Option<i64> {
        self.to_digit(10).map(i64::from)
    }
}

fn compare_units<U: Unit>(a: &[U], b: &[U]) -> Ordering {
    let Some(at) = a.iter().zip(b).position(|(a, b)| a != b) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[at], b[at]);
    match (x.is_letter(), y.is_letter()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // `10` and `1.5`: a zero that stands behind other digits counts as a digit of the number, not as a leading zero.
    let behind_digits = (x.digit() == Some(0) || y.digit() == Some(0))
        && a[..at]
            .iter()
            .rev()
            .map_while(|unit| unit.digit())
            .any(|digit| digit != 0);
    let number = |units: &[U]| {
        let mut value = i64::from(behind_digits);
        let mut length = 0;
        for digit in units[at..].iter().map_while(|unit| unit.digit()) {
            value = value.wrapping_mul(10).wrapping_add(digit);
            length += 1;
        }
        (value, length)
    };
    number(a).cmp(&number(b)).then(x.cmp(&y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> String {
        let mut keys: Vec<&str> = text.split(' ').collect();
        sort_by_key(&mut keys, |key| key);
        keys.join(" ")
    }

    #[test]
    fn keys_stand_in_the_order_of_yaml_v2() {
        // Printed by yaml.v2 itself.
        for expected in [
            "A B a b",
            "a a-b a.b a1 a2 a10 a10b ab",
            "1 2 10 a",
            "file1.yaml file01.yaml file2.yaml file10.yaml",
            "app.kubernetes.io/instance app.kubernetes.io/name app_name apple",
            "10.0.0.0 10.0.0.1 100.0",
            "_a Z é ü",
        ] {
            let backwards: Vec<&str> = expected.split(' ').rev().collect();
            assert_eq!(sorted(&backwards.join(" ")), expected);
        }
    }

    #[test]
    fn a_number_too_large_for_any_type_is_no_crash() {
        assert_eq!(
            sorted("99999999999999999999999a a1"),
            "99999999999999999999999a a1"
        );
    }

    #[test]
    fn many_keys_are_sorted() {
        let keys: Vec<String> = (0..1000).map(|n| format!("k{n}")).collect();
        let backwards: Vec<&str> = keys.iter().rev().map(String::as_str).collect();
        assert_eq!(sorted(&backwards.join(" ")), keys.join(" "));
    }
}
