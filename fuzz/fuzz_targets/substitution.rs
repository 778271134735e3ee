//! Any object with any value of a variable is substituted, strictly and not.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use meshlint::postbuild::{Substituter, Variable, Variables};
use meshlint::kustomize::Object;
use meshlint::source::SourceMap;
use meshlint::yaml::{Store, to_yaml};

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let sources = SourceMap::from_memory([("a.yaml", text)]);
    let Some((file, _)) = sources.iter().next() else {
        return;
    };
    let store = Store::new(&sources);
    let parsed = store.parsed(file);
    let Some(root) = parsed.root().filter(|_| parsed.errors.is_empty()) else {
        return;
    };
    let object = Arc::new(Object::new(root.clone()));
    let mut variables = Variables::default();
    let variable = Variable {
        value: Ok(value.into()),
        span: None,
    };
    variables.known.insert("A".into(), variable);
    for strict in [true, false] {
        let done = Substituter::new(&sources).substitute(&object, &variables, strict);
        let _ = to_yaml(&done.object.node);
    }
});
