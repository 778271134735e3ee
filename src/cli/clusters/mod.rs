//! `meshlint clusters`: what was found, and what is known of it.

mod facts;
mod json;
mod table;

use super::args::{ClustersArgs, ListFormat};
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::engine;
use crate::mesh::{self, Machines};
use crate::yaml::Store;

pub(super) fn run(args: &ClustersArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let configured = configured::open(&args.path, &args.config, None, terminal)?;
    let repository = &configured.repository;
    let config = &configured.config;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = engine::load(&store, config);
    configured.check_clusters(&fleet, terminal)?;
    if fleet.clusters.is_empty() {
        return Err(repository.nothing());
    }
    let mesh = mesh::build_with(&fleet, &config.mesh, &Machines::read(&store));
    terminal.print(|out| match args.format {
        ListFormat::Human => table::write(&mesh, sources, terminal.look.palette(), out),
        ListFormat::Json => json::write(&mesh, sources, out),
    })?;
    Ok(Status::Clean)
}
