//! The way of a value as JSON. `schema/meshlint-trace-v1.json` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::super::place::Place;
use super::found::Found;
use crate::change::{Hidden, Value};
use crate::neutral::to_json;
use crate::report::value_as_json;
use crate::source::SourceMap;
use crate::trace::{Setting, Step, Traced, Writer};

#[derive(Serialize)]
struct Values<'a> {
    version: u32,
    field: &'a str,
    objects: Vec<ObjectDocument<'a>>,
}

#[derive(Serialize)]
struct ObjectDocument<'a> {
    cluster: &'a str,
    object: &'a str,
    kustomization: &'a str,
    values: Vec<ValueDocument<'a>>,
    more: usize,
}

#[derive(Serialize)]
struct ValueDocument<'a> {
    path: &'a str,
    #[serde(flatten)]
    value: Shown,
    steps: Vec<StepDocument<'a>>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<Hidden>,
}

#[derive(Serialize)]
struct StepDocument<'a> {
    what: &'static str,
    document: Option<&'a str>,
    route: Option<&'a str>,
    place: Option<Place>,
}

#[derive(Serialize)]
struct VariableDocument<'a> {
    version: u32,
    variable: &'a str,
    settings: Vec<SettingDocument<'a>>,
}

#[derive(Serialize)]
struct SettingDocument<'a> {
    cluster: &'a str,
    kustomizations: &'a [String],
    #[serde(flatten)]
    value: Shown,
    document: Option<&'a str>,
    route: Option<&'a str>,
    place: Option<Place>,
    uses: Vec<UseDocument<'a>>,
}

#[derive(Serialize)]
struct UseDocument<'a> {
    object: &'a str,
    path: &'a str,
    place: Place,
}

pub(super) fn values(
    field: &str,
    found: &[Found],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let objects = found.iter().map(|one| ObjectDocument {
        cluster: &one.cluster,
        object: &one.object,
        kustomization: &one.kustomization,
        values: one
            .ways
            .values
            .iter()
            .map(|value| traced(value, sources))
            .collect(),
        more: one.ways.more,
    });
    let document = Values {
        version: 1,
        field,
        objects: objects.collect(),
    };
    to_json(out, &document)
}

fn traced<'a>(value: &'a Traced, sources: &SourceMap) -> ValueDocument<'a> {
    ValueDocument {
        path: &value.path,
        value: shown(&value.value),
        steps: value.steps.iter().map(|one| step(one, sources)).collect(),
    }
}

fn shown(value: &Value) -> Shown {
    match value {
        Value::Shown(node) => Shown {
            value: Some(value_as_json(node)),
            hidden: None,
        },
        Value::Hidden(why) => Shown {
            value: None,
            hidden: Some(*why),
        },
        Value::Absent => Shown {
            value: None,
            hidden: None,
        },
    }
}

fn step<'a>(step: &'a Step, sources: &SourceMap) -> StepDocument<'a> {
    let (document, route) = writer(step.by.as_ref());
    StepDocument {
        what: step.what,
        document,
        route,
        place: step.span.map(|span| Place::of(sources, span)),
    }
}

fn writer(by: Option<&Writer>) -> (Option<&str>, Option<&str>) {
    let document = by.map(|by| by.document.as_str());
    (document, by.and_then(|by| by.route.as_deref()))
}

pub(super) fn variable(
    name: &str,
    found: &[Setting],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let settings = found.iter().map(|one| {
        let (document, route) = writer(one.by.as_ref());
        SettingDocument {
            cluster: &one.cluster,
            kustomizations: &one.kustomizations,
            value: one.value.as_ref().map_or_else(
                |_| Shown {
                    value: None,
                    hidden: Some(Hidden::Unknown),
                },
                shown,
            ),
            document,
            route,
            place: one.span.map(|span| Place::of(sources, span)),
            uses: one
                .uses
                .iter()
                .map(|used| UseDocument {
                    object: &used.object,
                    path: &used.path,
                    place: Place::of(sources, used.span),
                })
                .collect(),
        }
    });
    let document = VariableDocument {
        version: 1,
        variable: name,
        settings: settings.collect(),
    };
    to_json(out, &document)
}
