//! Patches on objects that come from no directory, as the flux-operator carries out `spec.kustomize.patches` of a
//! FluxInstance on what it makes itself.

use std::sync::Arc;

use super::builder::Builder;
use crate::kustomize::files::loader::Loader;
use crate::kustomize::model::Object;
use crate::kustomize::patch::patches::Patcher;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource::Resource;
use crate::source::RepoPath;
use crate::yaml::Node;

impl Builder<'_> {
    /// Carries out items of `patches` on these objects. A patch that fails, or is meant for others, changes nothing.
    pub fn patch(&self, objects: &[Node], patches: &[Node]) -> Vec<Arc<Object>> {
        let root = RepoPath::root();
        let loader = Loader {
            store: self.store(),
            root: &root,
            directory: root.clone(),
            left_out: &Arc::default(),
            generated: self.generated(),
        };
        let mut map = ResMap::default();
        for node in objects {
            // Objects that the operator makes have different kinds, so none is there already.
            let _ = map.append(Resource::new(node.clone(), node.span()));
        }
        let mut report = Report::default();
        for item in patches {
            Patcher {
                loader: &loader,
                map: &mut map,
                report: &mut report,
            }
            .patch(item);
            map.drop_empties();
        }
        let patched = std::mem::take(map.list_mut());
        patched
            .into_iter()
            .map(|resource| Arc::new(resource.into_object()))
            .collect()
    }
}
