//! The namespace transformer (api `filters/namespace`), with its special cases.

use crate::kustomize::error::PatchError;
use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpec, FieldSpecs};
use crate::kustomize::model::{Problem, ProblemKind};
use crate::kustomize::resources::nodes::{self, set_entry, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource::Resource;
use crate::yaml::{Kind, Node, Origin, Tag};

/// Which subjects of role bindings get the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Subjects {
    /// Those named `default`.
    #[default]
    DefaultOnly,
    /// Every service account.
    AllServiceAccounts,
    /// None.
    None,
}

/// What to set, and where.
#[derive(Debug)]
pub(crate) struct NamespaceTransformer<'a> {
    /// The value, with the entry that asks for it.
    pub(crate) namespace: &'a Node,
    pub(crate) specs: &'a FieldSpecs,
    /// Leave what has a namespace alone.
    pub(crate) unset_only: bool,
    pub(crate) subjects: Subjects,
}

impl NamespaceTransformer<'_> {
    /// Sets the namespace of every object.
    pub(crate) fn transform(&self, map: &mut ResMap, report: &mut Report) {
        let Some(namespace) = nodes::nonempty(Some(self.namespace)) else {
            return;
        };
        for resource in map.list_mut() {
            resource.store_previous_id();
            if let Err(error) = self.change(resource, namespace) {
                report.cannot_change(self.namespace.span(), "the namespace transformation", &error);
            }
        }
        for same in map.same_ids() {
            let id = same.first().map(|first| first.id()).unwrap_or_default();
            let problem = Problem::new(
                ProblemKind::Failure,
                self.namespace.span(),
                format!("namespace transformation produces ID conflict: `{id}`"),
                "makes these objects the same",
            );
            report.push(same.iter().fold(problem, |problem, one| {
                problem.related(one.node.span(), "becomes the same object")
            }));
        }
    }

    /// Sets the namespace of one object.
    pub(crate) fn change(&self, resource: &mut Resource, namespace: &str) -> Result<(), PatchError> {
        let origin = self.namespace.origin();
        let set = &mut |node: &mut Node| self.set(node, namespace, origin);
        let id = resource.id();
        let object = &mut resource.node;
        if !id.is_cluster_scoped() {
            let spec = FieldSpec::any("metadata/namespace", true);
            fieldspec::apply(object, &spec, Create::Scalar, origin, set)?;
        }
        let is_binding = matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if is_binding {
            self.change_subjects(object, namespace)?;
        }
        let api_version = id.api_version();
        for spec in &self.specs.0 {
            let is_metadata =
                spec.path == "metadata/namespace" || (spec.path == "metadata/name" && api_version != "v1");
            let is_subject = is_binding
                && matches!(&*spec.kind, "RoleBinding" | "ClusterRoleBinding")
                && spec.path == "subjects/namespace";
            if !is_metadata && !is_subject {
                fieldspec::apply(object, spec, Create::Scalar, origin, set)?;
            }
        }
        Ok(())
    }

    fn set(&self, node: &mut Node, namespace: &str, origin: &Origin) -> Result<(), PatchError> {
        if self.unset_only && nodes::nonempty(Some(node)).is_some() {
            return Ok(());
        }
        set_scalar(node, namespace, Some(Tag::Str), origin)
    }

    fn change_subjects(&self, object: &mut Node, namespace: &str) -> Result<(), PatchError> {
        let is_meant = |subject: &Node| match self.subjects {
            Subjects::None => false,
            Subjects::DefaultOnly => subject.text_at(&["name"]) == Some("default"),
            Subjects::AllServiceAccounts => subject.text_at(&["kind"]) == Some("ServiceAccount"),
        };
        let Some(subjects) = object.get("subjects") else {
            return Ok(());
        };
        if !subjects.items().iter().any(is_meant) {
            return Ok(());
        }
        let origin = self.namespace.origin();
        let key = Node::string("namespace", origin.clone());
        if let Some(Kind::Sequence(items)) = object.get_mut("subjects").map(Node::kind_mut) {
            for subject in items.iter_mut().filter(|subject| is_meant(subject)) {
                let has_one = nodes::nonempty(subject.get("namespace")).is_some();
                if !(self.unset_only && has_one) {
                    set_entry(subject, &key, &Node::string(namespace, origin.clone()))?;
                }
            }
        }
        Ok(())
    }
}
