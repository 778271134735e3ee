//! `meshlint services`: who is served by each global Service, and what is left of it when a cluster is gone.

mod human;
mod json;
mod told;
mod words;

use told::told;

use super::args::{ListFormat, ServicesArgs};
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::cluster::Index;
use crate::mesh::{self, Machines};
use crate::yaml::Store;

pub(super) fn run(args: &ServicesArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let configured = configured::open(&Scope::around(&args.path), &args.config, &[], terminal)?;
    let repository = &configured.repository;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = configured.fleet(&store, args.without.as_slice(), terminal)?;
    let without = args.without.as_ref();
    let without = without.and_then(|name| fleet.clusters.iter().position(|cluster| cluster.name == *name));
    let mesh = mesh::build_with(&fleet, &configured.config.mesh, &Machines::read(&store), sources);
    let index = Index::new(&fleet);
    let services = told(&mesh, &index, without);
    let look = terminal.look;
    terminal.print(|out| match args.format {
        ListFormat::Human => human::write(&services, without.is_some(), look, out),
        ListFormat::Json => json::write(&services, args.without.as_deref(), sources, out),
    })?;
    Ok(Status::Clean)
}
