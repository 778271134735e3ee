//! `meshlint list`: what each cluster gets.

mod about;
mod human;
mod json;
mod release;

use super::args::{InventoryArgs, ListFormat};
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::fleet::Cluster;
use crate::yaml::Store;

pub(super) fn run(args: &InventoryArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let configured = configured::open(&Scope::around(&args.path), &args.config, &[], terminal)?;
    let repository = &configured.repository;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = configured.fleet(&store, &args.cluster, terminal)?;
    let is_shown = |cluster: &&Cluster| args.cluster.is_empty() || args.cluster.contains(&cluster.name);
    let clusters: Vec<&Cluster> = fleet.clusters.iter().filter(is_shown).collect();
    terminal.print(|out| match args.format {
        ListFormat::Json => json::write(&clusters, args.objects, sources, out),
        ListFormat::Human => human::write(&clusters, args.objects, sources, terminal.look.palette(), out),
    })?;
    Ok(Status::Clean)
}
