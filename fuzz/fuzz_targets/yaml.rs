//! Any text is read and written without a panic, and what was written reads as the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshlint::source::SourceMap;
use meshlint::yaml::{Store, to_yaml};

fuzz_target!(|text: &str| {
    let Some(written) = rewritten(text) else {
        return;
    };
    let Some(again) = rewritten(&written) else {
        panic!("what was written cannot be read:\n{written}");
    };
    assert_eq!(written, again);
});

/// The first document as it would be written; nothing when it cannot be read, or not be written.
fn rewritten(text: &str) -> Option<String> {
    let sources = SourceMap::from_memory([("a.yaml", text)]);
    let (file, _) = sources.iter().next()?;
    let store = Store::new(&sources);
    let parsed = store.parsed(file);
    let root = parsed.root().filter(|_| parsed.errors.is_empty())?;
    meshlint::yaml::obstacle(root).is_none().then(|| to_yaml(root))
}
