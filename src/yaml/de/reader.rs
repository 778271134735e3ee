//! The serde `Deserializer` over a node.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::super::node::{Entry, Kind, Node};
use super::super::scalar::{Int, Resolved, Schema};
use super::super::write::float_as_single_text;
use super::ReadOptions;
use super::error::{Hop, Rising};
use super::spanned::{NODE, SPANNED, leave};

/// The model's view of one key or value.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    node: &'a Node,
    is_key: bool,
    options: ReadOptions,
    unknown: Option<&'a RefCell<Vec<UnknownKey>>>,
}

/// A key without a field, and the fields that exist.
pub(super) type UnknownKey = (Node, &'static [&'static str]);

impl<'a> Reader<'a> {
    pub(super) fn root(
        node: &'a Node,
        options: ReadOptions,
        unknown: Option<&'a RefCell<Vec<UnknownKey>>>,
    ) -> Self {
        Self {
            node,
            is_key: false,
            options,
            unknown,
        }
    }

    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Rising> {
        T::deserialize(self)
    }

    fn resolved(&self) -> Option<Resolved<'a>> {
        self.node.resolve(Schema::Kubernetes)
    }

    fn wrong_type<V: Visitor<'a>>(&self, visitor: &V) -> Rising {
        let is = match self.node.kind() {
            Kind::Sequence(_) => Cow::Borrowed("a list"),
            Kind::Mapping(_) => Cow::Borrowed("a map"),
            Kind::Scalar(scalar) => match scalar.resolve(Schema::Kubernetes) {
                Resolved::Null => Cow::Borrowed("null"),
                Resolved::Bool(_) => Cow::Owned(format!("the boolean `{}`", scalar.text)),
                Resolved::Int(_) | Resolved::Float(_) => Cow::Owned(format!("the number `{}`", scalar.text)),
                Resolved::Str(text) if text.len() <= 60 && !text.contains('\n') => {
                    Cow::Owned(format!("the text `{text}`"))
                }
                Resolved::Str(_) => Cow::Borrowed("a text"),
            },
        };
        Rising::wrong_type(self.node, &is, visitor)
    }

    /// The text that Go puts into a `string` field or uses as a key; `None` for lists and maps.
    fn text(&self) -> Option<Cow<'a, str>> {
        Some(match self.resolved()? {
            Resolved::Str(text) => Cow::Borrowed(text),
            Resolved::Null => Cow::Borrowed(""),
            Resolved::Bool(true) => Cow::Borrowed("true"),
            Resolved::Bool(false) => Cow::Borrowed("false"),
            Resolved::Int(value) => Cow::Owned(value.to_string()),
            Resolved::Float(value) => Cow::Owned(float_as_single_text(value)),
        })
    }

    /// A whole number, also one that is written with a fraction or exponent: JSON prints both alike.
    fn integer(&self) -> Option<Int> {
        let resolved = if self.is_key {
            // The keys of a JSON map are text and are read as numbers again.
            return self.text()?.parse().ok().map(Int::Signed);
        } else {
            self.resolved()?
        };
        match resolved {
            Resolved::Null => Some(Int::Signed(0)),
            Resolved::Int(value) => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
            Resolved::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Some(Int::Signed(value as i64))
            }
            _ => None,
        }
    }

    fn visit_integer<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        match self.integer() {
            Some(Int::Signed(value)) => visitor.visit_i64(value),
            Some(Int::Unsigned(value)) => visitor.visit_u64(value),
            None => Err(self.wrong_type(&visitor)),
        }
        .map_err(|error: Rising| error.at(self.node.span()))
    }

    fn visit_text<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        match self.text() {
            Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Some(Cow::Owned(text)) => visitor.visit_string(text),
            None => Err(self.wrong_type(&visitor)),
        }
        .map_err(|error: Rising| error.at(self.node.span()))
    }

    fn visit_entries<V: Visitor<'a>>(
        self,
        fields: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Rising> {
        let entries = match self.node.kind() {
            Kind::Mapping(entries) => entries.as_slice(),
            _ if self.node.is_null() => &[],
            _ => return Err(self.wrong_type(&visitor)),
        };
        let chosen = match fields {
            Some(fields) => self.struct_entries(entries, fields),
            None => entries.iter().map(|entry| (entry, None)).collect(),
        };
        let access = Entries {
            reader: self,
            entries: chosen.into_iter(),
            value: None,
        };
        visitor
            .visit_map(access)
            .map_err(|error| error.at(self.node.span()))
    }

    /// The entries of a struct with the field each belongs to, where its key has another case. Of several keys for one field
    /// the exact one counts, else the last in byte order, which is what Go's decoder sees last.
    fn struct_entries(
        &self,
        entries: &'a [Entry],
        fields: &'static [&'static str],
    ) -> Vec<(&'a Entry, Option<&'static str>)> {
        let mut chosen: Vec<(&'a Entry, Option<&'static str>)> = Vec::with_capacity(entries.len());
        let mut places: HashMap<&'static str, usize> = HashMap::new();
        for entry in entries {
            let key = self.key(&entry.key).text().unwrap_or_default();
            let exact = fields.iter().find(|field| **field == key);
            let field = exact.or_else(|| {
                fields
                    .iter()
                    .find(|field| self.options.any_case && field.eq_ignore_ascii_case(&key))
            });
            let Some(&field) = field else {
                if let Some(unknown) = self.unknown {
                    unknown.borrow_mut().push((entry.key.clone(), fields));
                }
                chosen.push((entry, None));
                continue;
            };
            let renamed = exact.is_none().then_some(field);
            match places.get(field).and_then(|&place| chosen.get_mut(place)) {
                None => {
                    places.insert(field, chosen.len());
                    chosen.push((entry, renamed));
                }
                Some(taken) => {
                    let taken_key = taken.0.key.as_text().unwrap_or_default();
                    if taken.1.is_some() && (exact.is_some() || *taken_key < *key) {
                        *taken = (entry, renamed);
                    }
                }
            }
        }
        chosen
    }

    fn key(&self, node: &'a Node) -> Reader<'a> {
        Reader {
            node,
            is_key: true,
            ..*self
        }
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
            self.visit_integer(visitor)
        })*
    };
}

impl<'a> Deserializer<'a> for Reader<'a> {
    type Error = Rising;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        if self.is_key {
            return self.visit_text(visitor);
        }
        match self.resolved() {
            None if self.node.is_sequence() => self.deserialize_seq(visitor),
            None => self.deserialize_map(visitor),
            Some(Resolved::Null) => visitor.visit_unit(),
            Some(Resolved::Bool(value)) => visitor.visit_bool(value),
            Some(Resolved::Int(_)) => self.visit_integer(visitor),
            Some(Resolved::Float(value)) => visitor.visit_f64(value),
            Some(Resolved::Str(text)) => visitor.visit_borrowed_str(text),
        }
        .map_err(|error: Rising| error.at(self.node.span()))
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        match self.resolved() {
            Some(Resolved::Bool(value)) => visitor.visit_bool(value),
            Some(Resolved::Null) => visitor.visit_bool(false),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        match self.resolved() {
            Some(Resolved::Float(value)) => visitor.visit_f64(value),
            Some(Resolved::Int(_) | Resolved::Null) => self.visit_integer(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        if self.node.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        if self.node.is_null() {
            visitor.visit_unit()
        } else {
            Err(self.wrong_type(&visitor))
        }
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Rising> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Rising> {
        match name {
            NODE => {
                leave(self.node.clone());
                visitor.visit_unit()
            }
            SPANNED => {
                leave(self.node.clone());
                visitor.visit_newtype_struct(self)
            }
            _ => visitor.visit_newtype_struct(self),
        }
        .map_err(|error: Rising| error.at(self.node.span()))
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        let items = match self.node.kind() {
            Kind::Sequence(items) => items.as_slice(),
            _ if self.node.is_null() => &[],
            _ => return Err(self.wrong_type(&visitor)),
        };
        let access = Items {
            reader: self,
            items: items.iter().enumerate(),
        };
        visitor
            .visit_seq(access)
            .map_err(|error| error.at(self.node.span()))
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Rising> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Rising> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_entries(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Rising> {
        self.visit_entries(Some(fields), visitor)
    }

    /// A name is a variant without data; a map with one entry is a variant with data.
    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Rising> {
        match self.node.entries() {
            [only] => {
                let variant = only.key.as_text().unwrap_or_default();
                let value = Reader {
                    node: &only.value,
                    is_key: false,
                    ..self
                };
                visitor
                    .visit_enum(Variant { name: variant, value })
                    .map_err(|error| error.at(only.key.span()).below(Hop::Key(variant.into())))
            }
            _ => match self.text() {
                Some(text) => visitor
                    .visit_enum(text.into_deserializer())
                    .map_err(|error: Rising| error.at(self.node.span())),
                None => Err(self.wrong_type(&visitor)),
            },
        }
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        self.visit_text(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Rising> {
        visitor.visit_unit()
    }
}

struct Items<'a> {
    reader: Reader<'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'a> de::SeqAccess<'a> for Items<'a> {
    type Error = Rising;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Rising> {
        let Some((at, node)) = self.items.next() else {
            return Ok(None);
        };
        let item = Reader { node, ..self.reader };
        seed.deserialize(item)
            .map(Some)
            .map_err(|error| error.at(node.span()).below(Hop::Index(at)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'a> {
    reader: Reader<'a>,
    entries: std::vec::IntoIter<(&'a Entry, Option<&'static str>)>,
    value: Option<&'a Entry>,
}

impl<'a> de::MapAccess<'a> for Entries<'a> {
    type Error = Rising;

    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Rising> {
        let Some((entry, field)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(entry);
        let key = match field {
            Some(field) => seed.deserialize(BorrowedStrDeserializer::new(field)),
            None => seed.deserialize(self.reader.key(&entry.key)),
        };
        key.map(Some)
            .map_err(|error| error.at(entry.key.span()).below(hop(&entry.key)))
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Rising> {
        let Some(entry) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let value = Reader {
            node: &entry.value,
            is_key: false,
            ..self.reader
        };
        seed.deserialize(value)
            .map_err(|error| error.at(entry.value.span()).below(hop(&entry.key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

fn hop(key: &Node) -> Hop {
    Hop::Key(key.as_scalar().map_or("", |key| &key.text).into())
}

/// A variant with data.
struct Variant<'a> {
    name: &'a str,
    value: Reader<'a>,
}

impl<'a> de::EnumAccess<'a> for Variant<'a> {
    type Error = Rising;
    type Variant = Reader<'a>;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Reader<'a>), Rising> {
        let name = seed.deserialize(BorrowedStrDeserializer::new(self.name))?;
        Ok((name, self.value))
    }
}

impl<'a> de::VariantAccess<'a> for Reader<'a> {
    type Error = Rising;

    fn unit_variant(self) -> Result<(), Rising> {
        de::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, Rising> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Rising> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Rising> {
        self.visit_entries(Some(fields), visitor)
    }
}
