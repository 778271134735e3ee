//! Printed text that knows where it comes from.

use std::ops::Range;

use crate::yaml::node::Node;

/// One scalar in printed text.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The bytes of the printed text, with quotes or the `|` of a block.
    pub range: Range<usize>,
    /// The key or value that is printed there.
    pub node: Node,
    /// Whether it is a key.
    pub is_key: bool,
}

/// Printed text that knows which node each piece of it comes from.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The text.
    pub text: String,
    /// Every scalar key and value in the order of the text.
    pub scalars: Vec<Placed>,
}

impl Mapped {
    /// The scalar printed at that offset.
    pub fn at(&self, offset: usize) -> Option<&Placed> {
        let index = self.scalars.partition_point(|placed| placed.range.end <= offset);
        self.scalars
            .get(index)
            .filter(|placed| placed.range.contains(&offset))
    }
}
