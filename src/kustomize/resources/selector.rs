//! Which objects a patch or a replacement is for: api/types/selector.go.

use regex::Regex;

use crate::yaml::Node;

use super::label_selector::LabelSelector;
use super::resource::Resource;
use super::resource_id::ResourceId;
use crate::kustomize::error::PatchError;

/// A `target` of `patches`, or `select` and `reject` of `replacements`.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Labels,
    annotations: Labels,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When a field is not a regular expression.
    pub(crate) fn read(node: &Node) -> Result<Self, PatchError> {
        Ok(Self {
            group: Pattern::read(node.get("group"))?,
            version: Pattern::read(node.get("version"))?,
            kind: Pattern::read(node.get("kind"))?,
            name: Pattern::read(node.get("name"))?,
            namespace: Pattern::read(node.get("namespace"))?,
            labels: Labels::read(node.get("labelSelector")),
            annotations: Labels::read(node.get("annotationSelector")),
        })
    }

    /// The only name that it selects, if there is only one.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.name {
            Pattern::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What reading it cost.
    pub(crate) fn cost(&self) -> usize {
        let patterns = [
            &self.group,
            &self.version,
            &self.kind,
            &self.name,
            &self.namespace,
        ];
        patterns.iter().map(|pattern| pattern.cost()).sum()
    }

    /// Whether name and kind leave it possible that an object is selected: told without its whole identity.
    pub(crate) fn may_match(&self, resource: &Resource) -> bool {
        let kind = resource.node.text_at(&["kind"]).unwrap_or_default();
        let first = resource.previous.first();
        self.kind.matches(kind)
            && (self.name.matches(resource.name())
                || first.is_some_and(|first| self.name.matches(&first.name)))
    }

    /// Whether a patch with this target is for an object. Name and namespace may be those of now or those the object
    /// was loaded with; an absent namespace is `default`.
    ///
    /// # Errors
    /// When the object meets the conditions before a label selector that cannot be read.
    pub(crate) fn matches(
        &self,
        object: &Node,
        current: &ResourceId,
        original: &ResourceId,
    ) -> Result<bool, PatchError> {
        let either = |pattern: &Pattern, of: fn(&ResourceId) -> &str| {
            pattern.matches(of(original)) || pattern.matches(of(current))
        };
        Ok(either(&self.namespace, ResourceId::effective_namespace)
            && either(&self.name, |id| &id.name)
            && self.matches_kind(current)
            && self.matches_labels(object)?)
    }

    /// Whether an identity is meant, its namespace taken as stated; this is how `replacements` look at it.
    pub(crate) fn matches_id(&self, id: &ResourceId) -> bool {
        self.matches_kind(id) && self.name.matches(&id.name) && self.namespace.matches(&id.namespace)
    }

    /// Whether nothing but labels and annotations is asked for.
    pub(crate) fn has_no_id(&self) -> bool {
        let patterns = [
            &self.group,
            &self.version,
            &self.kind,
            &self.name,
            &self.namespace,
        ];
        patterns.iter().all(|pattern| matches!(pattern, Pattern::Any))
    }

    /// Whether labels or annotations are asked for.
    pub(crate) fn has_labels(&self) -> bool {
        self.labels.0.is_some() || self.annotations.0.is_some()
    }

    /// Whether the labels and annotations of an object are the ones asked for.
    ///
    /// # Errors
    /// When a selector cannot be read.
    pub(crate) fn matches_labels(&self, object: &Node) -> Result<bool, PatchError> {
        Ok(self.labels.matches(object, "labels")? && self.annotations.matches(object, "annotations")?)
    }

    fn matches_kind(&self, id: &ResourceId) -> bool {
        self.group.matches(&id.group) && self.version.matches(&id.version) && self.kind.matches(&id.kind)
    }
}

/// A regular expression for a whole text; absent or empty for any. Most are plain names, which need no compiling.
#[derive(Debug, Clone)]
enum Pattern {
    Any,
    Text(Box<str>),
    /// Plain texts with `.*` between them.
    Gaps(Vec<Box<str>>),
    /// With what compiling it cost.
    Expression(Regex, usize),
}

impl Pattern {
    fn read(node: Option<&Node>) -> Result<Self, PatchError> {
        let Some((node, text)) = node
            .and_then(|node| Some((node, node.as_text()?)))
            .filter(|(_, text)| !text.is_empty())
        else {
            return Ok(Self::Any);
        };
        let parts: Vec<Box<str>> = text.split(".*").map(Box::from).collect();
        if parts.iter().all(|part| part.chars().all(is_plain)) {
            return Ok(match parts.as_slice() {
                [only] => Self::Text(only.clone()),
                _ => Self::Gaps(parts),
            });
        }
        let (regex, cost) = compiled(&format!("^(?:{text})$"))
            .map_err(|why| PatchError::new(node.span(), format!("error parsing regexp: {why}: `{text}`")))?;
        Ok(Self::Expression(regex, cost))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Text(own) => **own == *text,
            Self::Gaps(parts) => has_in_order(text, parts),
            Self::Expression(regex, _) => regex.is_match(text),
        }
    }

    fn cost(&self) -> usize {
        match self {
            Self::Expression(_, cost) => *cost,
            _ => 0,
        }
    }
}

/// Characters that mean themselves in an expression.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | ':')
}

/// Whether a text is the parts in order, with anything but line ends between them.
fn has_in_order(text: &str, parts: &[Box<str>]) -> bool {
    let [first, between @ .., last] = parts else {
        return false;
    };
    let inner = text
        .strip_prefix(&**first)
        .and_then(|rest| rest.strip_suffix(&**last))
        .filter(|inner| !inner.contains('\n'));
    let found = between.iter().try_fold(inner.unwrap_or_default(), |rest, part| {
        rest.split_once(&**part).map(|(_, behind)| behind)
    });
    inner.is_some() && found.is_some()
}

/// Compiles an expression, small ones at a small cost: most are, and one that repeats much is known only by its size.
fn compiled(pattern: &str) -> Result<(Regex, usize), String> {
    const SMALL: usize = 1 << 16;
    match compiled_within(pattern, SMALL) {
        Err(regex::Error::CompiledTooBig(_)) => Ok((go_regex(pattern)?, MAX_EXPRESSION)),
        Err(error) => Err(in_words(error)),
        Ok(regex) => Ok((regex, SMALL / 16)),
    }
}

#[derive(Debug, Clone)]
struct Labels(Option<Result<LabelSelector, PatchError>>);

impl Labels {
    fn read(node: Option<&Node>) -> Self {
        let read = |node: &Node| {
            let text = node.as_text().filter(|text| !text.is_empty())?;
            Some(LabelSelector::parse(text).map_err(|why| PatchError::new(node.span(), why)))
        };
        Self(node.and_then(read))
    }

    fn matches(&self, object: &Node, key: &str) -> Result<bool, PatchError> {
        match &self.0 {
            None => Ok(true),
            Some(Ok(selector)) => Ok(selector.matches(object.at(&["metadata", key]))),
            Some(Err(error)) => Err(error.clone()),
        }
    }
}

/// Compiles an expression written for Go. Both dialects are RE2's; what Go alone takes is rewritten first: `\Q…\E`,
/// braces that repeat nothing, and brackets and doubled signs within a class, which Go has no meaning for.
pub(crate) fn go_regex(pattern: &str) -> Result<Regex, String> {
    compiled_within(pattern, MAX_EXPRESSION).map_err(in_words)
}

/// What an expression may take once it is compiled.
const MAX_EXPRESSION: usize = 1 << 22;

fn compiled_within(pattern: &str, size: usize) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(&from_go(pattern))
        .size_limit(size)
        .build()
}

fn in_words(error: regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "expression too large".to_owned(),
        // The last line of a syntax error says what is wrong, those before draw where.
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default();
            reason.trim_start_matches("error: ").to_owned()
        }
    }
}

fn from_go(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '\\' if rest.starts_with("\\Q") => {
                let literal = rest.get(2..).unwrap_or_default();
                let end = literal.find("\\E").unwrap_or(literal.len());
                out.push_str(&regex::escape(literal.get(..end).unwrap_or_default()));
                length = (2 + end + 2).min(rest.len());
            }
            '\\' => {
                length += rest.chars().nth(1).map_or(0, char::len_utf8);
                out.push_str(rest.get(..length).unwrap_or_default());
            }
            '[' if !in_class => {
                in_class = true;
                let opening = if rest.starts_with("[^") { 2 } else { 1 };
                // A bracket in first place closes nothing.
                length = opening + usize::from(rest.get(opening..).is_some_and(|next| next.starts_with(']')));
                out.push_str(rest.get(..length).unwrap_or_default());
            }
            '[' if rest.starts_with("[:") => {
                length = rest.find(":]").map_or(1, |end| end + 2);
                out.push_str(rest.get(..length).unwrap_or_default());
            }
            '[' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            '{' if !in_class && !is_repetition(rest) => out.push_str("\\{"),
            _ => out.push(c),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// `{2}`, `{2,}` or `{2,3}`.
fn is_repetition(text: &str) -> bool {
    let Some((inner, _)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match inner.split_once(',') {
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
        None => is_number(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::yaml;

    fn node(text: &str) -> Node {
        let map = SourceMap::from_memory([("a.yaml", text)]);
        let (file, source) = map.iter().next().unwrap();
        yaml::parse(file, source.text().unwrap()).root().unwrap().clone()
    }

    const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: new-web, labels: {app: web}, annotations: {team: a}}
";

    fn selects(selector: &str) -> Result<bool, String> {
        let object = node(WEB);
        let current = ResourceId::of(&object);
        let original = ResourceId {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            ..current.clone()
        };
        let selector = Selector::read(&node(selector)).map_err(|error| error.message)?;
        selector
            .matches(&object, &current, &original)
            .map_err(|error| error.message)
    }

    #[test]
    fn expressions_match_whole_names() {
        let cases = [
            ("{}", true),
            ("{kind: Deployment}", true),
            ("{kind: Deploy}", false),
            ("{kind: 'Deploy.*'}", true),
            ("{kind: 'StatefulSet|Deployment'}", true),
            ("{group: apps, version: v1}", true),
            ("{group: 'a.*s', version: 'v\\d'}", true),
            ("{version: v2}", false),
            ("{name: web}", true),
            ("{name: new-web}", true),
            ("{name: we}", false),
            ("{name: '.*'}", true),
            ("{name: 'new-.*'}", true),
            ("{name: '.*-web'}", true),
            ("{name: 'n.*-.*b'}", true),
            ("{name: 'new-web.*web'}", false),
            ("{name: '.*x.*'}", false),
            ("{namespace: shop}", true),
            ("{namespace: default}", true),
            ("{namespace: other}", false),
            ("{labelSelector: 'app=web'}", true),
            ("{labelSelector: 'app=web', annotationSelector: 'team!=a'}", false),
        ];
        for (selector, expected) in cases {
            assert_eq!(selects(selector), Ok(expected), "{selector}");
        }
    }

    #[test]
    fn an_expression_that_does_not_compile_is_an_error() {
        let error = selects("{name: 'web('}").unwrap_err();
        assert!(error.starts_with("error parsing regexp: "), "{error}");
        assert!(error.ends_with("`web(`"), "{error}");
    }

    #[test]
    fn a_label_selector_is_read_only_when_the_rest_matches() {
        assert_eq!(selects("{kind: Service, labelSelector: 'app web'}"), Ok(false));
        assert!(selects("{kind: Deployment, labelSelector: 'app web'}").is_err());
    }

    #[test]
    fn go_syntax_is_understood() {
        for (pattern, text) in [
            (r"^\Qa.b\E$", "a.b"),
            ("^a{$", "a{"),
            ("^a{2}$", "aa"),
            ("^[[:alpha:]]$", "x"),
            ("^[a[]$", "["),
            ("^[]a]$", "]"),
            ("^[a&&b]$", "&"),
        ] {
            assert!(go_regex(pattern).unwrap().is_match(text), "{pattern}");
        }
        assert!(!go_regex(r"^\Qa.b\E$").unwrap().is_match("axb"));
    }
}
