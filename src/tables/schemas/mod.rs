//! What the API server takes of each kind, by release of the product that brings it. `scripts/schemas.py` writes the files in
//! `data/` from published definitions; each is read when the first of its kinds is asked for.

mod model;
mod read;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use model::{Bounds, Catalogue, Choice, Fact, Field, Of, Place, Plain, Releases, Shape, Type};

/// A file of `data/`.
struct File {
    text: &'static str,
    catalogue: LazyLock<Catalogue<'static>>,
}

macro_rules! files {
    ($($name:ident = $path:literal),* $(,)?) => {
        $(static $name: File = File {
            text: include_str!(concat!("data/", $path)),
            catalogue: LazyLock::new(|| read::catalogue(include_str!(concat!("data/", $path)))),
        };)*
        static FILES: &[&File] = &[$(&$name),*];
    };
}

files! {
    KUBERNETES = "kubernetes.txt",
    CERT_MANAGER = "cert-manager.txt",
    CLOUDNATIVE_PG = "cloudnative-pg.txt",
    EXTERNAL_SECRETS = "external-secrets.txt",
    GATEWAY_API = "gateway-api.txt",
    GRAFANA_OPERATOR = "grafana-operator.txt",
    KEDA = "keda.txt",
    METALLB = "metallb.txt",
    PROMETHEUS_OPERATOR = "prometheus-operator.txt",
    ROOK = "rook.txt",
}

static BY_GROUP: LazyLock<HashMap<&'static str, &'static File>> = LazyLock::new(|| {
    let groups = |file: &'static &'static File| read::groups(file.text).map(|group| (group, *file));
    FILES.iter().flat_map(groups).collect()
});

/// The catalogue that knows a group of APIs.
pub(crate) fn of_group(group: &str) -> Option<&'static Catalogue<'static>> {
    BY_GROUP.get(group).map(|file| &*file.catalogue)
}

/// The catalogue of what Kubernetes itself serves.
pub(crate) fn kubernetes() -> &'static Catalogue<'static> {
    &KUBERNETES.catalogue
}

/// Whether Kubernetes itself serves the group.
pub(crate) fn is_of_kubernetes(group: &str) -> bool {
    of_group(group).is_some_and(|catalogue| std::ptr::eq(catalogue, kubernetes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(place: &Place) -> impl Iterator<Item = u32> + '_ {
        place.iter().filter_map(|choice| match choice.of {
            Of::Numbered(number) => Some(number),
            Of::Plain(_) => None,
        })
    }

    #[test]
    fn every_line_is_read_and_every_number_leads_to_a_type() {
        for file in FILES {
            let catalogue = &*file.catalogue;
            let (kinds, types) = file.text.split_once("\n\n").unwrap();
            assert_eq!(
                catalogue.kinds.len(),
                kinds.lines().count() - 2,
                "{}",
                catalogue.product
            );
            assert_eq!(
                catalogue.types.len(),
                types.lines().count(),
                "{}",
                catalogue.product
            );
            for (line, one) in types.lines().zip(&catalogue.types) {
                let cells = line.split('\t').skip(1);
                let places: Vec<&Place> = match &one.shape {
                    Shape::Plain(_) => Vec::new(),
                    Shape::Fields(fields) => fields.iter().map(|field| &field.place).collect(),
                    Shape::Map(item) | Shape::List(item) => vec![item],
                };
                assert_eq!(cells.count(), places.len() + one.facts.len(), "{line}");
                for number in places.into_iter().flat_map(numbers) {
                    assert!(catalogue.type_of(number).is_some(), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_field_has_its_type_and_releases() {
        let catalogue = of_group("apps").unwrap();
        let kind = &catalogue.kinds[&("apps/v1", "Deployment")];
        assert!(kind.has == Releases::ALL);
        let Of::Numbered(number) = kind.root[0].of else {
            panic!()
        };
        let Shape::Fields(fields) = &catalogue.type_of(number).unwrap().shape else {
            panic!()
        };
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        assert_eq!(names, ["apiVersion", "kind", "metadata", "spec", "status"]);
    }
}
