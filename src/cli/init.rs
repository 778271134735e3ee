//! `meshlint init`: a configuration that states what is found.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};

use super::args::InitArgs;
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, repository};
use crate::config;
use crate::engine::{self, RunOptions};
use crate::mesh::{self, Machines};
use crate::yaml::Store;

pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Result<Status, Failure> {
    // What is found without a configuration, whether or not there is one.
    let repository = {
        let scope = Scope::around(&args.path);
        repository::open(&scope.start, scope.is_named, None, &[])?
    };
    let mut config = RunOptions::default();
    config.discovery.remotes = repository.remotes();
    let store = Store::new(&repository.sources);
    let fleet = engine::load(&store, &config);
    if fleet.clusters.is_empty() {
        return Err(repository.nothing());
    }
    let mesh = mesh::build_with(&fleet, &config.mesh, &Machines::read(&store), store.sources());
    let text = config::template(&fleet, &mesh);
    let path = repository.root.join(config::FILE);
    let failed = |source| Failure::Io {
        what: format!("cannot write `{}`", path.display()),
        source,
    };
    let written = if args.force {
        if path.is_symlink() {
            // It is the repository that says where it leads.
            return Err(Failure::Usage(format!(
                "`{}` is a link; --force replaces files only",
                path.display()
            )));
        }
        fs::write(&path, text)
    } else {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
    };
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Failure::Usage(format!(
                "`{}` is there already; --force replaces it",
                path.display()
            )));
        }
        Err(error) => return Err(failed(error)),
    }
    terminal.remark(&format!(
        "meshlint: wrote `{}` with {}",
        path.display(),
        match fleet.clusters.len() {
            1 => "one cluster".to_owned(),
            several => format!("{several} clusters"),
        }
    ));
    Ok(Status::Clean)
}
