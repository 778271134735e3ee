//! What stands in one place of the overview.

use crate::mesh::shown::{NO_CILIUM, Shown, Value};
use crate::neutral::one_line;

/// What is to be said of a cell's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It holds as it stands.
    Plain,
    /// The chart's default.
    Default,
    /// Nobody states it.
    Nothing,
    /// Not readable as what it ought to be.
    Malformed,
    /// Not known, for that reason.
    Unknown(&'static str),
}

/// A cell, made of one or several things that are said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pieces: Vec<Piece>,
}

/// One thing; its parts may stand on lines of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    parts: Vec<String>,
    mark: Mark,
}

impl Cell {
    pub(super) fn plain(text: impl ToString) -> Self {
        Self::of_one(vec![text.to_string()], Mark::Plain)
    }

    pub(super) fn listed(parts: Vec<String>) -> Self {
        if parts.is_empty() {
            Self::nothing()
        } else {
            Self::of_one(parts, Mark::Plain)
        }
    }

    pub(super) fn nothing() -> Self {
        Self { pieces: Vec::new() }
    }

    fn of_one(parts: Vec<String>, mark: Mark) -> Self {
        Self {
            pieces: vec![Piece { parts, mark }],
        }
    }

    /// What is known of a fact. Clusters without Cilium are named once for all facts, so their cells stay empty.
    pub(super) fn of(fact: &Shown) -> Self {
        match &fact.value {
            Value::Stated(values) | Value::Default(values) if values.is_empty() => {
                Self::of_one(vec!["none".to_owned()], fact.mark())
            }
            Value::Stated(values) | Value::Default(values) => Self::of_one(values.clone(), fact.mark()),
            Value::Absent | Value::Unknown(NO_CILIUM) => Self::nothing(),
            Value::Malformed => {
                let text = fact.evidence.first().map(|first| first.text.clone());
                Self::of_one(text.into_iter().collect(), Mark::Malformed)
            }
            Value::Unknown(reason) => Self::of_one(Vec::new(), Mark::Unknown(reason)),
        }
    }

    /// A known fact in other words; what is not known stays as it is.
    pub(super) fn in_words(fact: &Shown, words: &str) -> Self {
        match fact.value {
            Value::Stated(_) | Value::Default(_) => Self::of_one(vec![words.to_owned()], fact.mark()),
            _ => Self::of(fact),
        }
    }

    /// Both in one cell; what neither states is said once.
    pub(super) fn with(mut self, other: Self) -> Self {
        for piece in other.pieces {
            if !self.pieces.contains(&piece) {
                self.pieces.push(piece);
            }
        }
        self
    }

    /// The parts as they are printed.
    pub(super) fn words(&self) -> Vec<String> {
        if self.is_empty() {
            return vec!["-".to_owned()];
        }
        self.pieces.iter().flat_map(Piece::words).collect()
    }

    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        let nothing = self.is_empty().then_some(Mark::Nothing);
        self.pieces.iter().map(|piece| piece.mark).chain(nothing)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether it says just that.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self.pieces.as_slice(), [piece] if matches!(piece.parts.as_slice(), [part] if part == word))
    }
}

impl Piece {
    fn words(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.parts.iter().map(|part| one_line(part)).collect();
        match self.mark {
            Mark::Plain | Mark::Nothing => {}
            Mark::Default => {
                if let Some(last) = parts.last_mut() {
                    last.push('*');
                }
            }
            Mark::Malformed => parts = vec![format!("!{}", parts.join(" "))],
            Mark::Unknown(reason) => parts = vec![format!("?{reason}")],
        }
        parts
    }
}

impl Shown {
    fn mark(&self) -> Mark {
        match self.value {
            Value::Default(_) => Mark::Default,
            _ => Mark::Plain,
        }
    }
}

/// A mark as it stands in the table, and in words.
pub(super) fn legend(mark: Mark) -> Option<(String, &'static str)> {
    Some(match mark {
        Mark::Plain => return None,
        Mark::Default => ("*".to_owned(), "the chart's default"),
        Mark::Nothing => ("-".to_owned(), "nothing in the repository states it"),
        Mark::Malformed => ("!".to_owned(), "cannot be read as what it ought to be"),
        Mark::Unknown(reason) => (format!("?{reason}"), why(reason)),
    })
}

/// Why something is not known.
fn why(reason: &'static str) -> &'static str {
    match reason {
        "encrypted" => "not known: it is encrypted",
        "external" => "not known: it is made in the cluster",
        "remote" => "not known: it is in another repository or an artifact",
        "chart" => "not known: it is in a chart that is not in the repository",
        "generated" => "not known: what it is generated from is not in the repository",
        "broken-build" => "not known: a build failed, and `meshlint check` says why",
        "unparsable" => "not known: a file does not parse, and `meshlint check` says where",
        "version" => "not known: it depends on the version of the chart, which is not known or left open",
        NO_CILIUM => "not known: the repository shows no Cilium for the cluster",
        other => other,
    }
}
