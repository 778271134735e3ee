//! `meshlint clusters`: what was found, and what is known of it.

mod cell;
mod columns;
mod details;
mod grid;
mod json;
mod overview;
mod selection;
#[cfg(test)]
mod tests;

use super::args::{ClustersArgs, ListFormat};
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::mesh::{self, Machines};
use crate::yaml::Store;

pub(super) fn run(args: &ClustersArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let configured = configured::open(&Scope::around(&args.path), &args.config, &[], terminal)?;
    let repository = &configured.repository;
    let config = &configured.config;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = configured.fleet(&store, &args.cluster, terminal)?;
    let mesh = mesh::build_with(&fleet, &config.mesh, &Machines::read(&store), store.sources());
    let described = selection::described(&mesh, &args.cluster);
    let look = terminal.look;
    terminal.print(|out| match (args.format, described.as_slice()) {
        (ListFormat::Json, _) => json::write(&mesh, &described, sources, out),
        // One cluster has no other to stand beside, and what is asked for by name is wanted in full.
        (ListFormat::Human, [_]) => details::write(&mesh, &described, sources, look, out),
        (ListFormat::Human, _) if !args.cluster.is_empty() => {
            details::write(&mesh, &described, sources, look, out)
        }
        (ListFormat::Human, _) => overview::write(&mesh, &described, look, out),
    })?;
    Ok(Status::Clean)
}
