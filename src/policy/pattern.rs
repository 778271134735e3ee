//! Regular expressions of Go, as far as it is sure that they cannot be compiled.

/// Whether Go surely refuses the expression: brackets that do not fit, nothing to repeat, a backslash at the end, and what other
/// engines have but Go has not, looking around and references back. What is doubtful passes.
pub(super) fn is_broken(expression: &str) -> bool {
    let mut depth = 0_usize;
    let mut can_repeat = false;
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                None | Some('1'..='9') => return true,
                // Everything up to `\E` is plain text.
                Some('Q') => return false,
                Some(_) => can_repeat = true,
            },
            '[' => {
                if !skip_class(&mut rest) {
                    return true;
                }
                can_repeat = true;
            }
            '(' => {
                depth += 1;
                can_repeat = false;
                if rest.peek() == Some(&'?') {
                    let ahead: String = rest.clone().skip(1).take(2).collect();
                    if ahead.starts_with(['=', '!']) || matches!(&*ahead, "<=" | "<!") {
                        return true;
                    }
                    // Flags and names end with these.
                    rest.by_ref()
                        .find(|c| matches!(c, ':' | '>' | ')'))
                        .inspect(|end| {
                            depth -= usize::from(*end == ')');
                        });
                }
            }
            ')' if depth == 0 => return true,
            ')' => {
                depth -= 1;
                can_repeat = true;
            }
            '|' => can_repeat = false,
            '*' | '+' | '?' if !can_repeat => return true,
            _ => can_repeat = true,
        }
    }
    depth > 0
}

/// Passes over a class behind its `[`; false when it does not end.
fn skip_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    rest.next_if_eq(&'^');
    let mut is_first = true;
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.next().is_none() => return false,
            '[' if rest.peek() == Some(&':') => {
                // A named class such as `[:alpha:]`, if it ends.
                let ahead: String = rest.clone().take(32).collect();
                if let Some(end) = ahead.find(":]") {
                    rest.nth(end + 1);
                }
            }
            ']' if !is_first => return true,
            _ => {}
        }
        is_first = false;
    }
    false
}
