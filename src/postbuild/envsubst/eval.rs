//! From parts and variables to text, by the rules of fluxcd/pkg `envsubst/template.go`.

use std::ops::Range;

use super::functions;
use super::work::{TooLarge, Work};
use super::{Expression, Operator, Part, Template};

/// What a lookup knows of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableValue<'v> {
    /// This value.
    Text(&'v str),
    /// It has a value that cannot be known.
    Unknown,
    /// It may have a value that cannot be known: an expression's default may or may not stand in.
    Perhaps,
    /// It has none.
    Undefined,
}

/// What to do about a variable without value in an expression without default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing stands in its place: the real program when it is lenient.
    Empty,
    /// There is no result: the real program when it is strict.
    Fail,
    /// A placeholder stands in its place, as for a value that cannot be known, so that work can go on.
    Mark,
}

/// How a variable took part in an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseKind {
    /// Its value did.
    Value,
    /// It is empty or unset and the expression's default stands in.
    Default,
    /// It is unset, and nothing stands in.
    Undefined,
    /// Its value did, or may have done, and cannot be known.
    Unknown,
}

/// One variable that took part in a piece of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The name.
    pub variable: Box<str>,
    /// The expression that names it, which may stand within another one.
    pub range: Range<usize>,
    /// How it took part.
    pub kind: UseKind,
}

/// A stretch of the output with what made it. Pieces follow each other without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the output.
    pub output: Range<usize>,
    /// Bytes of the text: as long as `output` for literal text, from `$` to `}` for an expression.
    pub source: Range<usize>,
    /// The variables that took part, as positions in [`Evaluated::uses`]; `None` for literal text.
    pub uses: Option<Range<usize>>,
}

/// A variable without value in an expression that has no default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// The name.
    pub variable: Box<str>,
    /// The expression that names it.
    pub range: Range<usize>,
}

/// A text with its expressions replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// The result. Not always UTF-8, because a substring may cut a character.
    pub output: Vec<u8>,
    /// What made it, in order.
    pub pieces: Vec<Piece>,
    /// Every variable that took part, outer before inner.
    pub uses: Vec<Use>,
    /// Every variable that is not defined and has no default, in the order in which the real program meets them.
    pub undefined: Vec<Undefined>,
}

impl Evaluated {
    /// The result as text, when it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.output).ok()
    }

    /// The variables that took part in a piece.
    pub fn uses_of(&self, piece: &Piece) -> &[Use] {
        piece
            .uses
            .clone()
            .and_then(|range| self.uses.get(range))
            .unwrap_or_default()
    }
}

/// Why a text has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// Strict evaluation met variables that are not defined: all of them, the real program names the first.
    #[error("variable not set (strict mode): {:?}", .0.first().map_or("", |first| &first.variable))]
    Undefined(Vec<Undefined>),
    /// The result exceeds meshlint's bound on size, or on the work spent on patterns.
    #[error("the expression grows beyond what meshlint evaluates")]
    TooLarge(Range<usize>),
}

impl Template {
    /// Replaces the expressions by what they stand for.
    ///
    /// # Errors
    /// When the real program fails, on undefined variables if `missing` says so, or a bound is exceeded.
    pub fn eval<'v>(
        &self,
        lookup: &dyn Fn(&str) -> VariableValue<'v>,
        missing: Missing,
    ) -> Result<Evaluated, EvalError> {
        let strict = missing == Missing::Fail;
        let mut run = Run {
            text: &self.text,
            lookup,
            missing,
            work: Work::default(),
            uses: Vec::new(),
            undefined: Vec::new(),
        };
        let mut done = Evaluated::default();
        let mut failure = None;
        for part in &self.parts {
            let start = done.output.len();
            let (source, uses) = match part {
                Part::Text(range) => {
                    done.output.extend_from_slice(run.literal(range));
                    (range.clone(), None)
                }
                Part::Expression(expression) => {
                    let first_use = run.uses.len();
                    match run.expression(expression) {
                        Ok(value) => done.output.extend_from_slice(&value.bytes),
                        // What the real program meets first decides; other undefined names are still collected.
                        Err(error) if strict && !run.undefined.is_empty() => drop(error),
                        Err(error) => {
                            failure = Some(error);
                            break;
                        }
                    }
                    (expression.range.clone(), Some(first_use..run.uses.len()))
                }
            };
            if done.output.len() > super::work::MAX_OUTPUT {
                failure = Some(EvalError::TooLarge(source));
                break;
            }
            done.pieces.push(Piece {
                output: start..done.output.len(),
                source,
                uses,
            });
        }
        if strict && !run.undefined.is_empty() {
            return Err(EvalError::Undefined(run.undefined));
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        done.uses = run.uses;
        done.undefined = run.undefined;
        Ok(done)
    }
}

/// A value on its way to the output.
#[derive(Default)]
struct Value {
    bytes: Vec<u8>,
    unknown: bool,
}

struct Run<'r, 'v> {
    text: &'r str,
    lookup: &'r dyn Fn(&str) -> VariableValue<'v>,
    missing: Missing,
    work: Work,
    uses: Vec<Use>,
    undefined: Vec<Undefined>,
}

impl<'r> Run<'r, '_> {
    fn literal(&self, range: &Range<usize>) -> &'r [u8] {
        self.text.as_bytes().get(range.clone()).unwrap_or_default()
    }

    /// The value of an expression. The words come first, used or not: an undefined variable in an unused default
    /// fails the real program too.
    fn expression(&mut self, expression: &Expression) -> Result<Value, EvalError> {
        let first_use = self.uses.len();
        let mut words = Vec::with_capacity(expression.words.len());
        for word in &expression.words {
            words.push(self.word(word, &expression.range)?);
        }
        let name = self.text.get(expression.name.clone()).unwrap_or_default();
        let found = (self.lookup)(name);
        let kind = self.kind_of_use(found, name, expression);
        if expression.operator == Operator::Default && kind == UseKind::Value {
            self.uses.truncate(first_use);
        }
        self.uses.insert(
            first_use,
            Use {
                variable: name.into(),
                range: expression.range.clone(),
                kind,
            },
        );
        let words_matter = expression.operator != Operator::Default || kind != UseKind::Value;
        let unknown_word = words_matter && words.iter().any(|word| word.unknown);
        let unknown = match found {
            VariableValue::Unknown => true,
            VariableValue::Perhaps => expression.operator != Operator::Default,
            VariableValue::Undefined => kind == UseKind::Undefined && self.missing == Missing::Mark,
            VariableValue::Text(_) => false,
        };
        if unknown || unknown_word {
            return Ok(placeholder(name));
        }
        let value = match found {
            VariableValue::Text(text) => text.as_bytes(),
            _ => &[],
        };
        let words: Vec<&[u8]> = words.iter().map(|word| &*word.bytes).collect();
        let bytes = functions::apply(expression.operator, value, &words, &mut self.work)
            .map_err(|TooLarge| EvalError::TooLarge(expression.range.clone()))?;
        Ok(Value {
            bytes,
            unknown: kind == UseKind::Unknown,
        })
    }

    fn kind_of_use(&mut self, found: VariableValue<'_>, name: &str, expression: &Expression) -> UseKind {
        let defaults = expression.operator == Operator::Default;
        match found {
            VariableValue::Unknown | VariableValue::Perhaps => UseKind::Unknown,
            VariableValue::Text("") | VariableValue::Undefined if defaults => UseKind::Default,
            VariableValue::Text(_) => UseKind::Value,
            VariableValue::Undefined => {
                self.undefined.push(Undefined {
                    variable: name.into(),
                    range: expression.range.clone(),
                });
                UseKind::Undefined
            }
        }
    }

    fn word(&mut self, parts: &[Part], within: &Range<usize>) -> Result<Value, EvalError> {
        let mut word = Value::default();
        for part in parts {
            match part {
                Part::Text(range) => word.bytes.extend_from_slice(self.literal(range)),
                Part::Expression(inner) => {
                    let value = self.expression(inner)?;
                    word.bytes.extend_from_slice(&value.bytes);
                    word.unknown |= value.unknown;
                }
            }
            if word.bytes.len() > super::work::MAX_OUTPUT {
                return Err(EvalError::TooLarge(within.clone()));
            }
        }
        Ok(word)
    }
}

/// What stands for a value that cannot be known: text that is plain and stays text wherever YAML may hold it.
fn placeholder(name: &str) -> Value {
    Value {
        bytes: format!("..{name}..").into_bytes(),
        unknown: true,
    }
}
