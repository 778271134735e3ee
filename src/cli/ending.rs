//! How a command ends.

use std::io;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Clean = 0,
    Findings = 1,
}

/// Why a command could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments make no sense.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be followed; the diagnostics have been printed.
    #[error("nothing was done: the configuration has {}", if *.0 == 1 { "an error".to_owned() } else { format!("{} errors", .0) })]
    Configuration(usize),
    /// There is nothing to work on; says what was looked for.
    #[error("{0}")]
    Nothing(String),
    /// Reading or writing failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Failure {
    pub(crate) fn writing(source: io::Error) -> Self {
        Self::Io {
            what: "cannot write to standard output".to_owned(),
            source,
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Configuration(_) | Self::Io { .. } => 2,
            Self::Nothing(_) => 3,
        }
    }

    /// Whoever reads our output has enough of it, as `head` does.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}
