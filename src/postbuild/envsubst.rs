//! The language of `${…}` expressions in `postBuild`: Flux's fork of drone/envsubst (fluxcd/pkg `envsubst`),
//! which resembles bash and differs from it in many places.
//!
//! A text is parsed once into a [`Template`] and evaluated for many clusters. The evaluation tells for every piece
//! of its output which bytes of the text made it and which variables took part, and reports every undefined
//! variable rather than the first one.
//!
//! Everything works on bytes as the Go program does, because `${v:0:1}` may cut a character in half.

use std::ops::Range;
use std::sync::Arc;

mod eval;
mod functions;
mod glob;
mod parse;
#[cfg(test)]
mod tests;

pub use eval::{EvalError, Evaluated, Missing, Piece, Undefined, Use, UseKind, VariableValue};

/// Why the grammar refuses a text. The words are the real program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxReason {
    /// Something is wrong behind the name, `${v/a}` for example.
    #[error("bad substitution")]
    BadSubstitution,
    /// Neither `}` nor a known operator follows the name, `${v.b}` or `${v-b}` for example.
    #[error("missing closing brace")]
    MissingClosingBrace,
    /// No name follows `${`.
    #[error("unable to parse variable name")]
    VariableName,
    /// An operator lacks its word, `${v:}` or `${v#}` for example.
    #[error("unable to parse substitution within function")]
    FunctionWord,
    /// meshlint's own bound on expressions within expressions.
    #[error("expressions are nested too deeply")]
    TooDeep,
}

/// The text is not in the language: the real program fails the whole build.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SyntaxError {
    /// The expression, to its closing brace or the end of its line.
    pub range: Range<usize>,
    /// What is wrong.
    pub reason: SyntaxReason,
}

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Template {
    text: Arc<str>,
    parts: Vec<Part>,
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    /// When the grammar refuses an expression; the real program stops at the first one, so nothing behind it is known.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, SyntaxError> {
        let (template, errors) = Self::parse_tolerantly(text);
        errors.into_iter().next().map_or(Ok(template), Err)
    }

    /// Parses a text in which malformed expressions stay text. The first error is the one that the real program gives;
    /// the others are what it would give if those before were mended.
    pub fn parse_tolerantly(text: impl Into<Arc<str>>) -> (Self, Vec<SyntaxError>) {
        let text = text.into();
        let (parts, errors) = parse::parse(&text);
        (Self { text, parts }, errors)
    }

    /// The text as it was before evaluation.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether evaluation gives the text back whatever the variables are: no expression, no `$$`.
    pub fn is_literal(&self) -> bool {
        match self.parts.as_slice() {
            [] => self.text.is_empty(),
            [Part::Text(only)] => only.len() == self.text.len(),
            _ => false,
        }
    }

    /// Where the outermost expressions stand, in order.
    pub fn expressions(&self) -> impl Iterator<Item = Range<usize>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Expression(expression) => Some(expression.range.clone()),
        })
    }

    /// Hands out the name in every expression, those within others too.
    pub fn names(&self, take: &mut dyn FnMut(&str)) {
        self.names_in(&self.parts, take);
    }

    fn names_in(&self, parts: &[Part], take: &mut dyn FnMut(&str)) {
        for part in parts {
            if let Part::Expression(expression) = part {
                take(self.text.get(expression.name.clone()).unwrap_or_default());
                expression.words.iter().for_each(|word| self.names_in(word, take));
            }
        }
    }
}

/// A piece of a text or of an operator's word.
#[derive(Debug, Clone)]
enum Part {
    /// These bytes, as they stand. Text with escapes is several of these, the escaping bytes left out.
    Text(Range<usize>),
    /// An expression.
    Expression(Box<Expression>),
}

/// `${name operator words}`
#[derive(Debug, Clone)]
struct Expression {
    /// From `$` to `}`.
    range: Range<usize>,
    name: Range<usize>,
    operator: Operator,
    words: Vec<Vec<Part>>,
}

/// What is done to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `${v}`, and the mixed cases `${v,^}` and `${v^,}`, which change nothing.
    None,
    /// `:-`, `:=`, `:?`, `:+` and `=`, which all do the same: the word stands in for an empty or unset value.
    Default,
    /// `${#v}`
    Length,
    /// `${v,}`
    LowerFirst,
    /// `${v,,}`
    Lower,
    /// `${v^}`
    UpperFirst,
    /// `${v^^}`
    Upper,
    /// `${v:n}` and `${v:n:length}`
    Substring,
    /// `${v/a/b}`
    ReplaceFirst,
    /// `${v//a/b}`
    ReplaceAll,
    /// `${v/#a/b}`
    ReplacePrefix,
    /// `${v/%a/b}`
    ReplaceSuffix,
    /// `${v#p}`
    TrimShortestPrefix,
    /// `${v##p}`
    TrimLongestPrefix,
    /// `${v%p}`
    TrimShortestSuffix,
    /// `${v%%p}`
    TrimLongestSuffix,
}

#[cfg(test)]
impl Template {
    /// Evaluates with a table of values, for tests.
    fn eval_with(&self, variables: &[(&str, &str)], missing: Missing) -> Result<Evaluated, EvalError> {
        self.eval(
            &|name: &str| match variables.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => VariableValue::Text(value),
                None => VariableValue::Undefined,
            },
            missing,
        )
    }
}
