//! Places inside models: [`Spanned`] and [`Node`] as fields.
//!
//! serde has no way to hand a foreign value through a `Visitor`. Both types therefore ask the deserializer for a newtype
//! struct of a reserved name; [`super::reader::Reader`] answers by leaving the origin or the node in a slot of this thread
//! just before it calls the visitor, which takes it out at once. Any other deserializer leaves the slot empty, and reading
//! fails with an error. That includes serde's own buffer: the types do not work below `flatten` or in untagged enums.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::super::node::{Node, Origin};

pub(super) const SPANNED: &str = "$meshlint::yaml::Spanned";
pub(super) const NODE: &str = "$meshlint::yaml::Node";

thread_local! {
    static SLOT: RefCell<Option<Node>> = const { RefCell::new(None) };
}

pub(super) fn leave(node: Node) {
    SLOT.with_borrow_mut(|slot| *slot = Some(node));
}

fn take<E: de::Error>() -> Result<Node, E> {
    SLOT.with_borrow_mut(Option::take)
        .ok_or_else(|| E::custom("only values that are read straight from YAML have a place"))
}

/// A value with the place it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Take<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Take<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Spanned<T>, D::Error> {
                let node: Node = take()?;
                Ok(Spanned {
                    origin: node.origin().clone(),
                    value: T::deserialize(inner)?,
                })
            }
        }

        deserializer.deserialize_newtype_struct(SPANNED, Take(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Take;

        impl Visitor<'_> for Take {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
                take()
            }
        }

        deserializer.deserialize_newtype_struct(NODE, Take)
    }
}
