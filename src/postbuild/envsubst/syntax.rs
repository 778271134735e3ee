//! The language as data.

use std::ops::Range;

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

/// A piece of a text or of an operator's word.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// These bytes, as they stand. Text with escapes is several of these, the escaping bytes left out.
    Text(Range<usize>),
    /// An expression.
    Expression(Box<Expression>),
}

/// `${name operator words}`
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// From `$` to `}`.
    pub(crate) range: Range<usize>,
    pub(crate) name: Range<usize>,
    pub(crate) operator: Operator,
    pub(crate) words: Vec<Vec<Part>>,
}

/// What is done to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
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
