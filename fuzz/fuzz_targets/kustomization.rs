//! A kustomization with a patch and a base, all of them any text, is built by kustomize's and by Flux's ways.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshlint::kustomize::{BuildOptions, Builder, Overlay};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::{Store, to_yaml};

fuzz_target!(|files: (&str, &str, &str, &str)| {
    let (kustomization, resource, patch, base) = files;
    let sources = SourceMap::from_memory([
        ("app/kustomization.yaml", kustomization),
        ("app/resource.yaml", resource),
        ("app/patch.yaml", patch),
        ("base/kustomization.yaml", base),
        ("base/resource.yaml", resource),
    ]);
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let root = RepoPath::root();
    for options in [
        BuildOptions::kustomize(root.clone()),
        BuildOptions::flux(root, Overlay::default()),
    ] {
        let build = builder.build(&RepoPath::clamp("app"), &options);
        for object in &build.objects {
            let _ = to_yaml(&object.node);
        }
    }
});
