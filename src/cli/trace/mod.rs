//! `meshlint trace`: where a value of a rendered object comes from, and where a variable goes.

mod found;
mod human;
mod json;

use std::path::Path;

use found::Found;

use super::args::{ListFormat, TraceArgs};
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, configured};
use crate::fleet::{Cluster, Fleet};
use crate::kustomize::Object;
use crate::text::suggest::nearest;
use crate::trace::{find, settings, trace};
use crate::yaml::Store;

pub(super) fn run(args: &TraceArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let (path, asked) = asked(args)?;
    let configured = configured::open(&Scope::around(path), &args.config, &[], terminal)?;
    let repository = &configured.repository;
    let sources = &repository.sources;
    let store = Store::new(sources);
    let fleet = configured.fleet(&store, &args.cluster, terminal)?;
    let is_wanted = |name: &str| args.cluster.is_empty() || args.cluster.iter().any(|one| one == name);
    let Some((object, field)) = asked else {
        let name = args.variable.as_deref().unwrap_or_default();
        let mut found = settings(&store, &fleet, name);
        found.retain(|one| is_wanted(&one.cluster));
        if found.is_empty() {
            return Err(no_variable(&fleet, name));
        }
        terminal.print(|out| match args.format {
            ListFormat::Human => human::variable(name, &found, sources, out),
            ListFormat::Json => json::variable(name, &found, sources, out),
        })?;
        return Ok(Status::Clean);
    };
    let found = values(&store, &fleet, object, field, &is_wanted)?;
    terminal.print(|out| match args.format {
        ListFormat::Human => human::values(&found, sources, out),
        ListFormat::Json => json::values(field, &found, sources, out),
    })?;
    Ok(Status::Clean)
}

/// An object, and a field of it.
type Field<'a> = (&'a str, &'a str);

/// The repository, and the field unless a variable is asked for.
fn asked(args: &TraceArgs) -> Result<(&Path, Option<Field<'_>>), Failure> {
    let here = Path::new(".");
    match (args.arguments.as_slice(), &args.variable) {
        ([], Some(_)) => Ok((here, None)),
        ([path], Some(_)) => Ok((Path::new(path), None)),
        ([object, field], None) => Ok((here, Some((object, field)))),
        ([path, object, field], None) => Ok((Path::new(path), Some((object, field)))),
        _ => Err(Failure::Usage(
            "name an object and a field, as in `meshlint trace HelmRelease/cilium spec.values.cluster.id`, or a --variable".to_owned(),
        )),
    }
}

/// `[NAMESPACE/]KIND/NAME`
struct Wanted<'a> {
    namespace: Option<&'a str>,
    kind: &'a str,
    name: &'a str,
}

impl<'a> Wanted<'a> {
    fn read(text: &'a str) -> Result<Self, Failure> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, kind, name) = match parts[..] {
            [kind, name] => (None, kind, name),
            [namespace, kind, name] => (Some(namespace), kind, name),
            _ => {
                return Err(Failure::Usage(format!(
                    "`{text}` is no object; write it as `Deployment/shop` or `default/Deployment/shop`"
                )));
            }
        };
        Ok(Self {
            namespace,
            kind,
            name,
        })
    }

    fn is(&self, object: &Object) -> bool {
        object.kind().eq_ignore_ascii_case(self.kind)
            && object.name() == self.name
            && self
                .namespace
                .is_none_or(|namespace| object.namespace() == Some(namespace))
    }
}

fn values(
    store: &Store<'_>,
    fleet: &Fleet,
    wanted: &str,
    field: &str,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Found>, Failure> {
    let asked = Wanted::read(wanted)?;
    let mut is_there = false;
    let mut found = Vec::new();
    for cluster in fleet.clusters.iter().filter(|cluster| is_wanted(&cluster.name)) {
        for (owner, object) in cluster.objects().filter(|(_, object)| asked.is(object)) {
            is_there = true;
            let value = find(&object.node, field).map_err(|error| Failure::Usage(error.to_string()))?;
            if let Some(value) = value {
                found.push(Found {
                    cluster: cluster.name.clone(),
                    object: object.reference().to_string(),
                    kustomization: cluster
                        .kustomizations
                        .get(owner)
                        .map(crate::flux::Kustomization::full_name)
                        .unwrap_or_default(),
                    ways: trace(store, cluster, owner, object, field, &value),
                });
            }
        }
    }
    match (found.is_empty(), is_there) {
        (false, _) => Ok(found),
        (true, true) => Err(Failure::Usage(format!("`{wanted}` has no field `{field}`"))),
        (true, false) => Err(no_object(fleet, &asked, wanted)),
    }
}

fn no_object(fleet: &Fleet, asked: &Wanted<'_>, wanted: &str) -> Failure {
    let objects = fleet.clusters.iter().flat_map(Cluster::objects);
    let of_kind = objects.filter(|(_, object)| object.kind().eq_ignore_ascii_case(asked.kind));
    let names: Vec<&str> = of_kind.map(|(_, object)| object.name()).collect();
    let hint = nearest(asked.name, names).map(|name| format!("; did you mean `{name}`?"));
    let hint = hint.unwrap_or_default();
    Failure::Usage(format!("no cluster has an object `{wanted}`{hint}"))
}

fn no_variable(fleet: &Fleet, name: &str) -> Failure {
    let owners = fleet.clusters.iter().flat_map(|cluster| &cluster.kustomizations);
    let names: Vec<&str> = owners
        .flat_map(|one| one.variables.known.keys())
        .map(|key| &**key)
        .collect();
    let hint = nearest(name, names).map(|name| format!("; did you mean `{name}`?"));
    let hint = hint.unwrap_or_default();
    Failure::Usage(format!("nothing sets a variable `{name}`{hint}"))
}
