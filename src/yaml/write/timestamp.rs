//! Plain scalars that yaml.v3 takes for times (`resolve.go`, `allowedTimestampFormats`): kustomize prints them in RFC 3339.

/// The time in Go's `RFC3339Nano`, if the text is one.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    // The quick check of yaml.v3: exactly four digits, then a dash.
    let (year, rest) = text.split_once('-')?;
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut scan = Scan(rest);
    let month = scan.number()?;
    scan.expect("-")?;
    let day = scan.number()?;
    let year: u32 = year.parse().ok()?;
    if !(1..=12).contains(&month) || day == 0 || day > days(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if scan.0.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let has_zone = match scan.0.as_bytes().first()? {
        b'T' | b't' => true,
        b' ' => false,
        _ => return None,
    };
    scan.0 = &scan.0[1..];
    // Without a zone Go's layout begins with a space, which lets more spaces stand there.
    if !has_zone {
        scan.0 = scan.0.trim_start_matches(' ');
    }
    let hour = scan.number()?;
    scan.expect(":")?;
    let minute = scan.number()?;
    scan.expect(":")?;
    let second = scan.number()?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = scan.fraction()?;
    let zone = if has_zone { scan.zone()? } else { "Z".to_owned() };
    scan.0
        .is_empty()
        .then(|| format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn expect(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// One or two digits.
    fn number(&mut self) -> Option<u32> {
        let length = self.0.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let value = self.0.get(..length)?.parse().ok()?;
        self.0 = &self.0[length..];
        Some(value)
    }

    /// Nothing, or a point or comma with digits; printed without zeros at the end, to the nanosecond.
    fn fraction(&mut self) -> Option<String> {
        let digits = match self.0.as_bytes() {
            [b'.' | b',', rest @ ..] => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => 0,
        };
        if digits == 0 {
            return Some(String::new());
        }
        let written = &self.0[1..=digits];
        let kept = written.get(..9).unwrap_or(written).trim_end_matches('0');
        let fraction = if kept.is_empty() {
            String::new()
        } else {
            format!(".{kept}")
        };
        self.0 = &self.0[digits + 1..];
        Some(fraction)
    }

    /// `Z`, or an offset of hours and minutes.
    fn zone(&mut self) -> Option<String> {
        if let Some(rest) = self.0.strip_prefix('Z') {
            self.0 = rest;
            return Some("Z".to_owned());
        }
        let offset = self.0.get(..6)?;
        let bytes = offset.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let shape = matches!(bytes[0], b'+' | b'-')
            && digit(1)
            && digit(2)
            && bytes[3] == b':'
            && digit(4)
            && digit(5);
        if !shape || &offset[1..3] > "24" || &offset[4..] > "60" {
            return None;
        }
        self.0 = &self.0[6..];
        Some(if &offset[1..] == "00:00" {
            "Z".to_owned()
        } else {
            offset.to_owned()
        })
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_printed_as_kustomize_prints_them() {
        for (text, printed) in [
            ("2001-12-14", "2001-12-14T00:00:00Z"),
            ("2001-1-4", "2001-01-04T00:00:00Z"),
            ("2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
            ("2001-12-14t21:59:43Z", "2001-12-14T21:59:43Z"),
            ("2001-12-14 21:59:43.123456789", "2001-12-14T21:59:43.123456789Z"),
            ("2001-12-14 1:2:3", "2001-12-14T01:02:03Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(text).as_deref(), Some(printed), "{text}");
        }
        for text in [
            "2001-13-01",
            "2023-02-29",
            "2001-12",
            "2001-12-14 21:59:43 -5",
            "2001-12-14T21:59",
            "20011-12-14",
            "2001-12-14x",
            "2001-12-14 ",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
