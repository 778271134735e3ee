//! What objects may hold, in tables that are short enough to be read: see [`Type::read`] for the words.

pub(crate) mod cilium;
pub(crate) mod flux;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// Anything.
    Any,
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// An integer.
    Int,
    /// A span of time such as `1h30m`.
    Duration,
    /// A map of texts.
    Texts,
    /// One of these words, separated by `|`, each with its minors.
    OneOf(&'static str),
    /// A map with these fields.
    Fields(&'static str),
    /// A list; the word says of what.
    List(&'static str),
}

impl Type {
    /// Reads a word of a table: `any`, `str`, `bool`, `int`, `dur`, `map`, `=one|of|these`, the name of a shape, or any of
    /// them in brackets for a list.
    pub(crate) fn read(word: &'static str) -> Self {
        match word {
            "any" => Self::Any,
            "str" => Self::Text,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "dur" => Self::Duration,
            "map" => Self::Texts,
            _ => {
                if let Some(words) = word.strip_prefix('=') {
                    Self::OneOf(words)
                } else if let Some(item) = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    Self::List(item)
                } else {
                    Self::Fields(word)
                }
            }
        }
    }
}

/// The kinds of one product.
#[derive(Debug)]
pub(crate) struct Shapes {
    /// API version, kind, fields.
    pub(crate) kinds: &'static [(&'static str, &'static str, &'static str)],
    /// Name, fields.
    pub(crate) shapes: &'static [(&'static str, &'static str)],
}

/// Fields, each with its type.
pub(crate) type Fields = &'static str;

impl Shapes {
    /// What an object of that version and kind has beside what every object has.
    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<Fields> {
        let found = self
            .kinds
            .iter()
            .find(|(version, name, _)| (*version, *name) == (api_version, kind));
        found.map(|(_, _, fields)| *fields)
    }

    /// What a map of that shape has.
    pub(crate) fn shape(&self, name: &str) -> Fields {
        let at = self.shapes.binary_search_by_key(&name, |(name, _)| name);
        at.ok()
            .and_then(|at| self.shapes.get(at))
            .map_or("", |(_, fields)| fields)
    }

    /// Whether the table has a field at that place of a kind, so that its type or words are wrong and not its name.
    pub(crate) fn has(&self, api_version: &str, kind: &str, route: &str) -> bool {
        let mut fields = self.kind(api_version, kind).unwrap_or_default();
        route.split('.').all(|part| {
            let name = part.split('[').next().unwrap_or(part);
            let Some((_, found)) = each(fields).find(|(field, _)| *field == name) else {
                return false;
            };
            fields = match found {
                Type::Fields(next) | Type::List(next) => self.shape(next),
                _ => "",
            };
            true
        })
    }
}

/// The fields one by one.
pub(crate) fn each(fields: Fields) -> impl Iterator<Item = (&'static str, Type)> + Clone {
    each_with_minors(fields).map(|(name, _, kind)| (name, kind))
}

/// The fields one by one, with the minors that have them.
pub(crate) fn each_with_minors(fields: Fields) -> impl Iterator<Item = (&'static str, Minors, Type)> + Clone {
    let fields = fields.split_ascii_whitespace();
    fields
        .filter_map(|field| field.split_once(':'))
        .map(|(name, word)| {
            let (name, minors) = Minors::read(name);
            (name, minors, Type::read(word))
        })
}

/// The minors of a product that have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minors {
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
}

impl Minors {
    /// A name, and the minors behind it: `name@16..`, `name@..18`, `name@16..18`, or a name that all have.
    pub(crate) fn read(word: &str) -> (&str, Self) {
        let (name, minors) = word.split_once('@').unwrap_or((word, ".."));
        let (first, last) = minors.split_once("..").unwrap_or_default();
        let (first, last) = (first.parse().ok(), last.parse().ok());
        (name, Self { first, last })
    }

    /// Whether that minor has it; one that is not known may.
    pub(crate) fn has(self, minor: Option<u64>) -> bool {
        minor.is_none_or(|minor| {
            self.first.is_none_or(|first| first <= minor) && self.last.is_none_or(|last| minor <= last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::cilium::CILIUM;
    use super::flux::FLUX;
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_every_shape_that_is_named_is_there() {
        for table in [&FLUX, &CILIUM] {
            assert!(table.kinds.is_sorted());
            assert!(table.shapes.is_sorted_by(|a, b| a.0 < b.0));
            let kinds = table.kinds.iter().map(|(_, kind, fields)| (*kind, *fields));
            for (owner, fields) in kinds.chain(table.shapes.iter().copied()) {
                for (field, kind) in each(fields) {
                    let named = match kind {
                        Type::Fields(name) => name,
                        Type::List(word) => match Type::read(word) {
                            Type::Fields(name) => name,
                            _ => continue,
                        },
                        _ => continue,
                    };
                    assert!(!table.shape(named).is_empty(), "{owner}.{field} is a {named}");
                }
            }
        }
    }

    #[test]
    fn a_place_of_an_object_is_found_by_its_route() {
        let has = |route| FLUX.has("helm.toolkit.fluxcd.io/v2", "HelmRelease", route);
        assert!(has("spec.chart.spec.sourceRef.kind"));
        assert!(has("spec.dependsOn[2].name"));
        assert!(!has("spec.chart.spec.valuesFile"));
    }
}
