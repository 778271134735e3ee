//! What was probably meant by a field that a type does not have.

use super::fault::Instead;
use crate::tables::schemas::{Catalogue, Field, Of, Place, Shape};
use crate::text::suggest::nearest;

/// The fields of a place that holds one object, or a list of them.
fn fields_of<'c>(catalogue: &'c Catalogue<'_>, place: &Place) -> &'c [Field<'c>] {
    let mut place = place;
    // An object in a list: no list of lists has fields that anybody mistakes.
    for _ in 0..2 {
        let Some(Of::Numbered(number)) = place.first().map(|choice| choice.of) else {
            return &[];
        };
        match catalogue.type_of(number).map(|one| &one.shape) {
            Some(Shape::Fields(fields)) => return fields,
            Some(Shape::List(item)) => place = item,
            _ => return &[],
        }
    }
    &[]
}

fn has(fields: &[Field<'_>], name: &str) -> bool {
    fields.iter().any(|field| field.name == name)
}

/// `above` are the types on the way from the root, each with its route, the nearest last.
pub(super) fn instead(
    catalogue: &Catalogue<'_>,
    name: &str,
    fields: &[Field<'_>],
    above: &[(String, &[Field<'_>])],
) -> Option<Instead> {
    let names = || fields.iter().map(|field| field.name);
    if let Some(same) = names().find(|other| other.eq_ignore_ascii_case(name)) {
        return Some(Instead::Name(same.to_owned()));
    }
    let mut below = fields
        .iter()
        .filter(|field| has(fields_of(catalogue, &field.place), name));
    if let (Some(only), None) = (below.next(), below.next()) {
        return Some(Instead::Below(only.name.to_owned()));
    }
    let is_there = |(route, fields): &&(String, &[Field<'_>])| !route.is_empty() && has(fields, name);
    if let Some((route, _)) = above.iter().rev().find(is_there) {
        return Some(Instead::Above(route.clone()));
    }
    nearest(name, names()).map(|near| Instead::Name(near.to_owned()))
}
