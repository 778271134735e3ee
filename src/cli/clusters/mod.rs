//! `meshlint clusters`: what was found, and what is known of it.

mod facts;
mod json;
mod table;

use super::args::{ClustersArgs, ListFormat};
use super::terminal::Terminal;
use super::{Failure, Status, repository};
use crate::engine::{self, Config};
use crate::mesh::{self, Machines};
use crate::yaml::Store;

pub(super) fn run(args: &ClustersArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let config = Config::default();
    let repository = repository::open(&args.path, &config.discovery)?;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = engine::load(&store, &config);
    if fleet.clusters.is_empty() {
        return Err(repository.nothing());
    }
    let mesh = mesh::build_with(&fleet, &config.settings, &Machines::read(&store));
    terminal.print(|out| match args.format {
        ListFormat::Human => table::write(&mesh, sources, terminal.look.palette(), out),
        ListFormat::Json => json::write(&mesh, sources, out),
    })?;
    Ok(Status::Clean)
}
