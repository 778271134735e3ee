//! Why the reader refuses the substituted text, in the words of Go's reader, which are what Flux reports and people
//! search for. Our parser has words of its own, for people who look at a file; here nobody can look at the text.

use crate::yaml::ParseError;

/// The words of Go's reader where they are known, else our own.
pub(crate) fn words(error: &ParseError) -> String {
    let words = error.upstream.as_ref().unwrap_or(&error.message);
    words.clone().into_owned()
}
