//! What becomes of folded text (`>`) in kustomize, which prints every resource by yaml.v3 and reads it again before it
//! makes JSON of it (`RNode.MarshalJSON`). yaml.v3's printer asks for the first line where it means the next
//! (`yaml_emitter_write_folded_scalar`), so that lines indented deeper, and line breaks kept by `>+`, get another line break.

use super::allowed::can_be_block;
use std::borrow::Cow;

/// The text after it was printed as `>` and read again.
pub(super) fn printed_and_read(text: &str) -> Cow<'_, str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    // The usual case, one paragraph, comes through as it is. So does text that cannot be printed as a block.
    // To yaml.v3 a tab is no special character, as it is to yaml.v2.
    if !body.contains('\n') || !can_be_block(&text.replace('\t', ".")) {
        return text.into();
    }
    read(&print(text), text).into()
}

/// What becomes of U+0085 on the way through JSON: Go's encoder leaves it as it is, and yaml.v2 takes it for a line break
/// inside the quotes, which it folds.
pub(super) fn through_json(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\u{85}') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\u{85}') {
        out.push_str(rest[..at].trim_end_matches(' '));
        let behind = rest[at..].trim_start_matches([' ', '\u{85}']);
        let breaks = rest[at..rest.len() - behind.len()].matches('\u{85}').count();
        if breaks == 1 {
            out.push(' ');
        } else {
            out.extend(std::iter::repeat_n('\n', breaks - 1));
        }
        rest = behind;
    }
    out.push_str(rest);
    out.into()
}

/// The lines that yaml.v3 prints below the `>`, without their indentation.
fn print(text: &str) -> Vec<String> {
    let first_is_blank = text.trim_start_matches('\n').starts_with([' ', '\t', '\0']);
    let mut lines = vec![String::new()];
    let mut after_break = true;
    let mut in_deeper_line = true;
    for c in text.chars() {
        if c == '\n' {
            if !after_break && !in_deeper_line && !first_is_blank {
                lines.push(String::new());
            }
            lines.push(String::new());
            after_break = true;
        } else {
            if after_break {
                in_deeper_line = matches!(c, ' ' | '\t');
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            after_break = false;
        }
    }
    lines
}

/// Reads the lines as libyaml does: a single break between lines becomes a space, unless a line begins with a blank.
fn read(lines: &[String], original: &str) -> String {
    let mut out = String::new();
    let mut pending_breaks = 0;
    let mut after_line = false;
    let mut after_deeper = false;
    let (last, lines) = lines.split_last().map_or((&[][..], lines), |(last, rest)| {
        if last.is_empty() {
            (&[][..], rest)
        } else {
            (std::slice::from_ref(last), rest)
        }
    });
    for line in lines.iter().chain(last) {
        if line.is_empty() {
            pending_breaks += 1;
            continue;
        }
        let deeper = line.starts_with([' ', '\t']);
        if after_line {
            if deeper || after_deeper {
                out.push('\n');
            } else if pending_breaks == 0 {
                out.push(' ');
            }
        }
        out.extend(std::iter::repeat_n('\n', pending_breaks));
        out.push_str(line);
        pending_breaks = 0;
        after_line = true;
        after_deeper = deeper;
    }
    // The chomping indicator is chosen by the end of the original text.
    let kept = original.len() - original.trim_end_matches('\n').len();
    match kept {
        0 => {}
        1 => out.push('\n'),
        _ => out.extend(std::iter::repeat_n(
            '\n',
            pending_breaks + usize::from(after_line),
        )),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{printed_and_read, through_json};

    #[test]
    fn next_line_characters_are_folded_as_kustomize_does() {
        for (text, printed) in [
            ("a\u{85}b", "a b"),
            ("a  \u{85}  b", "a b"),
            ("a\u{85} \u{85}b", "a\nb"),
            ("\u{85}a\u{85}", " a "),
        ] {
            assert_eq!(through_json(text.into()), printed, "{text:?}");
        }
    }

    #[test]
    fn lines_that_are_indented_deeper_get_another_break() {
        // Printed by `kustomize build`.
        for (read, printed) in [
            ("foo\n  bar\nbaz\n", "foo\n\n  bar\nbaz\n"),
            ("foo\nbar\n", "foo\nbar\n"),
            ("foo\n\nbar\n", "foo\n\nbar\n"),
            ("one line\n", "one line\n"),
            ("kept\n\n", "kept\n\n\n"),
            ("foo\n  bar", "foo\n\n  bar"),
            ("\n\n\n", "\n\n\n"),
        ] {
            assert_eq!(printed_and_read(read), printed, "{read:?}");
        }
    }
}
