//! What is to become of a character.

/// What is to become of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It shows what it is.
    Harmless,
    /// It is not seen, or changes how others are seen.
    Hidden,
    /// With the one before it, it begins what a runner takes for a command.
    EndsMarker,
}

/// Every character of a text with its verdict.
pub(crate) fn judged(text: &str) -> impl Iterator<Item = (char, Verdict)> {
    let mut before = None;
    text.char_indices().map(move |(at, c)| {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let verdict = if is_hidden(c) && !is_part_of_writing(before, c, rest.chars().next()) {
            Verdict::Hidden
        } else if ends_marker(text.get(..at).unwrap_or_default(), c, rest) {
            Verdict::EndsMarker
        } else {
            Verdict::Harmless
        };
        before = Some(c);
        (c, verdict)
    })
}

/// Whether every character shows what it is, and none is part of a command.
pub(crate) fn is_harmless(text: &str) -> bool {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) || matches!(byte, b'\n' | b'\t');
    let has_marker = || memchr::memmem::find(text.as_bytes(), b"##").is_some() || text.contains("section_");
    if text.bytes().all(is_plain) && !has_marker() {
        return true;
    }
    judged(text).all(|(_, verdict)| verdict == Verdict::Harmless)
}

/// Characters that move the cursor, turn the direction of writing (CVE-2021-42574), break lines for some readers only, or take
/// no room: the categories Cc, Cf and Zl of Unicode, and `Default_Ignorable_Code_Point`.
pub(crate) fn is_hidden(c: char) -> bool {
    if matches!(c, ' '..='~' | '\n' | '\t') {
        return false;
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Joiners within a word, and one choice between text and picture behind a character that has both, are how some languages
/// and emoji are written. ASCII needs neither; comparisons that heed the language pass over both, so `#` must not have them.
pub(crate) fn is_part_of_writing(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_hidden(c));
    match c {
        // An emoji may have its choice before the joiner.
        '\u{200d}' => (is_letter(before) || before == Some('\u{fe0f}')) && is_letter(after),
        '\u{200c}' => is_letter(before) && is_letter(after),
        '\u{fe0e}' | '\u{fe0f}' => is_letter(before),
        _ => false,
    }
}

/// Whether `c` stands where a command would begin: the second `#` of `##[error]` (GitHub's `ActionCommand.TryParse`, and Azure's
/// agent, which look for it anywhere in a line) and of `##vso[` and `##teamcity[`, or the colon of GitLab's `section_start:1:`.
pub(crate) fn ends_marker(before: &str, c: char, after: &str) -> bool {
    match c {
        '#' if before.ends_with('#') => after
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .starts_with('['),
        ':' => {
            (before.ends_with("section_start") || before.ends_with("section_end"))
                && after.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}
