//! `openapi`: which schema a build uses. kustomize keeps it in one place for the whole program, so the first
//! kustomization on the way that names one decides for all of the build, the root before its bases (api
//! `krusty/kustomizer.go`, `internal/target/kusttarget.go`; kyaml `openapi/openapi.go`, `SetSchema`).

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::accumulator::Accumulator;
use super::bases::SchemaKey;
use crate::kustomize::files::loader::{Loader, Target};
use crate::kustomize::kustomization::kustfile::Kustomization;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::{Report, SchemaUse};
use crate::kustomize::schema::openapi::CustomSchema;
use crate::kustomize::schema::{Kinds, Layers};
use crate::source::{FileId, Span};
use crate::yaml::Node;

/// The only schema that kustomize v5.8.1 has built in.
const BUILTIN: &str = "v1.21.2";

/// The choice of one root build.
#[derive(Debug, Default)]
pub(crate) struct SchemaChoice {
    /// Whether kustomize-controller builds: it has Kubernetes' own schema loaded before (fluxcd/pkg
    /// `kustomize/kustomize_generator.go`, `resetOpenAPIWithBuiltins`).
    preloaded: bool,
    made: Cell<bool>,
    custom: RefCell<Option<Custom>>,
    needed: Cell<SchemaUse>,
}

#[derive(Debug, Clone)]
struct Custom {
    file: FileId,
    layers: Layers,
    kinds: Kinds,
    entry: Span,
}

impl SchemaChoice {
    pub(crate) fn new(preloaded: bool) -> Self {
        Self {
            preloaded,
            ..Self::default()
        }
    }

    /// Whether a kustomization has chosen already.
    pub(crate) fn is_made(&self) -> bool {
        self.made.get()
    }

    /// What the result of a nested directory depends on.
    pub(crate) fn key(&self) -> SchemaKey {
        let custom = self.custom.borrow();
        SchemaKey {
            made: self.is_made(),
            custom: custom.as_ref().map(|custom| (custom.file, custom.layers)),
        }
    }

    /// What is known of kinds now.
    pub(crate) fn kinds(&self) -> Kinds {
        let custom = self.custom.borrow();
        custom
            .as_ref()
            .map(|custom| custom.kinds.clone())
            .unwrap_or_default()
    }

    /// Notes what has needed a schema before a nested kustomization is read.
    pub(crate) fn needed(&self, so_far: SchemaUse) {
        self.needed.set(self.needed.get().max(so_far));
    }

    /// Reads `openapi` of a kustomization.
    pub(crate) fn offer(&self, kustomization: &Kustomization, loader: &Loader<'_>, acc: &mut Accumulator) {
        let Some(openapi) = kustomization.node.get("openapi") else {
            return;
        };
        let path = openapi.get("path");
        let file = path.and_then(|path| schema_file(path, loader, acc));
        if self.is_made() {
            return;
        }
        let version = openapi.get("version");
        match (path, version) {
            (Some(_), Some(version)) => acc.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    version.span(),
                    "builtin version and custom schema provided, cannot use both",
                    "a second schema",
                )
                .help("remove `version` or `path`"),
            ),
            (Some(path), None) => {
                self.made.set(true);
                if let Some(file) = file {
                    *self.custom.borrow_mut() = Some(self.custom(file, path.span(), loader));
                }
            }
            (None, Some(version)) => self.builtin(version, &mut acc.report),
            (None, None) => {}
        }
    }

    fn builtin(&self, version: &Node, report: &mut Report) {
        match nodes::text(Some(version)) {
            None | Some("") => {}
            Some(BUILTIN) => self.made.set(true),
            Some(_) => report.push(
                Problem::new(
                    ProblemKind::Failure,
                    version.span(),
                    "the specified OpenAPI version is not built in",
                    "only v1.21.2 is",
                )
                .help(format!("remove the field, or write `{BUILTIN}`")),
            ),
        }
    }

    fn custom(&self, file: FileId, entry: Span, loader: &Loader<'_>) -> Custom {
        let schema = CustomSchema::read(loader.parsed(file), loader.text(file), Span::at_start(file));
        let layers = match (self.preloaded, self.needed.get()) {
            (true, _) | (false, SchemaUse::Types) => Layers::CustomFirst,
            (false, SchemaUse::Scopes) => Layers::BuiltinFirst,
            (false, SchemaUse::Nothing) => Layers::CustomAlone,
        };
        Custom {
            file,
            layers,
            kinds: Kinds::custom(Arc::new(schema), layers),
            entry,
        }
    }

    /// Reports a schema that cannot be read, if the build needed it: kustomize reads it no sooner.
    pub(crate) fn report_flaw(&self, report: &mut Report) {
        let custom = self.custom.borrow();
        let Some(custom) = custom.as_ref().filter(|_| report.schema_use > SchemaUse::Nothing) else {
            return;
        };
        if let Some(flaw) = custom
            .kinds
            .custom_schema()
            .and_then(|schema| schema.flaw.as_ref())
        {
            report.push(
                Problem::new(
                    ProblemKind::Failure,
                    flaw.span,
                    format!("invalid schema file: {}", flaw.message),
                    "cannot be read as an OpenAPI schema",
                )
                .related(custom.entry, "read here"),
            );
        }
    }
}

fn schema_file(path: &Node, loader: &Loader<'_>, acc: &mut Accumulator) -> Option<FileId> {
    match loader.file(nodes::text(Some(path)).unwrap_or_default()) {
        Ok(Target::File(file)) => Some(file),
        Ok(_) => {
            acc.opaque(path, loader);
            None
        }
        Err(error) => {
            acc.refuse(path, "loading an OpenAPI schema", &error);
            None
        }
    }
}
