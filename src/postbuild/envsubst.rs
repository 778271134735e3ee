//! The language of `${…}` expressions in `postBuild`: Flux's fork of drone/envsubst (fluxcd/pkg `envsubst`),
//! which resembles bash and differs from it in many places.
//!
//! A text is parsed once into a [`Template`] and evaluated for many clusters. The evaluation tells for every piece
//! of its output which bytes of the text made it and which variables took part, and reports every undefined
//! variable rather than the first one.
//!
//! Everything works on bytes as the Go program does, because `${v:0:1}` may cut a character in half.

use syntax::{Expression, Operator, Part};
pub use syntax::{SyntaxError, SyntaxReason};
pub use template::Template;

mod eval;
mod functions;
mod glob;
mod parse;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod work;

pub use eval::{EvalError, Evaluated, Missing, Piece, Undefined, Use, UseKind, VariableValue};

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
