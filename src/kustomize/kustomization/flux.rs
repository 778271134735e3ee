//! What kustomize-controller does to the kustomization of a directory before it builds
//! (fluxcd/pkg `kustomize/kustomize_generator.go`).

use super::kustfile::{self, Kustomization};
use super::typed::{self, Strictness};
use super::types;
use crate::kustomize::files::loader::{Loader, Target};
use crate::kustomize::model::{Overlay, Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::source::{Lookup, RepoPath, Span};
use crate::yaml::{Entry, Kind, Node, Origin};

/// The kustomization as the controller rewrites it.
pub(crate) fn kustomization(
    loader: &Loader<'_>,
    overlay: &Overlay,
    report: &mut Report,
) -> Option<Kustomization> {
    let files = kustfile::files(loader);
    let mut kustomization = match files.as_slice() {
        [] => generated(loader, overlay, report)?,
        [(file, name), others @ ..] => {
            if !others.is_empty() {
                let problem = Problem::new(
                    ProblemKind::Failure,
                    Span::at_start(*file),
                    format!("Found multiple kustomization files under: `{}`", loader.directory),
                    "one kustomization file",
                );
                report.push(others.iter().fold(problem, |problem, (file, _)| {
                    problem.related(Span::at_start(*file), "another one")
                }));
            }
            let mut kustomization = kustfile::read(loader, *file, name, Strictness::Remarking, report)?;
            complete(&mut kustomization);
            kustomization
        }
    };
    apply(&mut kustomization, overlay, loader, report);
    kustomization.modernise();
    kustfile::enforce(&kustomization, None, report);
    Some(kustomization)
}

/// What the controller adds to any kustomization it finds: a kind and a version and, so that one without `resources`
/// does not count as empty, build metadata, which then shows in the objects.
fn complete(kustomization: &mut Kustomization) {
    let origin = Origin::at(kustomization.span);
    let text = |text: &str| Node::string(text, origin.clone());
    let node = &mut kustomization.node;
    for (field, value) in [
        ("kind", "Kustomization"),
        ("apiVersion", "kustomize.config.k8s.io/v1beta1"),
    ] {
        if node.get(field).is_none() {
            node.set(text(field), text(value));
        }
    }
    if node
        .get("resources")
        .is_none_or(|resources| resources.items().is_empty())
    {
        let list = Node::sequence(vec![text("originAnnotations")], origin.clone());
        node.set(text("buildMetadata"), list);
    }
}

/// A kustomization that lists every manifest below the directory. (The controller decodes every file before it builds
/// and gives up at the first that is no manifest; here the build itself meets and reports it.)
fn generated(loader: &Loader<'_>, overlay: &Overlay, report: &mut Report) -> Option<Kustomization> {
    let mut scan = Scan {
        loader,
        entries: Vec::new(),
        place: None,
        too_deep: None,
    };
    scan.directory(&loader.directory, 0);
    let Scan {
        entries,
        place,
        too_deep,
        ..
    } = scan;
    if let Some(span) = too_deep {
        let message = format!(
            "directories are nested deeper than {} levels below `{}`; manifests further down are not looked at",
            Scan::MAX_DEPTH,
            loader.directory
        );
        report.push(Problem::new(ProblemKind::Limit, span, message, "not looked at"));
    }
    let place = place.or_else(|| overlay.components.first().map(Node::span))?;
    let mut node = Node::mapping(Vec::new(), place);
    node.set(Node::string("resources", place), Node::sequence(entries, place));
    Some(Kustomization {
        node,
        file_name: "kustomization.yaml",
        span: place,
        damaged: false,
    })
}

struct Scan<'s> {
    loader: &'s Loader<'s>,
    entries: Vec<Node>,
    place: Option<Span>,
    /// The first manifest that lies too deep.
    too_deep: Option<Span>,
}

impl Scan<'_> {
    const MAX_DEPTH: usize = 200;

    /// Goes through a directory in byte order. Links to directories are not followed, as Go's walk does not.
    fn directory(&mut self, directory: &RepoPath, depth: usize) {
        let sources = self.loader.store.sources();
        if depth > Self::MAX_DEPTH {
            let mut below = sources
                .iter()
                .filter(|(_, file)| file.path().starts_with(directory));
            let manifest = below.find(|(_, file)| file.path().is_yaml());
            self.too_deep = self.too_deep.or(manifest.map(|(file, _)| Span::at_start(file)));
            return;
        }
        for (name, found) in sources.list(directory) {
            let path = directory.child(name);
            match found {
                Lookup::Directory(at) if at == path => self.subdirectory(&path, depth),
                Lookup::File(file)
                    if path.is_yaml() && self.loader.left_out.file(sources, file, &path).is_none() =>
                {
                    self.add(&path, Span::at_start(file));
                }
                _ => {}
            }
        }
    }

    fn subdirectory(&mut self, path: &RepoPath, depth: usize) {
        let nested = self.loader.at(path.clone());
        match kustfile::files(&nested).first() {
            Some((file, _)) => self.add(path, Span::at_start(*file)),
            None => self.directory(path, depth + 1),
        }
    }

    fn add(&mut self, path: &RepoPath, place: Span) {
        self.place.get_or_insert(place);
        let below = path.below(&self.loader.directory).unwrap_or(path.as_str());
        self.entries.push(Node::string(format!("./{below}"), place));
    }
}

/// Adds the fields of the Flux object to the kustomization.
fn apply(kustomization: &mut Kustomization, overlay: &Overlay, loader: &Loader<'_>, report: &mut Report) {
    let node = &mut kustomization.node;
    for (field, value) in [
        ("namespace", &overlay.target_namespace),
        ("namePrefix", &overlay.name_prefix),
        ("nameSuffix", &overlay.name_suffix),
    ] {
        if let Some(value) = value {
            node.set(Node::string(field, value.origin().clone()), value.clone());
        }
    }
    let patches = overlay
        .patches
        .iter()
        .filter_map(|patch| adapt_patch(patch, report));
    append(node, "patches", patches.collect());
    let components = overlay
        .components
        .iter()
        .filter(|component| keep_component(component, overlay, loader, report));
    append(node, "components", components.cloned().collect());
    apply_images(node, overlay);
    if let Some(first) = overlay.build_metadata.first() {
        let origin = first.origin().clone();
        let list = Node::sequence(overlay.build_metadata.clone(), origin.clone());
        node.set(Node::string("buildMetadata", origin), list);
    }
}

/// Only `patch` and `target` of a Flux patch reach kustomize.
fn adapt_patch(patch: &Node, report: &mut Report) -> Option<Node> {
    let mut errors = Vec::new();
    let checked = typed::check(patch, types::FLUX_PATCH, Strictness::Lenient, &mut errors);
    for error in errors {
        report.fail(
            error.span,
            format!("unable to get patches: {}", error.message),
            error.label,
        );
    }
    checked
}

fn keep_component(component: &Node, overlay: &Overlay, loader: &Loader<'_>, report: &mut Report) -> bool {
    let text = nodes::text(Some(component)).unwrap_or_default();
    let is_local =
        !text.is_empty() && !text.starts_with('/') && !crate::kustomize::files::remote::is_remote(text);
    if !is_local {
        report.fail(
            component.span(),
            format!("component path `{text}` must be local and relative"),
            "not a path below the source",
        );
        return false;
    }
    let exists = matches!(loader.find(text), Ok(Target::Directory(_) | Target::File(_)));
    exists || !overlay.ignore_missing_components
}

fn append(node: &mut Node, field: &str, items: Vec<Node>) {
    let Some(first) = items.first() else { return };
    let origin = first.origin().clone();
    match node.get_mut(field).map(Node::kind_mut) {
        Some(Kind::Sequence(known)) => known.extend(items),
        _ => node.set(Node::string(field, origin.clone()), Node::sequence(items, origin)),
    }
}

/// An image of the same name is changed in place; tag and digest are replaced together.
fn apply_images(node: &mut Node, overlay: &Overlay) {
    let mut added = Vec::new();
    for image in &overlay.images {
        let name = image.get("name").and_then(Node::as_text).unwrap_or_default();
        let Some(Kind::Sequence(known)) = node.get_mut("images").map(Node::kind_mut) else {
            added.push(image.clone());
            continue;
        };
        let same = |known: &&mut Node| known.get("name").and_then(Node::as_text).unwrap_or_default() == name;
        match known.iter_mut().find(same) {
            Some(known) => override_image(known, image),
            None => known.push(image.clone()),
        }
    }
    append(node, "images", added);
}

fn override_image(known: &mut Node, image: &Node) {
    let stated = |field: &str| {
        let entry = image.entry(field)?;
        nodes::nonempty(Some(&entry.value)).map(|_| entry.clone())
    };
    if let Some(Entry { key, value }) = stated("newName") {
        known.set(key, value);
    }
    let version = [stated("newTag"), stated("digest")];
    if version.iter().any(Option::is_some) {
        known.remove("newTag");
        known.remove("digest");
        for Entry { key, value } in version.into_iter().flatten() {
            known.set(key, value);
        }
    }
}
