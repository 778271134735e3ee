//! YAML itself.

pub(super) mod unparsable_yaml;
