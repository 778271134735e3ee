//! Jinja templates as Ansible renders them, with variables whose places are known. Templates never run a program and read
//! nothing but files of the repository; steps, memory and recursion are bounded.

mod names;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, OutputSpan, OutputSpanKind, UndefinedBehavior};
use regex::Regex;

use self::names::{MAX_DEPTH, Variables, steps};
use self::value::to_jinja;
use super::written::Written;
use crate::source::{FileId, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Kind, Node, Origin, Substitution};

/// Instructions of one rendering; memory is charged as well.
const MAX_FUEL: u64 = 400_000;
/// Includes and macros within each other.
const MAX_RECURSION: usize = 60;
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
        value::method(state, value, method, arguments)
    });
    value::add_filters(&mut environment);
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
            ErrorKind::UnknownFilter => environment.add_filter(name, value::nobody_knows),
            ErrorKind::UnknownFunction => environment.add_function(name, value::nobody_knows),
            ErrorKind::UnknownTest => environment.add_test(name, value::never),
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

#[cfg(test)]
mod tests;
