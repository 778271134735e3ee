#!/usr/bin/env python3
"""Writes src/tables/shapes/cilium.rs: the fields of Cilium's objects, with the minors that have them.

    scripts/cilium_fields.py 1.14=DIR 1.15=DIR ... > src/tables/shapes/cilium.rs

Each DIR is pkg/k8s/apis/cilium.io/client/crds of a release of cilium/cilium. Kinds that people do not write are left out.
"""
import sys
from pathlib import Path

import yaml

# Made by Cilium itself.
MADE = {"CiliumEndpoint", "CiliumEndpointSlice", "CiliumIdentity", "CiliumNode", "CiliumBGPNodeConfig", "CiliumExternalWorkload",
        "CiliumDatapathPlugin"}
BESIDE = {"apiVersion", "kind", "metadata", "status"}


class Field:
    """What a field takes, per minor."""

    def __init__(self):
        self.minors, self.kinds, self.words, self.fields, self.item = set(), set(), {}, {}, None

    def read(self, schema, minor):
        self.minors.add(minor)
        kind = schema.get("type")
        if schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields") or kind is None:
            self.kinds.add("any")
        elif kind == "object":
            extra = schema.get("additionalProperties")
            if schema.get("properties"):
                self.kinds.add("fields")
                for name, below in schema["properties"].items():
                    # What may hold nothing is not there any more.
                    if below.get("maxItems") == 0:
                        continue
                    self.fields.setdefault(name, Field()).read(below, minor)
            elif isinstance(extra, dict) and extra.get("type") == "string":
                self.kinds.add("map")
            else:
                self.kinds.add("any")
        elif kind == "array":
            self.kinds.add("list")
            self.item = self.item or Field()
            self.item.read(schema.get("items") or {}, minor)
        elif kind == "string" and schema.get("enum"):
            self.kinds.add("words")
            for word in schema["enum"]:
                self.words.setdefault(str(word), set()).add(minor)
        else:
            self.kinds.add({"string": "str", "integer": "int", "boolean": "bool", "number": "any"}[kind])


class Shapes:
    def __init__(self):
        self.by_text, self.names = {}, {}

    def of(self, hint, fields, has, minors):
        text = " ".join(
            f"{name}{span(field.minors, minors)}:{self.kind(name, field, minors)}" for name, field in sorted(fields.items())
            if field.minors & minors
        )
        if text in self.by_text:
            return self.by_text[text]
        name = hint[0].upper() + hint[1:]
        if name in self.names:
            name = next(f"{name}{n}" for n in range(2, 99) if f"{name}{n}" not in self.names)
        self.names[name] = text
        self.by_text[text] = name
        return name

    def kind(self, name, field, minors):
        own = field.minors & minors
        if len(field.kinds) > 1:
            # Words that became any text, or the other way round, and what is not the same in all.
            return "str" if field.kinds == {"words", "str"} else "any"
        (kind,) = field.kinds
        if kind == "fields":
            return self.of(name, field.fields, own, own)
        if kind == "list":
            return f"[{self.kind(name, field.item, own)}]"
        if kind == "words":
            words = [word + span(has, own) for word, has in field.words.items() if has & own and word]
            return "=" + "|".join(words)
        return kind


def span(has, minors):
    """`@16..`, `@..18` (the last minor that has it), or nothing where all have it."""
    has = sorted(has & minors)
    first, last = min(minors), max(minors)
    since = f"{has[0]}" if has[0] > first else ""
    until = f"{has[-1]}" if has[-1] < last else ""
    return f"@{since}..{until}" if since or until else ""


def main():
    kinds, read = {}, []
    for argument in sys.argv[1:]:
        version, path = argument.split("=", 1)
        minor = int(version.split(".")[1])
        read.append(minor)
        for file in sorted(Path(path).rglob("*.yaml")):
            for crd in yaml.safe_load_all(file.read_text()):
                kind = crd["spec"]["names"]["kind"]
                if kind in MADE:
                    continue
                for one in crd["spec"]["versions"]:
                    if one.get("served"):
                        api = f"{crd['spec']['group']}/{one['name']}"
                        schema = dict(one["schema"]["openAPIV3Schema"])
                        schema["properties"] = {k: v for k, v in schema["properties"].items() if k not in BESIDE}
                        kinds.setdefault((api, kind), Field()).read(schema, minor)
    shapes, rows = Shapes(), []
    for (api, kind), field in sorted(kinds.items()):
        top = " ".join(
            f"{name}{span(below.minors, field.minors)}:{shapes.kind(kind if name in ('spec', 'specs') else name, below, field.minors)}"
            for name, below in sorted(field.fields.items())
        )
        rows.append(f'    ("{api}", "{kind}", "{top}"),')
    print(HEAD.strip("\n"))
    print("\n".join(rows))
    print(MIDDLE.strip("\n"))
    for name, text in sorted(shapes.names.items()):
        print(f'    ("{name}", "{text}"),')
    print("];")


HEAD = '''
//! The fields of the Cilium objects that people write. `scripts/cilium_fields.py` wrote this from `pkg/k8s/apis/cilium.io/client/crds` of
//! Cilium 1.14.19, 1.15.19, 1.16.19, 1.17.8, 1.18.11, 1.19.6 and 1.20.2. A field or word that not all minors have which serve the kind
//! says which do: `@16..` from the first, `@..18` up to the last one.

use super::Shapes;

/// The objects of Cilium.
pub(crate) static CILIUM: Shapes = Shapes {
    kinds: KINDS,
    shapes: SHAPES,
};

/// The minors of Cilium 1 that were read.
pub(crate) const READ: std::ops::RangeInclusive<u64> = 14..=20;

/// API version, kind, and what the object has beside `apiVersion`, `kind`, `metadata` and `status`. Sorted.
#[rustfmt::skip]
static KINDS: &[(&str, &str, &str)] = &[
'''
MIDDLE = '''
];

/// A name, and what the map of that name holds. Sorted.
#[rustfmt::skip]
static SHAPES: &[(&str, &str)] = &[
'''

main()
