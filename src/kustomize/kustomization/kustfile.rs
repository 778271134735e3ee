//! Finding, reading and checking a kustomization.yaml (api `internal/target`, `types/kustomization.go`).

use super::typed::{self, Strictness, TypeError};
use super::types;
use crate::kustomize::files::left_out::Exclusion;
use crate::kustomize::files::loader::{LoadError, Loader, Target, errors_of_settings, unparsable};
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::kustomize::unread::Unread;
use crate::source::{FileId, Span};
use crate::yaml::{Entry, Kind, Node};

/// The names under which kustomize looks for a kustomization.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization with proper field names and checked types.
#[derive(Debug, Clone)]
pub(crate) struct Kustomization {
    pub(crate) node: Node,
    /// The file's name, as `buildMetadata` prints it.
    pub(crate) file_name: &'static str,
    /// The file's first byte, for problems with the whole.
    pub(crate) span: Span,
    /// Whether something in it was refused, so that what is left may be less than what it says.
    pub(super) damaged: bool,
}

impl Kustomization {
    /// The items of a list.
    pub(crate) fn items(&self, field: &str) -> &[Node] {
        self.node.get(field).map(Node::items).unwrap_or_default()
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, field: &str) -> Option<&Node> {
        self.node
            .get(field)
            .filter(|node| nodes::nonempty(Some(node)).is_some())
    }

    /// Whether this is a component.
    pub(crate) fn is_component(&self) -> bool {
        self.node.text_at(&["kind"]) == Some("Component")
    }

    /// Moves the deprecated fields to those that took their place (`FixKustomization`).
    pub(super) fn modernise(&mut self) {
        for (old, new) in [("bases", "resources"), ("imageTags", "images")] {
            let Some(entry) = self.node.remove(old) else {
                continue;
            };
            match self.node.get_mut(new).map(Node::kind_mut) {
                Some(Kind::Sequence(items)) => items.extend(entry.value.items().iter().cloned()),
                _ => self
                    .node
                    .set(Node::string(new, entry.key.origin().clone()), entry.value),
            }
        }
    }
}

/// The kustomization files in a directory.
pub(crate) fn files(loader: &Loader<'_>) -> Vec<(FileId, &'static str)> {
    FILE_NAMES
        .into_iter()
        .filter_map(|name| match loader.file(name) {
            Ok(Target::File(file)) => Some((file, name)),
            _ => None,
        })
        .collect()
}

/// Why a directory without kustomization has none, when the repository has one there.
fn exclusion(loader: &Loader<'_>) -> Option<Exclusion> {
    let errors = FILE_NAMES.into_iter().filter_map(|name| loader.file(name).err());
    errors.filter_map(|error| error.exclusion).next()
}

/// Reads the kustomization of a directory; `entry` is what names the directory.
pub(crate) fn load(loader: &Loader<'_>, entry: Span, report: &mut Report) -> Option<Kustomization> {
    let files = files(loader);
    let &(file, file_name) = match files.as_slice() {
        [] => {
            let message = format!(
                "unable to find one of `kustomization.yaml`, `kustomization.yml` or `Kustomization` in directory `{}`",
                loader.directory
            );
            let error = match exclusion(loader) {
                Some(exclusion) => LoadError::left_out(message, exclusion),
                None => LoadError::new(message, "no kustomization there"),
            };
            report.push(error.problem(entry, ""));
            return None;
        }
        [only] => only,
        [first, ..] => {
            let others = files.iter().skip(1);
            let problem = Problem::new(
                ProblemKind::Failure,
                Span::at_start(first.0),
                format!("Found multiple kustomization files under: `{}`", loader.directory),
                "one kustomization file",
            );
            report.push(others.fold(problem, |problem, (file, _)| {
                problem.related(Span::at_start(*file), "another one")
            }));
            first
        }
    };
    let mut kustomization = read(loader, file, file_name, Strictness::Strict, report)?;
    kustomization.modernise();
    Some(kustomization)
}

/// Reads a kustomization file as it stands. `None` when nothing can be made of it.
pub(crate) fn read(
    loader: &Loader<'_>,
    file: FileId,
    file_name: &'static str,
    strictness: Strictness,
    report: &mut Report,
) -> Option<Kustomization> {
    let parsed = loader.parsed(file);
    let mut broken = false;
    for error in errors_of_settings(parsed) {
        report.push(unparsable(error, None));
        broken = true;
    }
    let span = Span::at_start(file);
    let Some(root) = parsed.root() else {
        if broken {
            report.unread.absorb(&Unread::anything());
            return None;
        }
        return Some(Kustomization {
            node: Node::mapping(Vec::new(), span),
            file_name,
            span,
            damaged: false,
        });
    };
    let mut errors = Vec::new();
    let node = typed::check(root, types::KUSTOMIZATION, strictness, &mut errors);
    let damaged = broken || !errors.is_empty();
    for error in errors {
        match error.unknown_field {
            // The file is another's as a whole.
            Some(_) if is_of_flux(root) => {}
            Some(meant) => report.push(unknown_field(&error, meant, strictness)),
            None => report.fail(
                error.span,
                format!("invalid Kustomization: {}", error.message),
                error.label,
            ),
        }
    }
    let kustomization = Kustomization {
        node: node?,
        file_name,
        span,
        damaged,
    };
    report_deprecated(&kustomization.node, report);
    Some(kustomization)
}

fn unknown_field(error: &TypeError, meant: Option<&str>, strictness: Strictness) -> Problem {
    let problem = if strictness == Strictness::Strict {
        Problem::new(
            ProblemKind::RefusedField,
            error.span,
            format!("invalid Kustomization: {}", error.message),
            error.label,
        )
    } else {
        // fluxcd/pkg kustomize/kustomize_generator.go reads the file leniently and writes it anew.
        Problem::new(
            ProblemKind::LostField,
            error.span,
            format!("{}, which Flux drops without a word", error.message),
            error.label,
        )
    };
    match meant {
        Some(meant) => problem.did_you_mean(meant),
        None => problem.help("remove the field"),
    }
}

/// The checks that kustomize makes before it builds: something to do, and a known kind and version.
pub(crate) fn enforce(kustomization: &Kustomization, entry: Option<Span>, report: &mut Report) {
    if is_empty(&kustomization.node) && !kustomization.damaged {
        let problem = Problem::new(
            ProblemKind::Failure,
            kustomization.span,
            "kustomization.yaml is empty",
            "states nothing to build",
        )
        .help("add `resources: []` where nothing is to be built");
        report.push(match entry {
            Some(entry) => problem.related(entry, "built here"),
            None => problem,
        });
        return;
    }
    let field = |name: &str| kustomization.text(name);
    let kind = field("kind");
    let name = nodes::text(kind).unwrap_or("Kustomization");
    if let Some(kind) = kind.filter(|_| !matches!(name, "Kustomization" | "Component")) {
        report.fail(
            kind.span(),
            format!("kind should be Kustomization or Component, and is `{name}`"),
            "another kind",
        );
    }
    let wanted = if name == "Component" {
        "kustomize.config.k8s.io/v1alpha1"
    } else {
        "kustomize.config.k8s.io/v1beta1"
    };
    if let Some(version) = field("apiVersion").filter(|version| version.as_text() != Some(wanted)) {
        if is_of_flux(&kustomization.node) {
            report.push(of_flux(kustomization, version, wanted));
            return;
        }
        report.push(
            Problem::new(
                ProblemKind::Failure,
                version.span(),
                format!("apiVersion for {name} should be {wanted}"),
                "another version",
            )
            .help(format!("write `apiVersion: {wanted}`")),
        );
    }
}

/// Whether it is a Kustomization of Flux, which has the same kind, and the file the name of one of kustomize's.
fn is_of_flux(node: &Node) -> bool {
    let version = node.text_at(&["apiVersion"]).unwrap_or_default();
    version.starts_with("kustomize.toolkit.fluxcd.io/")
}

/// What is wrong with it is the name of the file alone: put right field by field it would be one that builds nothing.
fn of_flux(kustomization: &Kustomization, version: &Node, wanted: &str) -> Problem {
    let name = kustomization
        .node
        .text_at(&["metadata", "name"])
        .unwrap_or("flux");
    Problem::new(
        ProblemKind::Failure,
        version.span(),
        format!(
            "apiVersion for Kustomization should be {wanted}: kustomize takes `{}` for its own, and it holds a Kustomization of Flux",
            kustomization.file_name
        ),
        "a Kustomization of Flux",
    )
    .help(format!("rename the file, to `{name}.yaml` for example"))
}

/// Whether nothing is stated beside kind and version; an empty list is something.
fn is_empty(node: &Node) -> bool {
    let says_something = |entry: &Entry| {
        let key = entry.key.as_text().unwrap_or_default();
        !matches!(key, "kind" | "apiVersion")
            && entry
                .value
                .as_scalar()
                .is_none_or(|scalar| !scalar.text.is_empty())
    };
    !node.entries().iter().any(says_something)
}

fn report_deprecated(node: &Node, report: &mut Report) {
    for (field, instead) in [
        ("bases", "resources"),
        ("commonLabels", "labels"),
        ("imageTags", "images"),
        ("patchesJson6902", "patches"),
        ("patchesStrategicMerge", "patches"),
        ("vars", "replacements"),
    ] {
        if let Some(entry) = node.entry(field) {
            report.push(
                Problem::new(
                    ProblemKind::Deprecated,
                    entry.key.span(),
                    format!("`{field}` is deprecated"),
                    "deprecated field",
                )
                .help(format!("use `{instead}` instead")),
            );
        }
    }
}
