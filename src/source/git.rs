//! What a work tree's own Git configuration says of where the repository comes from.

use std::fs;
use std::path::Path;

use super::read::read;

/// A configuration with more bytes is not one that Git wrote.
const MAX_BYTES: u64 = 1 << 20;

/// The addresses of the remotes in `.git/config` of the directory `root`, without what it includes. None are known where
/// `.git` is a file or a link, as in a linked work tree: it leads out of the repository, where nothing is read. They may hold
/// credentials, so they are for comparing only and never shown.
pub fn remotes(root: &Path) -> Vec<String> {
    let git = root.join(".git");
    let file = git.join("config");
    // Neither is followed when it is a link.
    let is_own = fs::symlink_metadata(&git).is_ok_and(|git| git.is_dir());
    let is_file = fs::symlink_metadata(&file).is_ok_and(|file| file.is_file() && file.len() <= MAX_BYTES);
    if !is_own || !is_file {
        return Vec::new();
    }
    let text = read(&file).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(|text| addresses(&text)).unwrap_or_default()
}

/// The values of `url` in sections `remote`, read as `git_parse_source` of Git's `config.c` reads them. A configuration that
/// Git would refuse tells nothing.
fn addresses(text: &str) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    urls(&text).unwrap_or_default()
}

fn urls(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim_start();
    let mut is_remote = false;
    let mut urls = Vec::new();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '#' | ';' => rest.split_once('\n').map_or("", |(_, behind)| behind),
            '[' => {
                let (section, behind) = header(rest)?;
                is_remote = section.starts_with("remote.");
                behind
            }
            _ => {
                let (key, value, behind) = entry(rest)?;
                let is_url = is_remote && key.eq_ignore_ascii_case("url");
                urls.extend(value.filter(|value| is_url && !value.is_empty()));
                behind
            }
        }
        .trim_start();
    }
    Some(urls)
}

fn is_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// `[name "of one"]` or `[name.of-one]`, as `name.of one` with the name in small letters, and what follows.
fn header(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('[')?;
    let (name, mut rest) = text.split_at(text.find(|c| !is_key(c) && c != '.')?);
    let mut section = name.to_ascii_lowercase();
    if let Some(quoted) = rest.trim_start_matches([' ', '\t']).strip_prefix('"') {
        section.push('.');
        let mut characters = quoted.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\n' => return None,
                '\\' => section.push(characters.next().filter(|c| *c != '\n')?),
                other => section.push(other),
            }
        }
        rest = characters.as_str();
    }
    Some((section, rest.strip_prefix(']')?))
}

/// `key = value` or `key` alone, and what follows.
fn entry(text: &str) -> Option<(&str, Option<String>, &str)> {
    let (key, rest) = text.split_at(text.find(|c| !is_key(c)).unwrap_or(text.len()));
    let rest = rest.trim_start_matches([' ', '\t']);
    if !key.starts_with(|c: char| c.is_ascii_alphabetic()) {
        None
    } else if rest.is_empty() || rest.starts_with('\n') {
        Some((key, None, rest))
    } else {
        let (value, rest) = value(rest.strip_prefix('=')?)?;
        Some((key, Some(value), rest))
    }
}

/// A value up to the end of its line, and the lines behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    // Blanks behind it that are not in quotes are no part of a value.
    let mut length = 0;
    let (mut is_quoted, mut is_comment) = (false, false);
    let mut characters = text.chars();
    while let Some(c) = characters.next().filter(|c| *c != '\n') {
        match c {
            _ if is_comment => continue,
            '"' => is_quoted = !is_quoted,
            '#' | ';' if !is_quoted => {
                is_comment = true;
                continue;
            }
            c if c.is_ascii_whitespace() && !is_quoted => {
                if !value.is_empty() {
                    value.push(c);
                }
                continue;
            }
            '\\' => match characters.next()? {
                '\n' => {}
                't' => value.push('\t'),
                'b' => value.push('\u{8}'),
                'n' => value.push('\n'),
                c @ ('\\' | '"') => value.push(c),
                _ => return None,
            },
            other => value.push(other),
        }
        length = value.len();
    }
    value.truncate(length);
    (!is_quoted).then_some((value, characters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@example.org:me/fleet.git ; my own\n\
                          \tfetch = +refs/heads/*:refs/remotes/origin/*\n[include]\n\tpath = /etc/passwd\n\
                          [Remote \"upstream\"]\n\tURL = \"https://example.org/acme/\\\n\t\tfleet\"\n[branch \"main\"]\n\turl = x\n";

    #[test]
    fn every_remote_is_read_as_git_reads_it() {
        assert_eq!(
            addresses(CONFIG),
            [
                "git@example.org:me/fleet.git",
                "https://example.org/acme/\t\tfleet"
            ]
        );
        for nothing in ["", "[remote", "[remote \"x\"]\nurl\n", "\u{0}\u{1}"] {
            assert_eq!(addresses(nothing), [""; 0], "{nothing:?}");
        }
    }

    /// What another reader of Git's configuration makes of it.
    #[cfg(feature = "since")]
    fn addresses_by_gix(text: &str) -> Vec<String> {
        let Ok(config) = gix::config::File::try_from(text) else {
            return Vec::new();
        };
        let sections = config.sections_by_name("remote").into_iter().flatten();
        let urls = sections.flat_map(|section| section.values("url"));
        urls.map(|url| url.to_string())
            .filter(|url| !url.is_empty())
            .collect()
    }

    #[cfg(feature = "since")]
    #[test]
    fn an_independent_reader_finds_the_same() {
        let bodies = [
            "url = a b  c  ",
            "url=a",
            "url\t=\ta # behind",
            "url = \"a # b\" ; c",
            "url = a\\\n  b",
            "url = \"a\\\\b\\\"c\\td\"",
            "url = a\\x",
            "url = \"open",
            "url a",
            "url =",
            "url",
            "pushurl = b\nurl = a\nURL = c",
            "# url = no\n; url = no\n\turl = yes",
            "1url = a",
            "url = a\r\nfetch = b\r\n",
            "\nurl = a\n[core]\nurl = b\n[remote \"y\"] url = c",
        ];
        let heads = [
            "[remote \"x\"]",
            "[REMOTE \"x y\"]",
            "[remote  \"x\\\"]\\\\\"]",
            "[remote.x]",
            "[remotes \"x\"]",
            "[core]",
            "\u{feff}[remote \"x\"]",
            "[remote \"x\" ]",
            "[remote \"x]",
            "[rem ote]",
        ];
        for (head, body) in heads.iter().flat_map(|head| bodies.map(|body| (head, body))) {
            let text = format!("{head}\n{body}\n");
            assert_eq!(addresses(&text), addresses_by_gix(&text), "{text:?}");
        }
    }

    #[test]
    fn nothing_outside_of_the_directory_is_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir(outside.path().join(".git")).unwrap();
        fs::write(outside.path().join(".git/config"), CONFIG).unwrap();
        assert_eq!(remotes(outside.path()).len(), 2);
        assert_eq!(remotes(&outside.path().join("none")), [""; 0]);

        let linked = tempfile::tempdir().unwrap();
        let target = format!("gitdir: {}/.git\n", outside.path().display());
        fs::write(linked.path().join(".git"), target).unwrap();
        assert_eq!(remotes(linked.path()), [""; 0]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            let directory = tempfile::tempdir().unwrap();
            symlink(outside.path().join(".git"), directory.path().join(".git")).unwrap();
            assert_eq!(remotes(directory.path()), [""; 0]);
            let file = tempfile::tempdir().unwrap();
            fs::create_dir(file.path().join(".git")).unwrap();
            symlink(
                outside.path().join(".git/config"),
                file.path().join(".git/config"),
            )
            .unwrap();
            assert_eq!(remotes(file.path()), [""; 0]);
        }
    }
}
