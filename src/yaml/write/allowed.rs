//! How a text may be quoted (yaml.v2 `analyze_scalar`).

/// In which styles a text can be written (`yaml_emitter_analyze_scalar`).
pub(crate) struct Allowed {
    pub(crate) plain: bool,
    pub(crate) single_quoted: bool,
    pub(crate) block: bool,
}

impl Allowed {
    pub(crate) fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let mut special = false;
        let mut breaks = false;
        let (mut break_space, mut space_break) = (false, false);
        let mut after_white = true;
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let white_follows = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match (before, c) {
                (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>') => true,
                (None, '\'' | '"' | '%' | '@' | '`') => true,
                (None, '?' | ':' | '-') | (Some(_), ':') => white_follows,
                (Some(_), '#') => after_white,
                _ => false,
            };
            special |= !is_printable(c);
            breaks |= is_break(c);
            break_space |= c == ' ' && before.is_some_and(is_break);
            space_break |= is_break(c) && before == Some(' ');
            after_white = matches!(c, ' ' | '\t' | '\0') || is_break(c);
            before = Some(c);
        }
        let edge = |c: char| c == ' ' || is_break(c);
        let at_edge = text.starts_with(edge) || text.ends_with(edge);
        let trailing_space = text.ends_with(' ');
        Self {
            plain: !(at_edge || break_space || space_break || special || breaks || indicators),
            single_quoted: !(break_space || space_break || special),
            block: !(trailing_space || space_break || special || text.is_empty()),
        }
    }
}

/// `is_printable`: without tabs and carriage returns, and without characters beyond the basic plane.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a text can be written with `|` or `>`.
pub(crate) fn can_be_block(text: &str) -> bool {
    Allowed::of(text).block
}
