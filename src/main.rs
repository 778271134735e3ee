//! meshlint.
fn main() {}
