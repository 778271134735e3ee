//! Jinja templates as Ansible renders them, with variables whose places are known. Templates never run a program and read
//! nothing but files of the repository; steps, memory and recursion are bounded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, OutputSpan, OutputSpanKind, UndefinedBehavior};
use regex::Regex;

use super::jinja_value::to_jinja;
use super::written::Written;
use crate::source::{FileId, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Kind, Node, Origin, Substitution};

/// Instructions of one rendering; memory is charged as well.
const MAX_FUEL: u64 = 400_000;
/// Includes and macros within each other.
const MAX_RECURSION: usize = 60;
/// Variables that are made of variables.
const MAX_DEPTH: usize = 16;
/// Filters and functions of Ansible that are not known here, in one template.
const MAX_FOREIGN: usize = 40;

/// Variables by name. Their values may be templates of others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    variables: BTreeMap<String, Node>,
}

/// What a template gave.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) written: Written,
    /// Whether a condition or a loop goes by what is not known, so that other text may come out.
    pub(crate) is_open: bool,
}

impl Scope {
    /// Sets a variable; what was set before is gone.
    pub(crate) fn set(&mut self, name: &str, value: Node) {
        self.variables.insert(name.to_owned(), value);
    }

    /// A variable as it is written.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.variables.get(name)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// A value in which everything that is a template is rendered.
    pub(crate) fn resolve(&self, sources: &SourceMap, node: &Node) -> Node {
        Resolver::new(sources, self).resolve(node, 0)
    }

    /// The file rendered; `None` when it cannot be.
    pub(crate) fn render(&self, sources: &SourceMap, file: FileId) -> Option<Rendered> {
        let text = sources.file(file).text().ok()?;
        let directory = sources.file(file).path().parent();
        let mut resolver = Resolver::new(sources, self);
        resolver.directory = Some(directory);
        let places = |range: std::ops::Range<usize>| Span::new(file, range.start, range.end);
        resolver.template(text, &places, Some(file), 0)
    }
}

/// Whether a text is a template.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

struct Resolver<'a> {
    sources: &'a SourceMap,
    scope: &'a Scope,
    directory: Option<RepoPath>,
    known: BTreeMap<String, Node>,
    /// Names being resolved: one that needs itself is unknown.
    open: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    fn new(sources: &'a SourceMap, scope: &'a Scope) -> Self {
        Self {
            sources,
            scope,
            directory: None,
            known: BTreeMap::new(),
            open: BTreeSet::new(),
        }
    }

    fn variable(&mut self, name: &str, depth: usize) -> Option<Node> {
        if let Some(known) = self.known.get(name) {
            return Some(known.clone());
        }
        let node = self.scope.get(name)?.clone();
        if depth > MAX_DEPTH || !self.open.insert(name.to_owned()) {
            return Some(unknown(name, node.span()));
        }
        let resolved = self.resolve(&node, depth + 1);
        self.open.remove(name);
        self.known.insert(name.to_owned(), resolved.clone());
        Some(resolved)
    }

    fn resolve(&mut self, node: &Node, depth: usize) -> Node {
        match node.kind() {
            Kind::Scalar(scalar) if is_template(&scalar.text) => self.text(node, &scalar.text, depth),
            Kind::Scalar(_) => node.clone(),
            Kind::Sequence(items) => {
                let items = items.iter().map(|item| self.resolve(item, depth)).collect();
                Node::sequence(items, node.origin().clone())
            }
            Kind::Mapping(entries) => {
                let entries = entries.iter().map(|entry| Entry {
                    key: entry.key.clone(),
                    value: self.resolve(&entry.value, depth),
                });
                Node::mapping(entries.collect(), node.origin().clone())
            }
        }
    }

    /// A text with expressions. One that is nothing but a name is that variable, whatever its type.
    fn text(&mut self, node: &Node, text: &str, depth: usize) -> Node {
        static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^\s*\{\{-?\s*([A-Za-z_]\w*(?:\.\w+|\[['\x22][^'\x22\]]*['\x22]\])*)\s*-?\}\}\s*$")
                .ok()
        });
        if depth > MAX_DEPTH {
            return unknown(text, node.span());
        }
        if let Some(found) = NAME.as_ref().and_then(|name| name.captures(text)) {
            let path = steps(&found[1]);
            let root = path.first().cloned().unwrap_or_default();
            let value = self.variable(&root, depth);
            let keys: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
            return match value.as_ref().and_then(|value| value.at(&keys)) {
                Some(value) => passed_on(value, node),
                None => unknown(&found[1], node.span()),
            };
        }
        let span = node.span();
        match self.template(text, &|_| span, None, depth) {
            Some(rendered) if !rendered.is_open => rendered.written.scalar(span),
            _ => unknown(text, span),
        }
    }

    fn template(
        &mut self,
        text: &str,
        place: &dyn Fn(std::ops::Range<usize>) -> Span,
        file: Option<FileId>,
        depth: usize,
    ) -> Option<Rendered> {
        let mut environment = environment();
        if let Some(directory) = self.directory.clone() {
            let files = files_beside(self.sources, &directory);
            environment.set_loader(move |name| Ok(files.get(name.trim_start_matches("./")).cloned()));
        }
        let names = {
            let template = environment.template_from_named_str("template", text).ok()?;
            let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
            names.sort_unstable();
            names
        };
        // What is included may ask for any variable.
        let names: Vec<String> = if text.contains("include") || text.contains("import") {
            self.scope.names().map(str::to_owned).chain(names).collect()
        } else {
            names
        };
        let mut context: BTreeMap<String, minijinja::Value> = BTreeMap::new();
        let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
        for name in names {
            if let Some(node) = self.variable(&name, depth) {
                context.insert(name.clone(), to_jinja(&node));
                nodes.insert(name, node);
            }
        }
        let (output, spans) = rendered(&mut environment, text, &context)?;
        let variables = Variables::of(&nodes, text);
        let mut written = Written::of(place(0..text.len()));
        let mut seen: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for span in &spans {
            let piece = output.get(span.output_range())?;
            let is_own = span.name() == "template";
            if span.kind() == OutputSpanKind::Raw {
                match (file.filter(|_| is_own), self.included(span)) {
                    (Some(file), _) => written.copy(piece, file, span.source_range().start),
                    (None, Some(file)) => written.copy(piece, file, span.source_range().start),
                    _ => written.fill(piece, place(span.source_range()), Vec::new()),
                }
                continue;
            }
            let at = match self.included(span).filter(|_| !is_own) {
                Some(file) => Span::new(file, span.source_range().start, span.source_range().end),
                None => place(span.source_range()),
            };
            let expression = if is_own {
                text.get(span.source_range()).unwrap_or_default().to_owned()
            } else {
                self.sources.snippet(at).to_owned()
            };
            let count = seen
                .entry((span.name().to_owned(), span.source_range().start))
                .or_default();
            let taken = variables.taken(&expression, at, piece, *count);
            *count += 1;
            written.fill(piece, at, taken);
        }
        Some(Rendered {
            written,
            is_open: variables.leaves_open(text),
        })
    }

    fn included(&self, span: &OutputSpan) -> Option<FileId> {
        let path = self.directory.as_ref()?.join(span.name()).ok()?;
        self.sources.file_at(&path)
    }
}

/// A value that is handed on under another name: a scalar keeps the place that states it.
fn passed_on(value: &Node, user: &Node) -> Node {
    if value.as_scalar().is_none() {
        return value.clone();
    }
    let mut node = value.clone();
    let substitution = Substitution {
        variable: "".into(),
        expression: user.span(),
        value: Some(value.origin().edit_span()),
        unknown: value.origin().is_unknown(),
        output: None,
    };
    node.set_origin(Origin {
        span: user.span(),
        substituted: Some(std::sync::Arc::from([substitution])),
    });
    node
}

/// A value that nobody can know from the repository.
pub(crate) fn unknown(name: &str, at: Span) -> Node {
    let substitution = Substitution {
        variable: name.into(),
        expression: at,
        value: None,
        unknown: true,
        output: None,
    };
    Node::plain(
        "unknown",
        Origin {
            span: at,
            substituted: Some(std::sync::Arc::from([substitution])),
        },
    )
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(MAX_FUEL));
    environment.set_recursion_limit(MAX_RECURSION);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // Ansible's own setting.
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .keep_trailing_newline(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() || value.is_none() {
            // Something has to stand there, so that the text around keeps its form.
            out.write_str(if value.is_none() { "null" } else { "unknown" })
                .map_err(minijinja::Error::from)
        } else {
            minijinja::escape_formatter(out, state, value)
        }
    });
    environment.set_unknown_method_callback(|state, value, method, arguments| {
        super::jinja_value::method(state, value, method, arguments)
    });
    super::jinja_value::add_filters(&mut environment);
    environment
}

/// Renders, and takes filters, tests and functions that are not known here for ones that give what nobody knows.
fn rendered(
    environment: &mut Environment<'static>,
    text: &str,
    context: &BTreeMap<String, minijinja::Value>,
) -> Option<(String, Vec<OutputSpan>)> {
    for _ in 0..MAX_FOREIGN {
        let result = {
            let template = environment.template_from_named_str("template", text).ok()?;
            template.render_with_spans(minijinja::Value::from(context.clone()))
        };
        let error = match result {
            Ok(rendered) => return Some(rendered),
            Err(error) => error,
        };
        let mut cause: &minijinja::Error = &error;
        while let Some(inner) = std::error::Error::source(cause).and_then(|inner| inner.downcast_ref()) {
            cause = inner;
        }
        let detail = cause.detail().unwrap_or_default().to_owned();
        let name = detail
            .trim_end_matches(" is unknown")
            .rsplit(' ')
            .next()?
            .to_owned();
        match cause.kind() {
            ErrorKind::UnknownFilter => environment.add_filter(name, super::jinja_value::nobody_knows),
            ErrorKind::UnknownFunction => environment.add_function(name, super::jinja_value::nobody_knows),
            ErrorKind::UnknownTest => environment.add_test(name, super::jinja_value::never),
            _ => return None,
        }
    }
    None
}

/// The files that a template may include: those in its own directory and below.
fn files_beside(sources: &SourceMap, directory: &RepoPath) -> BTreeMap<String, String> {
    const MAX_FILES: usize = 200;
    let below = sources
        .iter()
        .filter(|(_, file)| file.path().starts_with(directory));
    below
        .filter(|(_, file)| {
            let name = file.path().file_name();
            name.ends_with(".j2") || name.ends_with(".jinja2") || name.ends_with(".jinja")
        })
        .take(MAX_FILES)
        .filter_map(|(_, file)| {
            let name = file.path().as_str().strip_prefix(directory.as_str())?;
            Some((
                name.trim_start_matches('/').to_owned(),
                file.text().ok()?.to_owned(),
            ))
        })
        .collect()
}

/// The steps of `a.b['c']`.
fn steps(path: &str) -> Vec<String> {
    path.split(['.', '['])
        .map(|step| step.trim_matches(|c| matches!(c, '\'' | '"' | ']')).to_owned())
        .filter(|step| !step.is_empty())
        .collect()
}

/// What the names in a template stand for.
struct Variables<'a> {
    nodes: &'a BTreeMap<String, Node>,
    /// Names that loops and `set` give, with the expression that they are made of.
    local: Vec<(String, String)>,
}

impl<'a> Variables<'a> {
    fn of(nodes: &'a BTreeMap<String, Node>, text: &str) -> Self {
        static LOCAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\{%[-+]?\s*(?:for\s+(\w+)(?:\s*,\s*(\w+))?\s+in\s+(.*?)|set\s+(\w+)\s*=\s*(.*?))\s*[-+]?%\}").ok()
        });
        let mut local = Vec::new();
        for found in LOCAL.iter().flat_map(|regex| regex.captures_iter(text)) {
            let made_of = found.get(3).or(found.get(5)).map_or("", |one| one.as_str());
            for name in [1, 2, 4].into_iter().filter_map(|at| found.get(at)) {
                local.push((name.as_str().to_owned(), made_of.to_owned()));
            }
        }
        Self { nodes, local }
    }

    /// What took part in an expression that printed `text` when it was met for the `count`th time.
    fn taken(&self, expression: &str, at: Span, text: &str, count: usize) -> Vec<Substitution> {
        let mut taken = Vec::new();
        let falls_back = has_fallback(expression);
        for path in paths(expression) {
            let place = self.place(&path, text, count, 0);
            let unknown = match &place {
                Place::Known(node) => node.origin().is_unknown(),
                Place::Made => false,
                Place::Nowhere => !falls_back,
            };
            let value = match &place {
                Place::Known(node) => Some(node.origin().edit_span()),
                _ => None,
            };
            if value.is_some() || unknown {
                taken.push(Substitution {
                    variable: path.join(".").into(),
                    expression: at,
                    value,
                    unknown,
                    output: None,
                });
            }
        }
        if text == "unknown" && taken.iter().all(|one| !one.unknown) {
            taken.push(Substitution {
                variable: expression.into(),
                expression: at,
                value: None,
                unknown: true,
                output: None,
            });
        }
        taken
    }

    fn place(&self, path: &[String], text: &str, count: usize, depth: usize) -> Place<'_> {
        let Some((root, fields)) = path.split_first() else {
            return Place::Made;
        };
        if let Some(node) = self.nodes.get(root) {
            let keys: Vec<&str> = fields.iter().map(String::as_str).collect();
            return match node.at(&keys) {
                Some(node) if node.as_scalar().is_some() => Place::Known(node),
                Some(node) => printed(node, None, text, count).map_or(Place::Made, Place::Known),
                None => printed(node, fields.last(), text, count).map_or(Place::Nowhere, Place::Known),
            };
        }
        let mut made_of = self.local.iter().filter(|(name, _)| name == root).peekable();
        if made_of.peek().is_none() || depth > MAX_DEPTH {
            return match root.as_str() {
                "loop" | "range" | "true" | "false" | "none" | "namespace" | "dict" => Place::Made,
                _ => Place::Nowhere,
            };
        }
        let mut nowhere = false;
        for (_, expression) in made_of {
            for other in paths(expression) {
                let mut whole = other.clone();
                whole.extend(fields.iter().cloned());
                match self.place(&other, text, count, depth + 1) {
                    Place::Known(node) if node.as_scalar().is_some() => return Place::Known(node),
                    Place::Nowhere => nowhere = true,
                    _ => {}
                }
                if let Some(node) = self.nodes.get(&other[0])
                    && let Some(found) = printed(node, fields.last(), text, count)
                {
                    return Place::Known(found);
                }
            }
        }
        if nowhere { Place::Nowhere } else { Place::Made }
    }

    /// Whether a condition or a loop asks for what is nowhere.
    fn leaves_open(&self, text: &str) -> bool {
        static STATEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\{%[-+]?\s*(?:if|elif|for\s+\w+(?:\s*,\s*\w+)?\s+in)\s+(.*?)\s*[-+]?%\}").ok()
        });
        let statements = STATEMENT.iter().flat_map(|regex| regex.captures_iter(text));
        statements
            .map(|found| found[1].to_owned())
            .filter(|expression| !has_fallback(expression))
            .any(|expression| {
                paths(&expression)
                    .iter()
                    .any(|path| match self.place(path, "\u{0}", 0, 0) {
                        Place::Known(node) => node.origin().is_unknown(),
                        Place::Nowhere => {
                            !self.nodes.contains_key(&path[0])
                                && !self.local.iter().any(|(name, _)| *name == path[0])
                        }
                        Place::Made => false,
                    })
            })
    }
}

enum Place<'a> {
    Known(&'a Node),
    /// Made by the template itself.
    Made,
    Nowhere,
}

fn has_fallback(expression: &str) -> bool {
    static FALLBACK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\|\s*(?:default|d)\b|\bis\s+(?:not\s+)?(?:un)?defined\b").ok());
    FALLBACK.as_ref().is_some_and(|regex| regex.is_match(expression))
}

/// The scalar below a node that was printed, looked for by its text and the key it stands under.
fn printed<'n>(node: &'n Node, key: Option<&String>, text: &str, count: usize) -> Option<&'n Node> {
    const MAX_FOUND: usize = 512;
    let mut found = Vec::new();
    let mut todo = vec![(node, true)];
    while let Some((node, is_named)) = todo.pop() {
        if found.len() > MAX_FOUND {
            break;
        }
        match node.kind() {
            Kind::Scalar(_) if is_named && node.as_text() == Some(text) => found.push(node),
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => todo.extend(items.iter().rev().map(|item| (item, is_named))),
            Kind::Mapping(entries) => todo.extend(entries.iter().rev().flat_map(|entry| {
                let name = entry.key.as_text().unwrap_or_default();
                [
                    (&entry.value, key.is_none_or(|key| key == name)),
                    (&entry.key, key.is_none()),
                ]
            })),
        }
    }
    found.get(count % found.len().max(1)).copied()
}

/// The dotted names in an expression, without those of filters, tests, functions and keywords.
fn paths(expression: &str) -> Vec<Vec<String>> {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"'[^']*'|"[^"]*"|\|\s*\w+|\bis\s+(?:not\s+)?\w+|([A-Za-z_]\w*(?:\.\w+|\[['"][^'"\]]*['"]\])*)(\s*\()?"#).ok()
    });
    const KEYWORDS: [&str; 12] = [
        "and", "or", "not", "if", "else", "in", "is", "true", "false", "none", "True", "False",
    ];
    let mut all = Vec::new();
    for found in WORD.iter().flat_map(|regex| regex.captures_iter(expression)) {
        let Some(path) = found.get(1) else { continue };
        let mut path = steps(path.as_str());
        if KEYWORDS.contains(&path.first().map_or("", String::as_str)) {
            continue;
        }
        // The last step of something that is called is a method.
        if found.get(2).is_some() {
            path.pop();
        }
        if !path.is_empty() {
            all.push(path);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(sources: &SourceMap, text: &str) -> Scope {
        let _ = sources;
        let mut scope = Scope::default();
        let file = sources.file_at(&RepoPath::clamp("vars.yaml")).unwrap();
        let parsed = crate::yaml::parse(file, text);
        for entry in parsed.documents[0].root.entries() {
            scope.set(entry.key.as_text().unwrap(), entry.value.clone());
        }
        scope
    }

    fn render(template: &str, variables: &str) -> (String, Vec<Node>, bool, SourceMap) {
        let sources = SourceMap::from_memory([("a.j2", template), ("vars.yaml", variables)]);
        let scope = scope(&sources, variables);
        let file = sources.file_at(&RepoPath::clamp("a.j2")).unwrap();
        let rendered = scope.render(&sources, file).unwrap();
        let documents = rendered.written.documents().unwrap();
        (rendered.written.text, documents, rendered.is_open, sources)
    }

    fn place(sources: &SourceMap, node: &Node) -> String {
        sources.snippet(node.origin().edit_span()).to_owned()
    }

    #[test]
    fn values_point_at_the_variable_and_literal_text_at_the_template() {
        let (text, documents, open, sources) = render(
            "cluster:\n  id: {{ id }}\n  name: {{ name | lower }}\n{% if mesh %}\nmesh: on\n{% endif %}\n",
            "id: 01\nname: East\nmesh: true\n",
        );
        assert_eq!(text, "cluster:\n  id: 1\n  name: east\nmesh: on\n");
        assert!(!open);
        let root = &documents[0];
        assert_eq!(place(&sources, root.at(&["cluster", "id"]).unwrap()), "01");
        assert_eq!(place(&sources, root.at(&["cluster", "name"]).unwrap()), "East");
        assert_eq!(place(&sources, root.at(&["mesh"]).unwrap()), "on");
    }

    #[test]
    fn items_of_loops_keep_their_own_places() {
        let (_, documents, _, sources) = render(
            "list:\n{% for peer in peers %}\n  - name: {{ peer.name }}\n    port: {{ peer.port | default(2379) }}\n{% endfor %}\n",
            "peers:\n  - {name: a, port: 1}\n  - {name: b, port: 1}\n",
        );
        let items = documents[0].get("list").unwrap().items();
        assert_eq!(place(&sources, items[1].get("name").unwrap()), "b");
        let ports: Vec<Span> = items
            .iter()
            .map(|one| one.get("port").unwrap().origin().edit_span())
            .collect();
        assert!(ports[0].start < ports[1].start);
    }

    #[test]
    fn variables_are_templates_themselves_and_what_is_nowhere_is_unknown() {
        let (text, documents, open, sources) = render(
            "a: {{ a }}\nb: {{ b }}\nc: {{ c | ipaddr('net') }}\nd: {{ d | default('x') }}\n{% if fact == 1 %}\ne: 1\n{% endif %}\n",
            "a: '{{ base }}'\nbase: 10.1.0.0/16\nb: '{{ b }}'\nc: 10.2.0.0/16\n",
        );
        assert!(
            text.starts_with("a: 10.1.0.0/16\nb: unknown\nc: unknown\nd: x"),
            "{text}"
        );
        assert!(open);
        let root = &documents[0];
        assert_eq!(place(&sources, root.get("a").unwrap()), "10.1.0.0/16");
        assert!(root.get("b").unwrap().origin().is_unknown());
        assert!(root.get("c").unwrap().origin().is_unknown());
        assert!(!root.get("d").unwrap().origin().is_unknown());
    }

    #[test]
    fn hostile_templates_end() {
        for template in [
            "{% for a in range(100000000) %}{{ a }}{% endfor %}",
            "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('aaaaaaaaaaaaaaaa') }}",
            "{% set x = 'a' * 1000000000 %}{{ x }}",
            "{% include 'a.j2' %}",
            "{{ 'x' | indent(1000000000) }}{{ 'a\\nb' | indent(1000000000) }}",
        ] {
            let sources = SourceMap::from_memory([("a.j2", template), ("vars.yaml", "a: 1")]);
            let file = sources.file_at(&RepoPath::clamp("a.j2")).unwrap();
            assert!(Scope::default().render(&sources, file).is_none(), "{template}");
        }
    }
}
