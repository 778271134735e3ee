//! What in a file nobody should see printed: the values of Secrets, private keys, and what is called a password.

use std::ops::Range;

use crate::sops::is_encrypted;
use crate::source::{FileId, SourceMap};
use crate::yaml::{Node, Parsed, parse_embedded};

/// Ends of the names of values that are secret wherever they stand, without `-`, `_` and `.`.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "clientsecret",
    "authkey",
    "credentials",
];

/// The annotation in which `kubectl` repeats the whole object.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// YAML within YAML within YAML.
const DEEPEST: usize = 3;

/// The bytes not to show, in order and apart from each other.
pub fn hidden(sources: &SourceMap, file: FileId, parsed: &Parsed) -> Vec<Range<usize>> {
    let bytes = sources.file(file).bytes().unwrap_or_default();
    let mut ranges = Vec::new();
    let is_read = parsed.errors.is_empty()
        && parsed
            .documents
            .iter()
            .all(|document| document.root.is_mapping() || document.root.is_sequence());
    if is_read {
        let mut search = Search {
            sources,
            file,
            ranges: &mut ranges,
        };
        search.in_documents(parsed, DEEPEST);
    } else {
        in_lines(bytes, &mut ranges);
    }
    without_expressions(bytes, united(ranges))
}

struct Search<'a> {
    sources: &'a SourceMap,
    file: FileId,
    ranges: &'a mut Vec<Range<usize>>,
}

impl Search<'_> {
    fn in_documents(&mut self, parsed: &Parsed, depth: usize) {
        for document in &parsed.documents {
            self.in_node(&document.root, depth);
        }
    }

    fn in_node(&mut self, node: &Node, depth: usize) {
        if node.text_at(&["kind"]) == Some("Secret") {
            let values = ["data", "stringData"].iter().filter_map(|key| node.get(key));
            values.for_each(|values| self.hide_all(values));
            let copy = node.at(&["metadata", "annotations", LAST_APPLIED]);
            copy.into_iter().for_each(|copy| self.hide_all(copy));
        }
        let generators = node.get("secretGenerator").map(Node::items).unwrap_or_default();
        let literals = generators
            .iter()
            .filter_map(|generator| generator.get("literals"));
        literals
            .flat_map(Node::items)
            .for_each(|literal| self.hide_behind_equals(literal));
        for entry in node.entries() {
            if entry.key.as_text().is_some_and(|key| is_secret_field(node, key)) {
                self.hide_value(&entry.value);
            }
            self.in_node(&entry.value, depth);
        }
        for item in node.items() {
            self.in_node(item, depth);
        }
        if let Some(text) = node.as_text() {
            self.in_text(node, text, depth);
        }
    }

    fn in_text(&mut self, node: &Node, text: &str, depth: usize) {
        if is_private_key(text) {
            return self.hide_all(node);
        }
        let may_be_yaml = text.contains('\n') && text.contains(": ");
        if depth > 0 && may_be_yaml && may_hold_secret(text) {
            self.in_documents(&parse_embedded(node, self.sources), depth - 1);
        }
    }

    fn hide_value(&mut self, value: &Node) {
        let is_plain = |text: &str| !matches!(text, "" | "true" | "false" | "null" | "~");
        if value.as_text().is_some_and(is_plain) {
            self.hide_all(value);
        }
    }

    /// Whatever SOPS has encrypted may be seen.
    fn hide_all(&mut self, node: &Node) {
        node.entries()
            .iter()
            .for_each(|entry| self.hide_all(&entry.value));
        node.items().iter().for_each(|item| self.hide_all(item));
        let is_readable = node.as_text().is_some_and(|text| !is_encrypted(text));
        if is_readable && node.span().file == self.file {
            self.ranges.push(node.span().range());
        }
    }

    fn hide_behind_equals(&mut self, literal: &Node) {
        let written = self.sources.snippet(literal.span());
        let Range { start, end } = literal.span().range();
        if literal.span().file == self.file
            && let Some(equals) = written.find('=')
        {
            self.ranges.push(start + equals + 1..end);
        }
    }
}

/// Whether the value of a key is secret by its name, by the name beside it as in the environment of a container, or as the key of a
/// certificate.
pub fn is_secret_field(parent: &Node, key: &str) -> bool {
    match key {
        "value" => parent.text_at(&["name"]).is_some_and(names_secret),
        "secret" => true,
        // An ExternalSecret calls a key of the Secret so.
        "secretKey" => parent.get("remoteRef").is_none() && parent.get("sourceRef").is_none(),
        "key" | "tls.key" | "ca.key" => ["cert", "crt", "tls.crt", "ca.crt", "certificate"]
            .iter()
            .any(|name| parent.get(name).is_some()),
        key => names_secret(key),
    }
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_', '.'], "");
    NAMES.iter().any(|end| name.ends_with(end))
}

fn may_hold_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace(['-', '_', '.'], "");
    lower.contains("secret") || lower.contains("private key") || NAMES.iter().any(|name| lower.contains(name))
}

/// PEM, or the same in base64, where a certificate begins alike.
pub fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || text.contains("LS0tLS1CRUdJTi")
}

/// What is no YAML, or none any more, line by line: rather too much than too little.
fn in_lines(bytes: &[u8], ranges: &mut Vec<Range<usize>>) {
    let text = String::from_utf8_lossy(bytes);
    let is_secret = text.lines().any(|line| {
        let line = line.replace(['"', '\'', ',', ' '], "");
        line.trim_start_matches('-') == "kind:Secret"
    });
    let mut in_key = false;
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let shown = String::from_utf8_lossy(line);
        let (name, value) = shown.split_once([':', '=']).unwrap_or(("", &shown));
        let name = name.trim_matches([' ', '-', '"', '\'']);
        let begins_key = shown.contains("PRIVATE KEY-----");
        let is_told = ["kind", "apiVersion", "name", "namespace", "type", "metadata"].contains(&name);
        if in_key || begins_key || names_secret(name) || is_secret && !is_told && !shown.starts_with("---") {
            // Bytes that are no text are longer when shown.
            let from = line.len().saturating_sub(value.len());
            ranges.push(start + from..start + line.len());
        }
        in_key = if begins_key {
            shown.contains("BEGIN")
        } else {
            in_key
        };
        start += line.len();
    }
}

fn united(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut united: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

/// `${…}` says where a value comes from, not what it is.
fn without_expressions(bytes: &[u8], ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut kept = Vec::new();
    for range in ranges {
        let mut start = range.start;
        while let Some(text) = bytes.get(start..range.end)
            && let Some(at) = memchr::memmem::find(text, b"${")
            && let Some(length) = memchr::memchr(b'}', text.get(at..).unwrap_or_default())
        {
            kept.push(start..start + at);
            start += at + length + 1;
        }
        kept.push(start..range.end);
    }
    let is_more_than_quotes = |range: &Range<usize>| {
        let text = bytes.get(range.clone()).unwrap_or_default();
        text.iter()
            .any(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\''))
    };
    kept.retain(is_more_than_quotes);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn shown(path: &str, text: &str) -> String {
        let sources = SourceMap::from_memory([(path, text)]);
        let (file, _) = sources.iter().next().unwrap();
        let mut shown = text.to_owned();
        for range in hidden(&sources, file, &yaml::parse(file, text)).into_iter().rev() {
            shown.replace_range(range, "#");
        }
        shown
    }

    #[test]
    fn values_of_secrets_are_hidden_and_their_names_are_not() {
        let text = "kind: Secret\nmetadata:\n  name: db\nstringData:\n  user: \"admin\"\n  url: pg://a:b@${HOST}/x\n  mac: ENC[x]\n";
        assert_eq!(
            shown("a.yaml", text),
            "kind: Secret\nmetadata:\n  name: db\nstringData:\n  user: #\n  url: #${HOST}#\n  mac: ENC[x]\n"
        );
    }

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        let text = "values:\n  adminPassword: geheim\n  existingSecret: db\n  env:\n    - name: DB_PASSWORD\n      value: geheim\n";
        assert!(!shown("a.yaml", text).contains("geheim"));
        assert!(shown("a.yaml", text).contains("existingSecret: db"));
        let generator =
            "secretGenerator:\n  - name: a\n    literals:\n      - user=geheim\n      - \"b=geheim\"\n";
        assert!(!shown("kustomization.yaml", generator).contains("geheim"));
        assert!(shown("kustomization.yaml", generator).contains("- user=#"));
        let patch = "patches:\n  - patch: |\n      kind: Secret\n      data:\n        a: geheim\n      metadata:\n        name: n\n";
        assert!(shown("kustomization.yaml", patch).contains("a: #\n      metadata:\n        name: n"));
    }

    #[test]
    fn keys_are_hidden_where_they_are_no_names() {
        let text = "s3:\n  accessKey: geheim\n  secretKey: geheim\ntls:\n  crt: a\n  key: geheim\n";
        assert!(!shown("a.yaml", text).contains("geheim"));
        let external = "spec:\n  data:\n    - secretKey: user\n      remoteRef:\n        key: path/of/it\n";
        assert_eq!(shown("a.yaml", external), external);
    }

    #[test]
    fn what_cannot_be_read_shows_less() {
        let broken =
            "kind: Secret\nmetadata:\n  name: a\nstringData:\n  a: geheim\n b: [geheim\n  c: |\n    geheim\n";
        assert!(!shown("a.yaml", broken).contains("geheim"));
        assert!(shown("a.yaml", broken).contains("name: a"));
        assert_eq!(
            shown("a.env", "DB_PASSWORD=geheim\nDB_HOST=db\n"),
            "DB_PASSWORD=#DB_HOST=db\n"
        );
        let key = "-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----\nx\n";
        assert!(!shown("a.pem", key).contains("geheim") && shown("a.pem", key).ends_with("x\n"));
    }
}
