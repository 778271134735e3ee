//! Writes the sources of the documentation site, which mdBook then builds:
//!
//! ```sh
//! cargo run --example book && mdbook build docs
//! ```

use std::fs;
use std::io;
use std::path::Path;

mod pages;

fn main() -> io::Result<()> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = project.join("target/book/source");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    for (path, text) in pages::sources(project)? {
        let file = target.join(path);
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(file, text)?;
    }
    Ok(())
}
