//! Renaming a variable in all clusters.

use std::collections::{BTreeSet, HashMap};

use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{PrepareRenameResponse, TextEdit, Uri, WorkspaceEdit};

use super::outgoing::error;
use super::variable::Named;
use super::view::{View, range};
use crate::postbuild::is_variable_name;
use crate::source::{FileId, Span};

/// What would be renamed.
pub(super) fn prepare(view: &View<'_>, file: FileId, offset: usize) -> Option<PrepareRenameResponse> {
    let named = Named::at(view, file, offset).filter(|named| !named.set(view).is_empty())?;
    Some(PrepareRenameResponse::RangeWithPlaceholder {
        range: view.lines(file).range(range(named.at)),
        placeholder: named.name,
    })
}

/// The edits that rename a variable wherever it is used and set.
pub(super) fn rename(
    view: &View<'_>,
    file: FileId,
    offset: usize,
    name: &str,
) -> Result<WorkspaceEdit, ResponseError> {
    let refuse = |why: String| error(ErrorCode::RequestFailed, why);
    if !is_variable_name(name) {
        return Err(refuse(format!(
            "`{name}` is no name that Flux takes for a variable"
        )));
    }
    let named =
        Named::at(view, file, offset).ok_or_else(|| refuse("no variable is named here".to_owned()))?;
    let named = named.everywhere(view);
    let mut places = BTreeSet::new();
    for value in named.set(view) {
        let place = named.set_name(view, value).ok_or_else(|| {
            let path = view.analysis.sources.file(value.file).path();
            refuse(format!("it cannot be told where `{path}` names `{}`", named.name))
        })?;
        places.insert(place);
    }
    if places.is_empty() {
        return Err(refuse(format!("nothing sets `{}`", named.name)));
    }
    if let Some(cluster) = taken_in(view, &named, name) {
        return Err(refuse(format!(
            "cluster `{cluster}` has a variable `{name}` already"
        )));
    }
    places.extend(named.used_names(view));
    Ok(edit(view, places, name))
}

/// A cluster in which the new name means something else.
fn taken_in<'a>(view: &View<'a>, named: &Named, name: &str) -> Option<&'a str> {
    let fleet = &view.analysis.fleet;
    let mut owners = named.owners.iter();
    let owner = owners.find(|owner| {
        let uses = view.analysis.uses().iter();
        let mut of_owner = uses.filter(|one| one.owner == **owner);
        owner.variable(fleet, name).is_some() || of_owner.any(|one| *one.variable == *name)
    })?;
    Some(fleet.clusters.get(owner.cluster)?.name.as_str())
}

#[expect(clippy::mutable_key_type, reason = "the protocol's own map")]
fn edit(view: &View<'_>, places: BTreeSet<Span>, name: &str) -> WorkspaceEdit {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for location in view.locations(places) {
        let edit = TextEdit::new(location.range, name.to_owned());
        changes.entry(location.uri).or_default().push(edit);
    }
    WorkspaceEdit::new(changes)
}
