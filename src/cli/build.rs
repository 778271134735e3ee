//! `meshlint build`: what `kustomize build` prints for a directory.

use super::args::BuildArgs;
use super::render::write_documents;
use super::terminal::Terminal;
use super::{Failure, Status, repository};
use crate::kustomize::{BuildOptions, Builder, FILE_NAMES, Problem};
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

/// Builds one directory. Files outside of the work tree (or, without one, outside of the current directory) are not read.
pub(super) fn run(args: &BuildArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let (sources, directory) = repository::open_for_build(&args.directory)?;
    if !FILE_NAMES
        .iter()
        .any(|name| sources.file_at(&directory.child(name)).is_some())
    {
        let [first, second, third] = FILE_NAMES;
        terminal.complain(&format!(
            "meshlint: nothing to build in `{}`: it holds no {first}, {second} or {third}",
            args.directory.display()
        ));
        return Ok(Status::Findings);
    }
    let store = Store::new(&sources);
    let build = Builder::new(&store).build(&directory, &BuildOptions::kustomize(RepoPath::root()));
    for problem in &build.problems {
        let line = describe(&sources, problem);
        if problem.kind.is_failure() {
            terminal.complain(&line)
        } else {
            terminal.remark(&line)
        }
    }
    for opaque in &build.opaque {
        terminal.remark(&format!(
            "meshlint: the remote base {} is left out",
            opaque.address
        ));
    }
    if build.failed() {
        return Ok(Status::Findings);
    }
    terminal.print_whole(|out| write_documents(build.objects.iter().map(AsRef::as_ref), out))?;
    Ok(Status::Clean)
}

fn describe(sources: &SourceMap, problem: &Problem) -> String {
    let file = sources.file(problem.span.file);
    let at = file.line_column(problem.span.start);
    let level = if problem.kind.is_failure() {
        "error"
    } else {
        "warning"
    };
    format!(
        "{}:{}:{}: {level}: {}",
        file.path(),
        at.line,
        at.column,
        problem.message
    )
}
