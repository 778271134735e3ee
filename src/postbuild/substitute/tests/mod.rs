mod golden;
mod origins;

use super::*;
use crate::postbuild::Variable;
use crate::source::Span;
use crate::yaml::Node;

/// A repository of one object and a file with a line for each variable.
struct Fixture {
    sources: SourceMap,
    object: Arc<Object>,
    variables: Variables,
}

fn fixture(text: &str, values: &[(&str, &str)]) -> Fixture {
    let settings: String = values
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let sources = SourceMap::from_memory([("object.yaml", text), ("settings.yaml", &settings)]);
    let [object, settings_file] = ["object.yaml", "settings.yaml"].map(|path| {
        let found = sources.iter().find(|(_, file)| file.path().as_str() == path);
        found.unwrap().0
    });
    let parsed = yaml::parse(object, text);
    assert!(parsed.errors.is_empty(), "{:?} in {text}", parsed.errors);
    let mut variables = Variables::default();
    let mut line = 0;
    for (name, value) in values {
        let start = line + name.len() + 2;
        let variable = Variable {
            value: Ok((*value).into()),
            span: Some(Span::new(settings_file, start, start + value.len())),
        };
        variables.known.insert((*name).into(), variable);
        line = start + value.len() + 1;
    }
    Fixture {
        object: Arc::new(Object::new(parsed.root().unwrap().clone())),
        sources,
        variables,
    }
}

impl Fixture {
    fn run(&self, strict: bool) -> Substituted {
        Substituter::new(&self.sources).substitute(&self.object, &self.variables, strict)
    }

    /// The value at the end of a chain of keys of what a run gave.
    fn value<'n>(&self, done: &'n Substituted, keys: &[&str]) -> &'n Node {
        done.object.node.at(keys).unwrap()
    }

    /// Each substitution of a node: variable, expression, and the line that gave the value.
    fn substitutions(&self, node: &Node) -> Vec<(String, &str, Option<&str>)> {
        let all = node.origin().substituted.as_deref().unwrap_or_default();
        all.iter()
            .map(|one| {
                let value = one.value.map(|span| self.snippet(span));
                (one.variable.to_string(), self.snippet(one.expression), value)
            })
            .collect()
    }

    fn snippet(&self, span: Span) -> &str {
        self.sources.snippet(span)
    }
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

fn config(data: &str, values: &[(&str, &str)]) -> Fixture {
    fixture(&format!("{HEAD}data:\n{data}"), values)
}
