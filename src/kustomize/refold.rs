//! Folded text (`>`) as it comes out of kustomize. yaml.v3 prints a folded scalar with a break too many before a line
//! that is indented more, and reads its own print again on the way to JSON, so the text itself changes
//! (go-yaml `emitterc.go`, `yaml_emitter_write_folded_scalar`: the look ahead starts at the front of the text).

use crate::yaml::{Kind, Node, Style};

/// Passes every folded scalar of an object through yaml.v3's print and back.
pub(super) fn refold(node: &mut Node) {
    if !has_folded(node) {
        return;
    }
    match node.kind_mut() {
        Kind::Scalar(scalar) => {
            scalar.text = reread(&scalar.text).into();
            // Printed once more it is no longer folded.
            scalar.style = Style::Literal;
        }
        Kind::Sequence(items) => items.iter_mut().for_each(refold),
        Kind::Mapping(entries) => entries.iter_mut().for_each(|entry| refold(&mut entry.value)),
    }
}

fn has_folded(node: &Node) -> bool {
    match node.kind() {
        Kind::Scalar(scalar) => scalar.style == Style::Folded,
        Kind::Sequence(items) => items.iter().any(has_folded),
        Kind::Mapping(entries) => entries.iter().any(|entry| has_folded(&entry.value)),
    }
}

/// The text after one print and one reading.
fn reread(text: &str) -> String {
    let is_special = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{feff}';
    // Such text is printed in double quotes instead.
    if text.contains(" \n") || text.ends_with(' ') || text.contains(is_special) {
        return text.to_owned();
    }
    let keeps_breaks = text.ends_with("\n\n") || text == "\n";
    let clips = text.ends_with('\n') && !keeps_breaks;
    read(&print(text), clips || keeps_breaks, keeps_breaks)
}

/// The lines below the `>`, without indentation.
fn print(text: &str) -> String {
    let first = text.trim_start_matches('\n').chars().next();
    let breaks_twice = !matches!(first, None | Some(' ' | '\t'));
    let mut out = String::with_capacity(text.len() + 16);
    let (mut after_break, mut indented) = (true, true);
    for character in text.chars() {
        if character == '\n' {
            if !after_break && !indented && breaks_twice {
                out.push('\n');
            }
            after_break = true;
        } else {
            if after_break {
                indented = matches!(character, ' ' | '\t');
            }
            after_break = false;
        }
        out.push(character);
    }
    out
}

/// Reads what stands below a `>` (go-yaml `yaml_parser_scan_block_scalar`).
fn read(body: &str, keeps_last: bool, keeps_all: bool) -> String {
    let mut out = String::with_capacity(body.len());
    let (mut leading_break, mut trailing) = (String::new(), String::new());
    let mut was_indented = false;
    let mut rest = body;
    while rest.starts_with('\n') {
        trailing.push('\n');
        rest = &rest[1..];
    }
    while !rest.is_empty() {
        let is_indented = rest.starts_with([' ', '\t']);
        if !was_indented && !is_indented && !leading_break.is_empty() {
            if trailing.is_empty() {
                out.push(' ');
            }
        } else {
            out.push_str(&leading_break);
        }
        out.push_str(&trailing);
        trailing.clear();
        was_indented = is_indented;
        let (line, behind) = match rest.split_once('\n') {
            Some((line, behind)) => {
                leading_break = "\n".to_owned();
                (line, behind)
            }
            None => {
                leading_break = "\n".to_owned();
                (rest, "")
            }
        };
        out.push_str(line);
        rest = behind;
        while rest.starts_with('\n') {
            trailing.push('\n');
            rest = &rest[1..];
        }
    }
    if keeps_last {
        out.push_str(&leading_break);
    }
    if keeps_all {
        out.push_str(&trailing);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::reread;

    #[test]
    fn a_line_indented_more_gets_an_empty_line_before_it() {
        assert_eq!(reread("{{\n  f(x)\n}}"), "{{\n\n  f(x)\n}}");
        assert_eq!(reread("[\n  a\n]\n"), "[\n\n  a\n]\n");
    }

    #[test]
    fn other_text_stays() {
        for text in ["one line", "a\nb\n", "a\n\nb", "a\n\n\nb\n", "trailing \n  x"] {
            assert_eq!(reread(text), text);
        }
    }
}
