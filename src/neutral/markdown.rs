//! Text of a repository within Markdown, as GitHub and GitLab render it: it stays text, whatever signs are in it.

use super::printable::one_line;

/// Text on one line. What stands between backticks is code; nothing else of it is Markdown, HTML, a link or a mention.
pub fn to_markdown(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick without another one is a character like others.
    let last = parts.len() - 1;
    let shown = parts.iter().enumerate().map(|(nth, part)| match nth % 2 {
        0 => escaped(part),
        _ if nth == last => format!("\\`{}", escaped(part)),
        _ if part.trim().is_empty() => part.to_string(),
        _ => code(part),
    });
    shown.collect()
}

/// Text as code, on one line. A bar is escaped, so that it may stand in a table.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let padding = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{padding}{}{padding}{fence}", text.replace('|', "\\|"))
}

/// Text as code in HTML, on one line: within `<summary>` no Markdown counts. Nobody is mentioned in it, and in a table it stays one cell.
pub fn html_code(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for c in one_line(text).chars() {
        match c {
            '-' | '/' | '.' | ',' | ' ' | ';' => shown.push(c),
            c if c.is_ascii_punctuation() => shown.push_str(&format!("&#{};", u32::from(c))),
            c => shown.push(c),
        }
    }
    format!("<code>{shown}</code>")
}

/// A fence that nothing in the text closes.
pub fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// `@name` and `#1` are found in what is rendered, so a comment has to stand in them.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_word = rest.peek().is_none_or(|next| next.is_whitespace());
        let is_plain = !c.is_ascii_punctuation() || matches!(c, ',' | '.' | ';' | '\'' | ')') && ends_word;
        if !is_plain {
            shown.push('\\');
        }
        shown.push(c);
        if matches!(c, '@' | '#') && !ends_word {
            shown.push_str("<!-- -->");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_and_the_rest_is_words() {
        assert_eq!(
            to_markdown("clusters `infra` and `a|b` differ."),
            "clusters `infra` and `a\\|b` differ."
        );
        assert_eq!(to_markdown("a\n`b"), "a \\`b");
    }

    #[test]
    fn nothing_of_a_text_is_markdown() {
        for (text, shown) in [
            ("<img src=x>", "\\<img src\\=x\\>"),
            ("[a](http://b)", "\\[a\\]\\(http\\:\\/\\/b)"),
            ("@team, #12", "\\@<!-- -->team, \\#<!-- -->12"),
            ("a | b", "a \\| b"),
            ("**x** _y_", "\\*\\*x\\*\\* \\_y\\_"),
        ] {
            assert_eq!(to_markdown(text), shown);
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\n\n</details>"), "`a  </details>`");
    }

    #[test]
    fn nothing_in_html_code_is_markup() {
        assert_eq!(
            html_code("<b>@you* `x`|[a](b) https://x"),
            "<code>&#60;b&#62;&#64;you&#42; &#96;x&#96;&#124;&#91;a&#93;&#40;b&#41; https&#58;//x</code>"
        );
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(fence(""), "```");
    }
}
