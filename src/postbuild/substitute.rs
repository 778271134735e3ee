//! `postBuild` substitution: what fluxcd/pkg `kustomize/kustomize_varsub.go` does to one rendered object.
//!
//! Flux does not substitute values, it substitutes text: the object is printed as YAML (its own quotes are lost), the
//! text goes through [`envsubst`](super::envsubst), and the result is read again by another reader than the one that
//! read the files. So a value may become a number, a map, or break the document. Here the same happens, and every
//! node of the new tree keeps the origin of the text it came from, with the expressions and variables that made it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::yaml;

use super::envsubst::{EvalError, Evaluated, Missing, Undefined, VariableValue};
use super::{RenderProblem, Variables};

mod evidence;
mod expression;
mod prepare;
mod printed;
mod quick;
mod rebuild;
#[cfg(test)]
mod tests;
mod typed;
mod value;

use prepare::Prepared;
use printed::Printed;
use quick::Quick;
pub(crate) use typed::{key as key_as_reread, value as as_reread};
use value::value_of;

/// What substitution made of an object.
#[derive(Debug, Clone)]
pub struct Substituted {
    /// The object to go on with; the given one where nothing changes. Where the real program fails, it holds as much
    /// as can be told, and what cannot is marked unknown.
    pub object: Arc<Object>,
    /// Why the real program fails. [`RenderProblem::UndefinedVariable`] is among them in lenient mode too, in which it is
    /// no failure.
    pub problems: Vec<RenderProblem>,
    /// The names of all variables in the object's expressions, sorted.
    pub mentions: Arc<[Box<str>]>,
}

impl Substituted {
    fn unchanged(object: &Arc<Object>) -> Self {
        Self {
            object: Arc::clone(object),
            problems: Vec::new(),
            mentions: Arc::default(),
        }
    }
}

/// Substitutes objects, printing and parsing each only once however many clusters have it.
#[derive(Debug)]
pub struct Substituter<'s> {
    sources: &'s SourceMap,
    /// By address. The object is kept, so that no other can come to its address.
    prepared: Mutex<HashMap<usize, Slot>>,
}

/// What a substituter leaves behind: objects made ready, for as long as somebody has them.
#[derive(Debug, Default)]
pub struct Printouts(HashMap<usize, Slot>);

#[derive(Debug, Clone)]
struct Slot {
    object: Arc<Object>,
    prepared: Arc<OnceLock<Prepared>>,
}

impl<'s> Substituter<'s> {
    /// A substituter for objects whose spans lie in these sources.
    pub fn new(sources: &'s SourceMap) -> Self {
        Self {
            sources,
            prepared: Mutex::default(),
        }
    }

    /// A substituter that takes over what an earlier one made ready of the same objects.
    pub fn after(sources: &'s SourceMap, before: Printouts) -> Self {
        Self {
            sources,
            prepared: Mutex::new(before.0),
        }
    }

    /// What is ready, for a later run.
    pub fn leave(self) -> Printouts {
        let mut slots = self.prepared.into_inner().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| Arc::strong_count(&slot.object) > 1);
        Printouts(slots)
    }

    /// Substitutes the variables in an object, as Flux does once it substitutes at all
    /// ([`PostBuild::substitutes`](super::PostBuild::substitutes)). `strict` is whether an undefined variable fails the
    /// build (kustomize-controller ≥ 1.9 by default); it is then treated as one that cannot be known.
    pub fn substitute(&self, object: &Arc<Object>, variables: &Variables, strict: bool) -> Substituted {
        let slot = self.slot(object);
        match slot.prepared.get_or_init(|| Prepared::new(object, self.sources)) {
            Prepared::Unchanged => Substituted::unchanged(object),
            Prepared::TooLarge { guarded, problem } => Substituted {
                object: Arc::clone(guarded),
                problems: vec![problem.clone()],
                mentions: Arc::default(),
            },
            Prepared::Printed(printed, quick) => {
                substitute_text(object, (printed, quick.as_ref()), variables, strict)
            }
        }
    }

    fn slot(&self, object: &Arc<Object>) -> Slot {
        let address = Arc::as_ptr(object) as usize;
        let mut slots = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(address).or_insert_with(|| Slot {
            object: Arc::clone(object),
            prepared: Arc::default(),
        });
        debug_assert!(Arc::ptr_eq(&slot.object, object));
        slot.clone()
    }
}

fn substitute_text(
    object: &Arc<Object>,
    (printed, quick): (&Printed, Option<&Quick>),
    variables: &Variables,
    strict: bool,
) -> Substituted {
    let missing = if strict { Missing::Mark } else { Missing::Empty };
    if let Some(done) = quick.and_then(|quick| quick.run(object, printed, variables, missing)) {
        return Substituted {
            object: done.object,
            problems: undefined_problems(object, printed, &done.undefined).collect(),
            mentions: Arc::clone(&printed.mentions),
        };
    }
    substitute_printed(object, printed, variables, missing)
}

/// Values that may break an object before its expressions are given up.
const MAX_CULPRITS: usize = 5;

fn substitute_printed(
    object: &Arc<Object>,
    printed: &Printed,
    variables: &Variables,
    missing: Missing,
) -> Substituted {
    let done = |made: Arc<Object>, problems: Vec<RenderProblem>| Substituted {
        object: made,
        // The real program does not come to anything else when it cannot parse the expressions.
        problems: printed
            .malformed
            .as_ref()
            .map_or(problems, |first| vec![first.clone()]),
        mentions: Arc::clone(&printed.mentions),
    };
    let mut problems = Vec::new();
    // A value that breaks the text is taken for one that cannot be known, so that the others can be.
    let mut distrusted: Vec<Box<str>> = Vec::new();
    for attempt in 0..=MAX_CULPRITS {
        let lookup = |name: &str| match distrusted.iter().any(|known| **known == *name) {
            true => VariableValue::Unknown,
            false => value_of(variables, name),
        };
        let evaluated = match printed.template.eval(&lookup, missing) {
            Ok(evaluated) => evaluated,
            Err(error) => {
                problems.push(evaluation_problem(object, printed, &error));
                break;
            }
        };
        if attempt == 0 {
            problems.extend(undefined_problems(object, printed, &evaluated.undefined));
        }
        match reread(object, printed, variables, &evaluated) {
            Ok(made) => return done(made, problems),
            Err(broken) => {
                if attempt == 0 {
                    problems.push(broken.problem);
                }
                let before = distrusted.len();
                distrusted.extend(broken.variables);
                distrusted.sort_unstable();
                distrusted.dedup();
                if distrusted.len() == before {
                    break;
                }
            }
        }
    }
    done(prepare::guarded(object), problems)
}

fn undefined_problems<'u>(
    object: &'u Arc<Object>,
    printed: &'u Printed,
    undefined: &'u [Undefined],
) -> impl Iterator<Item = RenderProblem> + 'u {
    undefined.iter().map(|one| RenderProblem::UndefinedVariable {
        variable: one.variable.to_string(),
        expression: printed.span_of(&one.range),
        object: Arc::clone(object),
    })
}

fn evaluation_problem(object: &Arc<Object>, printed: &Printed, error: &EvalError) -> RenderProblem {
    let range = match error {
        EvalError::TooLarge(range) => range.clone(),
        EvalError::Undefined(all) => all.first().map(|first| first.range.clone()).unwrap_or_default(),
    };
    RenderProblem::MalformedSubstitution {
        expression: printed.span_of(&range),
        reason: error.to_string(),
        object: Arc::clone(object),
    }
}

/// The text after substitution is refused.
struct Broken {
    problem: RenderProblem,
    /// The variables of the expression that did it.
    variables: Vec<Box<str>>,
}

/// Reads the substituted text and gives the new tree its origins.
fn reread(
    object: &Arc<Object>,
    printed: &Printed,
    variables: &Variables,
    evaluated: &Evaluated,
) -> Result<Arc<Object>, Broken> {
    let broken = |at: usize, reason: String| {
        let culprit = evidence::culprit(printed, variables, evaluated, at);
        Broken {
            problem: RenderProblem::BrokenBySubstitution {
                expression: culprit.expression,
                values: culprit.values,
                reason,
                object: Arc::clone(object),
            },
            variables: culprit.variables,
        }
    };
    let text = std::str::from_utf8(&evaluated.output)
        .map_err(|error| broken(error.valid_up_to(), "incomplete UTF-8 character".to_owned()))?;
    if let Some(at) = text.find(is_refused_character) {
        return Err(broken(at, "control characters are not allowed".to_owned()));
    }
    let parsed = yaml::parse(printed.file, text);
    // Go's reader keeps the last of two equal keys here.
    let refused = parsed
        .errors
        .iter()
        .find(|error| error.kind != yaml::ParseErrorKind::DuplicateKey);
    if let Some(error) = refused {
        return Err(broken(
            error.span.start as usize,
            error.upstream.as_ref().unwrap_or(&error.message).to_string(),
        ));
    }
    match parsed.root() {
        Some(root) if root.is_mapping() => {
            let mut rebuild = rebuild::Rebuild::new(printed, variables, evaluated);
            let node = rebuild
                .tree(root, &object.node)
                .map_err(|refused| broken(refused.at, refused.reason))?;
            if node.is_same(&object.node) {
                return Ok(Arc::clone(object));
            }
            Ok(Arc::new(object.with(node)))
        }
        _ => Err(broken(0, "the text is no map any more".to_owned())),
    }
}

/// Characters that yaml.v2's reader (`readerc.go`) does not take.
fn is_refused_character(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fffe}' | '\u{ffff}')
}
