//! Events to nodes: anchors and merge keys expanded, duplicate keys found, depth and size bounded.

use std::collections::HashMap;
use std::ops::Range;

use super::dialect;
use super::events::{Event, Properties, SyntaxError};
use super::intern::Interner;
use super::locate::Locator;
use super::merge::{self, is_merge_key};
use super::node::{Entry, Kind, Node, Scalar, Style, Tag};
use super::parse_error::{ParseError, ParseErrorKind};
use super::parsed::{Comment, Document, MAX_ALIASED_NODES, MAX_DEPTH, MAX_ERRORS, MAX_NODES, Parsed};

/// A finished value with what the bounds need to know of it.
#[derive(Clone)]
struct Built {
    node: Node,
    /// Levels of collections in it; 0 for a scalar.
    height: usize,
    /// Values in it, aliases counted as what they stand for.
    size: usize,
    end: usize,
}

struct Open {
    start: usize,
    end: usize,
    /// The place in [`TreeBuilder::anchored`] that waits for the value.
    anchor: Option<usize>,
    height: usize,
    size: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        key: Option<Node>,
        has_merge: bool,
    },
}

pub(super) struct TreeBuilder<'a> {
    locator: &'a Locator,
    text: &'a str,
    open: Vec<Open>,
    /// The latest definition of each anchor's name, as a place in `anchored`.
    anchors: HashMap<&'a str, usize>,
    /// Anchored values by definition; `None` while the value is open.
    anchored: Vec<Option<Built>>,
    texts: Interner,
    document_start: usize,
    root: Option<Built>,
    nodes: usize,
    aliased: usize,
    gave_up: bool,
    parsed: Parsed,
}

impl<'a> TreeBuilder<'a> {
    pub(super) fn new(locator: &'a Locator, text: &'a str) -> Self {
        Self {
            locator,
            text,
            open: Vec::new(),
            anchors: HashMap::new(),
            anchored: Vec::new(),
            texts: Interner::new(),
            document_start: 0,
            root: None,
            nodes: 0,
            aliased: 0,
            gave_up: false,
            parsed: Parsed::default(),
        }
    }

    /// Whether a bound was passed, so that reading on makes no sense.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    pub(super) fn finish(mut self) -> Parsed {
        self.parsed.errors.sort_by_key(|error| error.span);
        self.parsed.comments.sort_by_key(|comment| comment.span);
        self.parsed
    }

    pub(super) fn fail(&mut self, error: SyntaxError) {
        self.gave_up = true;
        let end = self.text[error.at..]
            .chars()
            .next()
            .filter(|c| *c != '\n' && *c != '\r')
            .map_or(error.at, |c| error.at + c.len_utf8());
        let kind = if error.too_deep {
            ParseErrorKind::Limit
        } else {
            ParseErrorKind::Syntax
        };
        let mut problem = ParseError::new(kind, self.locator.span(error.at..end), error.message);
        problem.help = error.help.map(Into::into);
        problem.upstream = Some(error.upstream.into());
        self.report(problem);
    }

    pub(super) fn take(&mut self, event: Event<'a>) {
        match event {
            Event::DocumentStart { at } => {
                if let Some(content) = dialect::behind_separator(self.text, at.clone()) {
                    let span = self.locator.span(content);
                    self.report(dialect::behind_separator_error(span));
                }
                self.document_start = at.start;
                self.anchors.clear();
                self.anchored.clear();
                self.root = None;
            }
            Event::DocumentEnd => self.end_document(),
            Event::Comment { at } => self.comment(at),
            Event::Scalar {
                text,
                style,
                props,
                at,
            } => {
                self.nodes += 1;
                let scalar = Scalar {
                    text: self.texts.share(&text),
                    style,
                    tag: props.tag,
                };
                if !scalar.suits_tag() {
                    self.report(dialect::tag_error(&scalar, self.locator.span(at.clone())));
                }
                let end = at.end;
                let node = Node::new(Kind::Scalar(scalar), self.locator.origin(at));
                let built = Built {
                    node,
                    height: 0,
                    size: 1,
                    end,
                };
                if let Some(place) = self.anchor(props.anchor) {
                    self.define(place, &built);
                }
                self.add(built);
            }
            Event::SequenceStart { props, at } => self.begin(props, at, Content::List(Vec::new())),
            Event::MappingStart { props, at } => self.begin(
                props,
                at,
                Content::Map {
                    entries: Vec::new(),
                    key: None,
                    has_merge: false,
                },
            ),
            Event::CollectionEnd { end } => self.close(end),
            Event::Alias { name, at } => self.alias(name, at),
        }
        if self.nodes > MAX_NODES && !self.gave_up {
            self.gave_up = true;
            let at = self.text.len();
            self.report(ParseError::new(
                ParseErrorKind::Limit,
                self.locator.span(at..at),
                format!("the file holds more than {MAX_NODES} values"),
            ));
        }
    }

    /// Errors are counted by kind, so that none is lost behind others that somebody may take for harmless.
    fn report(&mut self, error: ParseError) {
        let same = self
            .parsed
            .errors
            .iter()
            .filter(|one| one.kind == error.kind)
            .count();
        match same.cmp(&MAX_ERRORS) {
            std::cmp::Ordering::Less => self.parsed.errors.push(error),
            std::cmp::Ordering::Equal => {
                let message = format!(
                    "the file has more than {MAX_ERRORS} such faults; those that follow are not told"
                );
                self.parsed
                    .errors
                    .push(ParseError::new(error.kind, error.span, message));
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    fn end_document(&mut self) {
        let Some(root) = self.root.take() else { return };
        if !root.node.is_null() {
            self.parsed.documents.push(Document {
                root: root.node,
                span: self
                    .locator
                    .span(self.document_start..root.end.max(self.document_start)),
            });
        }
    }

    fn comment(&mut self, at: Range<usize>) {
        let before = self.text.get(..at.start).unwrap_or_default();
        let own_line = before
            .bytes()
            .rev()
            .take_while(|&byte| byte != b'\n' && byte != b'\r')
            .all(|byte| byte == b' ' || byte == b'\t');
        self.parsed.comments.push(Comment {
            span: self.locator.span(at),
            own_line,
        });
    }

    fn begin(&mut self, props: Properties<'a>, at: usize, content: Content) {
        self.nodes += 1;
        if self.open.len() >= MAX_DEPTH {
            self.gave_up = true;
            self.report(too_deep(self.locator, at..at));
            return;
        }
        let anchor = self.anchor(props.anchor);
        self.open.push(Open {
            start: at,
            end: at,
            anchor,
            height: 0,
            size: 1,
            content,
        });
    }

    fn close(&mut self, end: Option<usize>) {
        let Some(open) = self.open.pop() else { return };
        let end = end.unwrap_or(open.end).max(open.start);
        let kind = match open.content {
            Content::List(items) => Kind::Sequence(items),
            Content::Map {
                entries, has_merge, ..
            } => {
                self.check_keys(&entries);
                let entries = self.without_duplicates(entries);
                Kind::Mapping(if has_merge { self.merged(entries) } else { entries })
            }
        };
        let built = Built {
            node: Node::new(kind, self.locator.origin(open.start..end)),
            height: open.height + 1,
            size: open.size,
            end,
        };
        if let Some(place) = open.anchor {
            self.define(place, &built);
        }
        self.add(built);
    }

    /// A place for the value that gets this anchor. A name defined again stands for the later value from there on.
    fn anchor(&mut self, name: Option<&'a str>) -> Option<usize> {
        let place = self.anchored.len();
        self.anchors.insert(name?, place);
        self.anchored.push(None);
        Some(place)
    }

    fn define(&mut self, place: usize, built: &Built) {
        if let Some(slot) = self.anchored.get_mut(place) {
            *slot = Some(built.clone());
        }
    }

    /// Puts a finished value into the innermost open collection.
    fn add(&mut self, built: Built) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(built);
            return;
        };
        open.end = open.end.max(built.end);
        open.size = open.size.saturating_add(built.size);
        let mut height = built.height;
        match &mut open.content {
            Content::List(items) => items.push(built.node),
            Content::Map {
                entries,
                key,
                has_merge,
            } => match key.take() {
                None => *key = Some(built.node),
                Some(key) => {
                    let is_merge = is_merge_key(&key);
                    *has_merge |= is_merge;
                    // The merged map's entries come to stand in this map, not below it.
                    height = height.saturating_sub(usize::from(is_merge));
                    entries.push(Entry {
                        key,
                        value: built.node,
                    });
                }
            },
        }
        open.height = open.height.max(height);
    }

    fn alias(&mut self, name: &str, at: Range<usize>) {
        let target = self.anchors.get(name).and_then(|&place| self.anchored.get(place));
        let problem = match target {
            Some(Some(built)) if self.open.len() + built.height > MAX_DEPTH => {
                Err(too_deep(self.locator, at.clone()))
            }
            Some(Some(built)) if self.aliased.saturating_add(built.size) > MAX_ALIASED_NODES => {
                Err(ParseError::new(
                    ParseErrorKind::Limit,
                    self.locator.span(at.clone()),
                    format!("aliases add more than {MAX_ALIASED_NODES} values to the file"),
                ))
            }
            Some(Some(built)) => Ok(built.clone()),
            Some(None) => Err(ParseError::new(
                ParseErrorKind::Alias,
                self.locator.span(at.clone()),
                format!("the alias `*{name}` stands inside the value of its own anchor"),
            )
            .upstream(format!("anchor '{name}' value contains itself"))),
            None => Err(ParseError::new(
                ParseErrorKind::Alias,
                self.locator.span(at.clone()),
                format!("no anchor `&{name}` stands above in this document"),
            )
            .upstream(format!("unknown anchor '{name}' referenced"))
            .help("put the value in quotes if it begins with `*`")),
        };
        match problem {
            Ok(built) => {
                self.aliased = self.aliased.saturating_add(built.size);
                self.add(Built { end: at.end, ..built });
            }
            Err(error) => {
                self.gave_up |= error.kind == ParseErrorKind::Limit;
                self.report(error);
                let scalar = Scalar {
                    text: "".into(),
                    style: Style::Plain,
                    tag: Some(Tag::Null),
                };
                self.add(Built {
                    node: Node::new(Kind::Scalar(scalar), self.locator.origin(at.clone())),
                    height: 0,
                    size: 1,
                    end: at.end,
                });
            }
        }
    }

    fn check_keys(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.key.as_scalar().is_none()) {
            self.report(dialect::key_error(&entry.key));
        }
    }

    /// Reports keys that stand twice and keeps the last value, in the place of the first.
    fn without_duplicates(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        const SMALL: usize = 16;
        let duplicate = if entries.len() <= SMALL {
            (1..entries.len())
                .any(|at| (0..at).any(|before| same_key(&entries[at].key, &entries[before].key)))
        } else {
            let mut seen = std::collections::HashSet::with_capacity(entries.len());
            !entries.iter().all(|entry| seen.insert(key_identity(&entry.key)))
        };
        if !duplicate {
            return entries;
        }
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut places: HashMap<Option<String>, usize> = HashMap::new();
        for entry in entries {
            let identity = key_identity(&entry.key).map(str::to_owned);
            match places.get(&identity) {
                None => {
                    places.insert(identity, kept.len());
                    kept.push(entry);
                }
                Some(&place) => {
                    let name = identity.as_deref().unwrap_or("? …");
                    let error = ParseError::new(
                        ParseErrorKind::DuplicateKey,
                        entry.key.span(),
                        format!("the key `{}` stands twice in one map", shortened(name)),
                    )
                    .help("delete one of the two, or merge their values")
                    .related(kept[place].key.span(), "first here");
                    self.report(error);
                    kept[place] = entry;
                }
            }
        }
        kept
    }

    fn merged(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let (entries, error) = merge::expand(entries);
        if let Some(error) = error {
            self.report(error);
        }
        entries
    }
}

/// yaml.v3 compares keys by kind and text: `1` and `"1"` are the same key, and so are any two maps.
fn same_key(a: &Node, b: &Node) -> bool {
    key_identity(a) == key_identity(b)
}

fn key_identity(key: &Node) -> Option<&str> {
    key.as_scalar().map(|scalar| &*scalar.text)
}

fn shortened(name: &str) -> String {
    const MAX: usize = 60;
    if name.chars().count() <= MAX {
        name.to_owned()
    } else {
        name.chars().take(MAX).chain(std::iter::once('…')).collect()
    }
}

fn too_deep(locator: &Locator, at: Range<usize>) -> ParseError {
    ParseError::new(
        ParseErrorKind::Limit,
        locator.span(at),
        format!("lists and maps are nested deeper than {MAX_DEPTH} levels"),
    )
}
