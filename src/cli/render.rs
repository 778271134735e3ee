//! `meshlint render`: the YAML that Flux would apply.

use std::io::{self, Write};

use super::args::RenderArgs;
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::text::suggest::nearest;
use crate::yaml::{Store, to_shown_yaml};

/// Prints what Flux would apply to a cluster.
pub(super) fn render(args: &RenderArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let configured = configured::open(&Scope::around(&args.path), &args.config, &[], terminal)?;
    let repository = &configured.repository;
    let store = Store::new(&repository.sources);
    let fleet = configured.fleet(&store, std::slice::from_ref(&args.cluster), terminal)?;
    let Some(cluster) = fleet.clusters.iter().find(|cluster| cluster.name == args.cluster) else {
        return Ok(Status::Clean);
    };
    let chosen = chosen(cluster, args.kustomization.as_deref())?;
    let objects = chosen.iter().flat_map(|kustomization| &kustomization.objects);
    terminal.print_whole(|out| write_documents(objects.map(AsRef::as_ref), out))?;
    let mut status = Status::Clean;
    for kustomization in chosen {
        if kustomization.build.as_ref().is_some_and(|build| build.failed())
            || !kustomization.problems.is_empty()
        {
            let name = kustomization.full_name();
            terminal.complain(&format!(
                "meshlint: Flux cannot apply all of `{name}`; `meshlint check` says why"
            ));
            status = Status::Findings;
        }
        say_what_is_unknown(kustomization, terminal);
    }
    Ok(status)
}

/// The Kustomizations of that name, in whatever namespace unless one is given, or all of them.
fn chosen<'a>(cluster: &'a Cluster, name: Option<&str>) -> Result<Vec<&'a Kustomization>, Failure> {
    let local = || cluster.delivering().map(|(_, one)| one);
    let Some(name) = name else {
        return Ok(local().collect());
    };
    let matches = |one: &&Kustomization| one.full_name() == name || one.name == name;
    let found: Vec<&Kustomization> = local().filter(matches).collect();
    match found.as_slice() {
        [] => {
            let names: Vec<String> = local().map(Kustomization::full_name).collect();
            let bare = local().map(|one| one.name.as_str());
            let hint = nearest(name, names.iter().map(String::as_str).chain(bare));
            let hint = hint
                .map(|hint| format!("; did you mean `{hint}`?"))
                .unwrap_or_default();
            Err(Failure::Usage(format!(
                "cluster `{}` has no Kustomization `{name}`{hint}",
                cluster.name
            )))
        }
        [_] => Ok(found),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|one| format!("`{}`", one.full_name()))
                .collect();
            Err(Failure::Usage(format!(
                "`{name}` is the name of several Kustomizations: {}",
                names.join(", ")
            )))
        }
    }
}

/// A remark where the output lacks what is not in the repository.
fn say_what_is_unknown(kustomization: &Kustomization, terminal: &Terminal) {
    let name = kustomization.full_name();
    let Some(build) = &kustomization.build else {
        terminal.remark(&format!(
            "meshlint: `{name}` is not rendered: its files are not in the repository"
        ));
        return;
    };
    for opaque in &build.opaque {
        terminal.remark(&format!(
            "meshlint: `{name}` leaves out the remote base {}",
            opaque.address
        ));
    }
}

/// Prints objects as one stream of documents.
pub(super) fn write_documents<'a>(
    objects: impl Iterator<Item = &'a Object>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (nth, object) in objects.enumerate() {
        if nth > 0 {
            writeln!(out, "---")?;
        }
        out.write_all(to_shown_yaml(&object.node).as_bytes())?;
    }
    Ok(())
}
