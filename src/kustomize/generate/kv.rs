//! The keys and values of generated ConfigMaps and Secrets (api `kv/kv.go`, `internal/generators`).

use crate::yaml::Origin;

/// One key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
    /// What states the value.
    pub(crate) origin: Origin,
}

/// A longer line ends the reading of an env file without a word (`bufio.MaxScanTokenSize`).
const MAX_LINE: usize = 64 * 1024;

/// Splits `key=value`; one pair of quotes around the value is taken off.
pub(super) fn parse_literal(source: &str) -> Option<(&str, &str)> {
    let (key, value) = source.split_once('=')?;
    (!key.is_empty()).then(|| (key, without_quotes(value)))
}

fn without_quotes(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Splits `key=path`; without a key the file's name is the key.
pub(super) fn parse_file_source(source: &str) -> Result<(&str, &str), String> {
    let mut parts = source.split('=');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(path), None, _) => {
            let trimmed = path.trim_end_matches('/');
            Ok((trimmed.rsplit('/').next().unwrap_or(trimmed), path))
        }
        (Some(""), Some(path), None) => Err(format!("missing key name for file path `{path}`")),
        (Some(key), Some(""), None) => Err(format!("missing file path for key name `{key}`")),
        (Some(key), Some(path), None) => Ok((key, path)),
        _ => Err(format!("key name or file path of `{source}` contains `=`")),
    }
}

/// One entry of an env file: key, value, offset of the line, its length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EnvLine<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

/// Reads an env file. Quotes are part of the value; a line without `=` is a key with an empty value.
///
/// # Errors
/// The offset of the first line that is not UTF-8.
pub(super) fn parse_env(content: &[u8]) -> Result<Vec<EnvLine<'_>>, usize> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, raw) in content.split(|&byte| byte == b'\n').enumerate() {
        let at = start;
        start += raw.len() + 1;
        if raw.len() >= MAX_LINE {
            break;
        }
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let line = std::str::from_utf8(raw).map_err(|_| at)?;
        let line = match number {
            0 => line.strip_prefix('\u{feff}').unwrap_or(line),
            _ => line,
        };
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if !key.is_empty() {
            lines.push(EnvLine {
                key,
                value,
                start: at,
                len: raw.len(),
            });
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_loses_one_pair_of_matching_quotes() {
        assert_eq!(parse_literal("a=b=c"), Some(("a", "b=c")));
        assert_eq!(parse_literal("a=\"b\""), Some(("a", "b")));
        assert_eq!(parse_literal("a='b\""), Some(("a", "'b\"")));
        assert_eq!(parse_literal("a=\""), Some(("a", "\"")));
        assert_eq!(parse_literal("=b"), None);
        assert_eq!(parse_literal("a"), None);
    }

    #[test]
    fn a_file_source_takes_its_key_from_the_file_name() {
        assert_eq!(parse_file_source("dir/a.yaml"), Ok(("a.yaml", "dir/a.yaml")));
        assert_eq!(parse_file_source("k=dir/a.yaml"), Ok(("k", "dir/a.yaml")));
        assert!(parse_file_source("=a").is_err() && parse_file_source("a=").is_err());
        assert!(parse_file_source("a=b=c").is_err());
    }

    #[test]
    fn an_env_file_keeps_quotes_and_drops_comments() {
        let lines = parse_env("\u{feff}A=1\r\n  # no\n\n B=\"q r\" \nC\n=x".as_bytes()).unwrap();
        let pairs: Vec<_> = lines.iter().map(|line| (line.key, line.value)).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "\"q r\" "), ("C", "")]);
        assert_eq!(parse_env(b"A=1\nB=\xff"), Err(4));
    }
}
