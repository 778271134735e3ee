//! Where reports go: pairs of `--format` and `--output`.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::args::CheckArgs;
use super::terminal::Terminal;
use super::{Failure, links};
use crate::report::{Format, Look, Report};
use crate::sink::Outcome;
use crate::source::SourceMap;

/// The file name that stands for standard output.
const STDOUT: &str = "-";

/// A report and where it goes; `None` is standard output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    format: Format,
    file: Option<PathBuf>,
}

impl Target {
    /// Refuses to write through a link of the repository.
    pub(super) fn refuse_links(&self, checkout: &Path) -> Result<(), Failure> {
        self.file
            .as_deref()
            .map_or(Ok(()), |file| links::refuse(file, checkout))
    }

    /// Finds out before a long run that its report could not be kept.
    fn check(&self) -> Result<(), Failure> {
        self.file.as_deref().map_or(Ok(()), check_place)
    }

    fn write(&self, sources: &SourceMap, outcome: &Outcome, terminal: &Terminal) -> Result<(), Failure> {
        let report = |look| Report {
            sources,
            outcome,
            look,
        };
        let Some(path) = &self.file else {
            let written = terminal.print_whole(|out| report(terminal.look).write(self.format, out));
            // Whoever read our output has enough of it, but files and the exit status are for others.
            return written.or_else(|failure| {
                if failure.is_closed_pipe() {
                    Ok(())
                } else {
                    Err(failure)
                }
            });
        };
        let look = Look {
            quiet: terminal.look.quiet,
            full: terminal.look.full,
            ..Look::PLAIN
        };
        let mut text = Vec::new();
        report(look)
            .write(self.format, &mut text)
            .map_err(|source| failed(path, source))?;
        write_file(path, &text)
    }
}

/// Writes every report that can be written, and tells of the first that cannot.
pub(super) fn write(
    targets: &[Target],
    sources: &SourceMap,
    outcome: &Outcome,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let written = targets
        .iter()
        .map(|target| target.write(sources, outcome, terminal));
    written.fold(Ok(()), Result::and)
}

/// Refuses a path that no file can be written to.
pub(super) fn check_place(path: &Path) -> Result<(), Failure> {
    let (is_directory, has_directory) = (path.is_dir(), directory(path).is_dir());
    let (path, directory) = (path.display(), directory(path).display());
    let why = if is_directory {
        "it is a directory".to_owned()
    } else if !has_directory {
        format!("there is no directory `{directory}`")
    } else {
        return Ok(());
    };
    Err(Failure::Usage(format!("cannot write `{path}`: {why}")))
}

/// Gives a file new content.
pub(super) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(path, content).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::Io {
        what: format!("cannot write `{}`", path.display()),
        source,
    }
}

/// The directory that a file lies in.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Writes a file into a directory, which is made where there is none.
pub(super) fn write_into(directory: &Path, name: &str, content: &[u8]) -> Result<(), Failure> {
    let path = directory.join(name);
    fs::create_dir_all(directory)
        .and_then(|()| replace(&path, content))
        .map_err(|source| failed(&path, source))
}

/// Gives a file new content at once, so that nobody reads half a report and an old one survives a full disk.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let whole = match fs::metadata(path) {
        // Devices and pipes (`/dev/stderr`, `>(gzip)`) are written to.
        Ok(found) if !found.is_file() => None,
        // A link stays a link.
        Ok(_) => fs::canonicalize(path).ok(),
        Err(_) => Some(path.to_owned()),
    };
    if whole.is_some_and(|path| swap(&path, content).is_ok()) {
        return Ok(());
    }
    // Where no file can be put beside it, as with one that a container mounts.
    let mut file = BufWriter::new(fs::File::create(path)?);
    file.write_all(content)?;
    file.flush()
}

fn swap(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".meshlint-");
    // As any program makes files; the default keeps them from everybody else.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.tempfile_in(directory(path))?;
    beside.write_all(content)?;
    beside.flush()?;
    beside.persist(path)?;
    Ok(())
}

/// Joins each `--output` with the `--format` before it.
pub(super) fn targets(
    args: &CheckArgs,
    matches: Option<&ArgMatches>,
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    let positions = |name: &str| -> Vec<usize> {
        matches
            .and_then(|matches| matches.indices_of(name))
            .map(Iterator::collect)
            .unwrap_or_default()
    };
    let formats: Vec<(usize, Format)> = positions("format")
        .into_iter()
        .zip(args.format.iter().copied())
        .collect();
    let outputs: Vec<(usize, PathBuf)> = positions("output")
        .into_iter()
        .zip(args.output.iter().cloned())
        .collect();
    let default = if terminal.github_actions {
        Format::Github
    } else {
        Format::Human
    };
    let targets = pair(&formats, &outputs, default)?;
    targets.iter().try_for_each(Target::check)?;
    Ok(targets)
}

fn pair(
    formats: &[(usize, Format)],
    outputs: &[(usize, PathBuf)],
    default: Format,
) -> Result<Vec<Target>, Failure> {
    let implied = [(0, default)];
    let first_output_leads = outputs
        .first()
        .is_some_and(|(at, _)| formats.iter().all(|(format, _)| format > at));
    let formats = match (formats, first_output_leads) {
        ([], _) => &implied[..],
        (_, false) => formats,
        (_, true) => {
            return Err(Failure::Usage(
                "--output comes after the --format that it belongs to".to_owned(),
            ));
        }
    };
    let mut targets: Vec<Target> = Vec::new();
    for (nth, (at, format)) in formats.iter().enumerate() {
        let next = formats.get(nth + 1).map_or(usize::MAX, |(next, _)| *next);
        let mut files = outputs.iter().filter(|(output, _)| (*at..next).contains(output));
        let file = files.next().map(|(_, path)| path.clone());
        if let Some((_, second)) = files.next() {
            let second = second.display();
            return Err(Failure::Usage(format!(
                "--output {second} needs a --format of its own before it"
            )));
        }
        let file = file.filter(|path| path.as_os_str() != STDOUT);
        let place = file.as_deref().map(identity);
        if targets
            .iter()
            .any(|target| target.file.as_deref().map(identity) == place)
        {
            return Err(Failure::Usage(match file {
                Some(path) => format!("two formats would be written to {}", path.display()),
                None => {
                    "two formats would be written to standard output; give one of them an --output".to_owned()
                }
            }));
        }
        targets.push(Target {
            format: *format,
            file,
        });
    }
    Ok(targets)
}

/// The same for every way to write the path of a file, whether it is there already or not.
fn identity(path: &Path) -> PathBuf {
    let in_directory = || {
        let directory = fs::canonicalize(directory(path)).ok()?;
        Some(directory.join(path.file_name()?))
    };
    fs::canonicalize(path)
        .ok()
        .or_else(in_directory)
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(
        formats: &[(usize, Format)],
        outputs: &[(usize, &str)],
    ) -> Result<Vec<(Format, Option<String>)>, String> {
        let outputs: Vec<_> = outputs
            .iter()
            .map(|(at, path)| (*at, PathBuf::from(path)))
            .collect();
        let name = |target: Target| (target.format, target.file.map(|file| file.display().to_string()));
        pair(formats, &outputs, Format::Github)
            .map(|targets| targets.into_iter().map(name).collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn an_output_belongs_to_the_format_before_it() {
        assert_eq!(paired(&[], &[]), Ok(vec![(Format::Github, None)]));
        assert_eq!(
            paired(&[], &[(1, "a")]),
            Ok(vec![(Format::Github, Some("a".to_owned()))])
        );
        let formats = [(1, Format::Json), (5, Format::Human)];
        let expected = vec![(Format::Json, Some("a".to_owned())), (Format::Human, None)];
        assert_eq!(paired(&formats, &[(3, "a")]), Ok(expected.clone()));
        assert_eq!(paired(&formats, &[(3, "a"), (7, "-")]), Ok(expected));
    }

    #[test]
    fn combinations_that_would_lose_a_report_are_refused() {
        let formats = [(1, Format::Json), (5, Format::Human)];
        let refused = |outputs: &[(usize, &str)]| paired(&formats, outputs).unwrap_err();
        assert!(refused(&[]).contains("standard output"));
        assert!(refused(&[(3, "-")]).contains("standard output"));
        assert!(refused(&[(3, "a"), (7, "a")]).contains("written to a"));
        assert!(refused(&[(3, "a"), (7, "./src/../a")]).contains("written to ./src/../a"));
        assert!(refused(&[(2, "a"), (3, "b")]).contains("--output b"));
        assert!(refused(&[(0, "a")]).contains("comes after"));
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("report");
        for content in ["a long report", "short"] {
            replace(&file, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
        assert!(replace(scratch.path(), b"x").is_err());
        assert!(replace(&scratch.path().join("no/such"), b"x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_are_those_of_any_file() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let scratch = tempfile::tempdir().unwrap();
        let (file, link) = (scratch.path().join("report"), scratch.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let plain = scratch.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&file), mode(&plain));
    }
}
