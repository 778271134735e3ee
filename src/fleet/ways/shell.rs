//! The words of commands in scripts, each with its place. Nothing is carried out.

mod input;
mod reader;
mod word;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use self::reader::Reader;
pub(super) use self::word::Word;
use crate::source::{FileId, Span};
use crate::template::written::Written;

/// A command, with the text that it is given on its input.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    /// What stands between `<<EOF` and `EOF`.
    pub(super) input: Option<Written>,
}

/// The commands of a script: its lines, joined where they end in a backslash, and cut at `&&`, `||`, `;` and `|`.
pub(super) fn commands(file: FileId, text: &str) -> Vec<Command> {
    let variables = variables(file, text);
    let mut commands = Vec::new();
    let mut reader = Reader {
        file,
        text,
        at: 0,
        variables: &variables,
        inputs: Vec::new(),
    };
    while reader.at < text.len() {
        let words = reader.command();
        let mut inputs = reader.inputs();
        let words = without_prefix(words);
        if !words.is_empty() {
            commands.push(Command {
                words,
                input: inputs.pop(),
            });
        }
    }
    commands
}

/// Drops what may stand before a program: marks of task runners, `sudo`, assignments, keywords.
fn without_prefix(mut words: Vec<Word>) -> Vec<Word> {
    const BEFORE: [&str; 12] = [
        "-", "@", "sudo", "then", "do", "else", "exec", "time", "if", "!", "cmd:", "env",
    ];
    while let Some(first) = words.first_mut() {
        let is_assignment = first.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
        if BEFORE.contains(&first.text.as_str()) || is_assignment {
            words.remove(0);
        } else if first.text.len() > 1 && first.text.starts_with(['@', '-']) && !first.text.starts_with("--")
        {
            *first = first.behind(1);
        } else {
            break;
        }
    }
    words
}

/// Variables that a script sets exactly once, to a literal.
fn variables(file: FileId, text: &str) -> BTreeMap<String, (String, Span)> {
    static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?m)^[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?([A-Za-z_]\w*)[ \t]*(?::=|\?=|=|[ \t]:=)[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s#"'$`(]+)[ \t]*(?:#.*)?$"#).ok()
    });
    let mut found: BTreeMap<String, Option<(String, Span)>> = BTreeMap::new();
    for captures in ASSIGNMENT.iter().flat_map(|regex| regex.captures_iter(text)) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        let bare = value.as_str().trim_matches(['"', '\'']);
        let quote = usize::from(bare.len() < value.as_str().len());
        let start = value.start() + quote;
        let span = Span::new(file, start, start + bare.len());
        let is_literal = !bare.contains(['$', '`']) && !bare.contains("{{");
        let value = is_literal.then(|| (bare.to_owned(), span));
        found
            .entry(name.as_str().to_owned())
            .and_modify(|known| *known = None)
            .or_insert(value);
    }
    found
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The parts between commas that stand in no braces and behind no backslash.
pub(super) fn split_at_commas(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (mut from, mut depth, mut escaped) = (0, 0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push((from, at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push((from, text.len()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn words(text: &str) -> Vec<Vec<String>> {
        let sources = SourceMap::from_memory([("a.sh", text)]);
        let file = sources.iter().next().unwrap().0;
        let texts = |command: Command| command.words.into_iter().map(|word| word.text).collect();
        commands(file, text).into_iter().map(texts).collect()
    }

    #[test]
    fn words_lose_their_quotes_and_lines_are_joined() {
        assert_eq!(
            words(
                "set -e\n@helm upgrade \\\n  --set 'a=1' --set \"b=two words\" && echo done # no\n- cilium install\n"
            ),
            [
                vec!["set", "-e"],
                vec!["helm", "upgrade", "--set", "a=1", "--set", "b=two words"],
                vec!["echo", "done"],
                vec!["cilium", "install"],
            ]
        );
    }

    #[test]
    fn variables_set_once_are_known_and_all_else_is_not() {
        let text = "ID=3\nNAME=a\nNAME=b\ncilium install --set cluster.id=$ID --set cluster.name=${NAME} --set x=$(date)\n";
        let sources = SourceMap::from_memory([("a.sh", text)]);
        let file = sources.iter().next().unwrap().0;
        let commands = commands(file, text);
        let last = &commands.last().unwrap().words;
        assert_eq!(last[3].text, "cluster.id=3");
        let id = last[3].part(11..12);
        assert_eq!(sources.snippet(id.origin().edit_span()), "3");
        assert_eq!(id.origin().edit_span().start, 3);
        assert!(last[5].is_computed());
        assert!(last[7].is_computed());
    }

    #[test]
    fn what_a_command_is_given_on_its_input_belongs_to_it() {
        let text = "ID=3\ncat <<EOF > values.yaml\nid: ${ID}\nhost: $HOST\nEOF\nhelm upgrade -f - <<-'END' | tee log\n\tname: $ID\n\tEND\necho done\n";
        let sources = SourceMap::from_memory([("a.sh", text)]);
        let file = sources.iter().next().unwrap().0;
        let commands = commands(file, text);
        let inputs: Vec<Option<&str>> = commands
            .iter()
            .map(|command| command.input.as_ref().map(|input| input.text.as_str()))
            .collect();
        let values = commands[0].input.as_ref().unwrap().documents().unwrap();
        assert_eq!(
            sources.snippet(values[0].get("id").unwrap().origin().edit_span()),
            "3"
        );
        assert!(values[0].get("host").unwrap().origin().is_unknown());
        assert_eq!(inputs[0], Some("id: 3\nhost: unknown\n"));
        assert!(inputs.contains(&Some("name: $ID\n")));
        assert_eq!(commands.last().unwrap().words[0].text, "echo");
    }
}
