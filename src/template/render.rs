//! Carrying out a template.

use std::ops::Range;

use super::functions;
use super::parse::{Operand, Part, Pipeline};
use super::stopped::Stopped;
use super::value::{Entries, Value};
use crate::budget::{Budget, NODE, STEP, TEMPLATE};

/// The text that a template gives, and where in the template each piece of it comes from.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    start: usize,
    template: usize,
    is_copied: bool,
    is_unknown: bool,
}

/// A piece of what a template gave.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Its bytes in the output.
    pub(crate) output: Range<usize>,
    /// Where in the template it comes from.
    pub(crate) template: usize,
    /// Whether it stands in the template as it is.
    pub(crate) is_copied: bool,
    /// Whether it stands for something that nobody knows.
    pub(crate) is_unknown: bool,
}

impl Rendered {
    /// All pieces in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Made> {
        let ends = self.pieces.iter().skip(1).map(|next| next.start);
        let ends = ends.chain([self.text.len()]);
        self.pieces.iter().zip(ends).map(|(piece, end)| Made {
            output: piece.start..end,
            template: piece.template,
            is_copied: piece.is_copied,
            is_unknown: piece.is_unknown,
        })
    }

    /// The place in the template that wrote what stands at `at` of the text.
    pub(crate) fn source_of(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.start <= at);
        let piece = index.checked_sub(1).and_then(|index| self.pieces.get(index));
        piece.map_or(0, |piece| match piece.is_copied {
            true => piece.template + at - piece.start,
            false => piece.template,
        })
    }

    fn write(&mut self, text: &str, template: usize, is_copied: bool) {
        if !text.is_empty() {
            self.pieces.push(Piece {
                start: self.text.len(),
                template,
                is_copied,
                is_unknown: false,
            });
            self.text.push_str(text);
        }
    }
}

/// Renders a template with an input set; `None` stands for no inputs at all.
pub(crate) fn render(
    template: &str,
    parts: &[Part],
    inputs: Option<&Value>,
    budget: &mut Budget,
) -> Result<Rendered, Stopped> {
    let mut run = Run {
        template,
        inputs,
        variables: vec![(String::new(), Value::Null)],
        budget,
        is_partly: false,
        out: Rendered::default(),
    };
    run.parts(parts, &Value::Null)?;
    Ok(run.out)
}

/// Renders a template of `dot`. What cannot be printed because nobody knows it leaves a word in its place.
pub(crate) fn render_partly(template: &str, parts: &[Part], dot: &Value) -> Result<Rendered, Stopped> {
    let mut budget = Budget::new(TEMPLATE);
    let mut run = Run {
        template,
        inputs: None,
        variables: vec![(String::new(), dot.clone())],
        budget: &mut budget,
        is_partly: true,
        out: Rendered::default(),
    };
    run.parts(parts, dot)?;
    Ok(run.out)
}

struct Run<'a> {
    template: &'a str,
    inputs: Option<&'a Value>,
    variables: Vec<(String, Value)>,
    budget: &'a mut Budget,
    /// Whether it goes on where something cannot be printed.
    is_partly: bool,
    out: Rendered,
}

impl Run<'_> {
    fn parts(&mut self, parts: &[Part], dot: &Value) -> Result<(), Stopped> {
        for part in parts {
            self.budget.spend(STEP)?;
            self.part(part, dot)?;
        }
        Ok(())
    }

    fn part(&mut self, part: &Part, dot: &Value) -> Result<(), Stopped> {
        match part {
            Part::Text(Range { start, end }) => {
                let text = self.template.get(*start..*end).unwrap_or_default();
                self.write(text, *start, true)
            }
            Part::Print(pipeline, at) => {
                let text = match self.known(pipeline, dot) {
                    Ok(Value::Null) => "<no value>".to_owned(),
                    Ok(value) => {
                        self.budget.spend(value.weight())?;
                        value.print()
                    }
                    Err(stopped) if self.is_partly && stopped != Stopped::Exhausted => {
                        self.write("unknown", *at, false)?;
                        if let Some(piece) = self.out.pieces.last_mut() {
                            piece.is_unknown = true;
                        }
                        return Ok(());
                    }
                    Err(stopped) => return Err(stopped),
                };
                self.write(&text, *at, false)
            }
            Part::Assign {
                name,
                declares,
                value,
            } => {
                let value = self.pipeline(value, dot)?;
                self.assign(name, *declares, value)
            }
            Part::If(condition, then, otherwise) => {
                let branch = if self.known(condition, dot)?.is_true() {
                    then
                } else {
                    otherwise
                };
                self.scope(branch, dot, &[])
            }
            Part::With(condition, then, otherwise) => {
                let value = self.known(condition, dot)?;
                if value.is_true() {
                    self.scope(then, &value, &[])
                } else {
                    self.scope(otherwise, dot, &[])
                }
            }
            Part::Range {
                key,
                item,
                over,
                body,
                otherwise,
            } => {
                let over = self.known(over, dot)?;
                self.budget.spend(length(&over).saturating_mul(NODE))?;
                let items = items(&over)?;
                if items.is_empty() {
                    return self.scope(otherwise, dot, &[]);
                }
                for (index, value) in items {
                    let named = [(key, index), (item, value.clone())];
                    let named: Vec<(String, Value)> = named
                        .into_iter()
                        .filter_map(|(name, value)| Some((name.clone()?, value)))
                        .collect();
                    self.scope(body, &value, &named)?;
                }
                Ok(())
            }
        }
    }

    fn write(&mut self, text: &str, template: usize, is_copied: bool) -> Result<(), Stopped> {
        self.budget.spend(NODE + text.len())?;
        self.out.write(text, template, is_copied);
        Ok(())
    }

    /// Variables that are declared within do not outlive it.
    fn scope(&mut self, parts: &[Part], dot: &Value, named: &[(String, Value)]) -> Result<(), Stopped> {
        let outside = self.variables.len();
        self.variables.extend_from_slice(named);
        let done = self.parts(parts, dot);
        self.variables.truncate(outside);
        done
    }

    fn assign(&mut self, name: &str, declares: bool, value: Value) -> Result<(), Stopped> {
        if declares {
            self.variables.push((name.to_owned(), value));
            return Ok(());
        }
        let at = self.position(name)?;
        if let Some((_, known)) = self.variables.get_mut(at) {
            *known = value;
        }
        Ok(())
    }

    /// Where the variable stands that a name means: the one declared last.
    fn position(&mut self, name: &str) -> Result<usize, Stopped> {
        let at = self.variables.iter().rposition(|(known, _)| known == name);
        let at = at.ok_or(Stopped::Unsure)?;
        self.budget.spend(self.variables.len() - at)?;
        Ok(at)
    }

    /// A value without which nothing can be told.
    fn known(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, Stopped> {
        let value = self.pipeline(pipeline, dot)?;
        if value.is_known() {
            Ok(value)
        } else {
            Err(Stopped::Unsure)
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, Stopped> {
        let mut last = None;
        for command in pipeline {
            last = Some(self.command(command, dot, last)?);
        }
        last.ok_or(Stopped::Unsure)
    }

    fn command(&mut self, command: &[Operand], dot: &Value, last: Option<Value>) -> Result<Value, Stopped> {
        let (head, rest) = command.split_first().ok_or(Stopped::Unsure)?;
        match head {
            Operand::Function(name, fields) if name != "inputs" => {
                if !fields.is_empty() {
                    return Err(Stopped::Unsure);
                }
                let mut arguments = Vec::with_capacity(rest.len() + 1);
                for operand in rest {
                    arguments.push(self.operand(operand, dot)?);
                }
                arguments.extend(last);
                functions::call(name, arguments, self.budget)
            }
            // Only functions take arguments.
            _ if rest.is_empty() && last.is_none() => self.operand(head, dot),
            _ => Err(Stopped::Unsure),
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, Stopped> {
        match operand {
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Dot(fields) => field(dot, fields),
            Operand::Variable(name, fields) => {
                let at = self.position(name)?;
                let known = self.variables.get(at).ok_or(Stopped::Unsure)?;
                field(&known.1, fields)
            }
            Operand::Function(name, fields) if name == "inputs" => {
                let none = Value::shallow_map(Entries::new());
                field(self.inputs.unwrap_or(&none), fields)
            }
            Operand::Function(name, fields) if fields.is_empty() => {
                functions::call(name, Vec::new(), self.budget)
            }
            Operand::Function(..) => Err(Stopped::Unsure),
            Operand::Group(pipeline, fields) => {
                let value = self.pipeline(pipeline, dot)?;
                field(&value, fields)
            }
        }
    }
}

/// A field of a field …; a key that is not there is an error (`missingkey=error`).
fn field(value: &Value, fields: &[String]) -> Result<Value, Stopped> {
    let mut value = value;
    for name in fields {
        value = match value {
            Value::Map(entries) => entries.get(name).ok_or(Stopped::Fails)?,
            Value::Unknown => return Ok(Value::Unknown),
            _ => return Err(Stopped::Unsure),
        };
    }
    Ok(value.clone())
}

fn length(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => 0,
    }
}

fn items(value: &Value) -> Result<Vec<(Value, Value)>, Stopped> {
    Ok(match value {
        Value::List(items) => (0_i64..)
            .zip(items.iter())
            .map(|(at, item)| (Value::Int(at), item.clone()))
            .collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (Value::text(key.as_str()), value.clone()))
            .collect(),
        Value::Null => Vec::new(),
        _ => return Err(Stopped::Unsure),
    })
}
