#!/usr/bin/env python3
"""Writes a file of src/tables/schemas/data: what the API server takes of kinds, by release.

    scripts/schemas.py kubernetes Kubernetes 1.29=DIR 1.30=DIR ... > src/tables/schemas/data/kubernetes.txt
    scripts/schemas.py definitions cert-manager 1.20=DIR 1.21=DIR ... > src/tables/schemas/data/cert-manager.txt

Each DIR of `kubernetes` is a checkout of kubernetes/kubernetes (or its Go module), where `api/openapi-spec/swagger.json` has the types and
`pkg/generated/openapi/zz_generated.openapi.go` the words of enums. Each DIR of `definitions` is a folder, or a file, of
CustomResourceDefinitions. `src/tables/schemas/read.rs` says what the lines mean.
"""
import json
import re
import sys
from pathlib import Path

import yaml

SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "*",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "*",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Duration": "s",
}

# Kubernetes' published schema calls required whatever Go code always writes. What its validation does without, or fills in:
NOT_ENFORCED = {
    "apps.v1": {"ControllerRevision.revision", "StatefulSetSpec.serviceName"},
    "autoscaling.v1": set(),
    "autoscaling.v2": set(),
    "batch.v1": {"PodFailurePolicy.rules", "PodFailurePolicyOnPodConditionsPattern.status"},
    "core.v1": {
        "Event.*", "HTTPHeader.value", "ISCSIPersistentVolumeSource.lun", "ISCSIVolumeSource.lun", "LimitRangeSpec.limits",
        "PreferredSchedulingTerm.preference", "ScaleIOPersistentVolumeSource.*", "ScaleIOVolumeSource.*", "SleepAction.seconds",
        "Sysctl.value", "Taint.*", "PodSpec.nodeName",
    },
    "discovery.v1": {"EndpointSlice.endpoints"},
    "networking.v1": {"NetworkPolicySpec.podSelector"},
    "node.v1": {"Overhead.*"},
    "policy.v1": set(),
    "rbac.v1": {"RoleRef.apiGroup", "ClusterRole.rules", "Role.rules"},
    "storage.v1": {"CSIDriver.spec", "TokenRequest.audience"},
    "admissionregistration.v1": set(),
    "apimachinery.meta.v1": set(),
}


# Words that only Kubernetes' validation knows.
WORDS = {
    ("io.k8s.api.rbac.v1.RoleRef", "kind"): ["ClusterRole", "Role"],
    ("io.k8s.api.rbac.v1.Subject", "kind"): ["Group", "ServiceAccount", "User"],
}

def is_enforced(definition, field):
    """Whether the API server refuses an object without a field that its published schema calls required."""
    group = definition.removeprefix("io.k8s.").removeprefix("api.").replace("apimachinery.pkg.apis.", "apimachinery.")
    group, _, name = group.rpartition(".")
    left_out = NOT_ENFORCED.get(group)
    if left_out is None or name.endswith(("Status", "Condition")):
        return False
    return f"{name}.{field}" not in left_out and f"{name}.*" not in left_out


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads `=` as text, as Go does."""


Loader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_yaml_str)


class Type:
    """What one place takes, in all releases that were read. `what` is one letter, or `o`, `m`, `l` with what is below."""

    def __init__(self, what):
        self.what, self.has, self.fields, self.item, self.facts, self.flags = what, 0, {}, None, {}, 0

    def fact(self, name, value, bit):
        key = (name, value)
        self.facts[key] = self.facts.get(key, 0) | bit


class Place:
    """The types that a field had: nearly always one."""

    def __init__(self):
        self.types, self.has, self.required = [], 0, 0


def letter(schema):
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return "x"
    kind = schema.get("type")
    if kind == "object":
        extra = schema.get("additionalProperties")
        if schema.get("properties"):
            return "o"
        if isinstance(extra, dict) and extra and not schema.get("x-kubernetes-preserve-unknown-fields"):
            return "m"
        if schema.get("x-kubernetes-embedded-resource") or extra:
            return "*o"
        return "*o" if schema.get("x-kubernetes-preserve-unknown-fields") else "o"
    if kind == "array":
        return "l"
    return {"string": "s", "integer": "i", "number": "n", "boolean": "b"}.get(kind, "*")


class Reader:
    def __init__(self):
        self.named, self.definitions, self.enums, self.own_required = {}, {}, {}, None

    def place(self, place, schema, bit, owner=None):
        place.has |= bit
        name = schema.get("$ref", "").removeprefix("#/definitions/") or next(
            (one["$ref"].removeprefix("#/definitions/") for one in schema.get("allOf", []) if "$ref" in one), ""
        )
        if name in SPECIAL:
            return self.put(place, Type(SPECIAL[name]), bit)
        if name:
            target = self.definitions[name]
            what = letter(target)
            if what != "o":
                return self.place(place, target, bit, (name, ""))
            known = next((one for one in place.types if one.what == "ref" and one.item == name), None)
            if known is None:
                known = Type("ref")
                known.item = name
                place.types.append(known)
            known.has |= bit
            return self.definition(name, bit)
        what = letter(schema)
        known = self.put(place, Type(what), bit)
        self.facts(known, schema, bit)
        if what == "o":
            self.fields(known, schema, bit, owner)
        elif what == "m":
            known.item = known.item or Place()
            self.place(known.item, schema["additionalProperties"], bit, owner)
        elif what == "l":
            known.item = known.item or Place()
            self.place(known.item, schema.get("items") or {}, bit, owner)
        if what == "s":
            for word in self.enums.get(owner) or WORDS.get(owner) or []:
                known.fact("word", word, bit)

    def put(self, place, type_, bit):
        known = next((one for one in place.types if one.what == type_.what), None)
        if known is None:
            place.types.append(type_)
            known = type_
        known.has |= bit
        return known

    def definition(self, name, bit):
        type_ = self.named.setdefault(name, Type("o"))
        if type_.has & bit:
            return
        type_.has |= bit
        self.facts(type_, self.definitions[name], bit)
        self.fields(type_, self.definitions[name], bit, (name, None))

    def fields(self, type_, schema, bit, owner):
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            type_.fact("open", "", bit)
        if schema.get("x-kubernetes-embedded-resource"):
            type_.fact("embedded", "", bit)
        required = set(schema.get("required") or [])
        for field, below in (schema.get("properties") or {}).items():
            if below.get("maxItems") == 0:
                continue
            place = type_.fields.setdefault(field, Place())
            self.place(place, below, bit, (owner[0], field) if owner else None)
            if field in required and (owner is None or is_enforced(owner[0], field)):
                place.required |= bit

    def facts(self, type_, schema, bit):
        if schema.get("nullable"):
            type_.fact("null", "", bit)
        # Where no type of list is said, how patches merge it tells (kube-openapi, `pkg/schemaconv/smd.go`).
        kind, merge = schema.get("x-kubernetes-list-type"), "merge" in schema.get("x-kubernetes-patch-strategy", "")
        keys = schema.get("x-kubernetes-list-map-keys") or [schema.get("x-kubernetes-patch-merge-key")]
        if kind == "map" or (kind is None and merge and keys[0]):
            type_.fact("keys", ",".join(keys), bit)
        elif kind == "set" or (kind is None and merge and schema.get("type") == "array"):
            type_.fact("set", "", bit)
        for word in schema.get("enum") or []:
            if isinstance(word, (str, int)) and not isinstance(word, bool):
                type_.fact("word", str(word), bit)
        for name, low, high in (("length", "minLength", "maxLength"), ("range", "minimum", "maximum"), ("items", "minItems", "maxItems"),
                                ("entries", "minProperties", "maxProperties")):
            if low in schema or high in schema:
                low, high = schema.get(low), schema.get(high)
                if name == "range" and schema.get("exclusiveMinimum"):
                    continue
                bounds = f"{'' if low is None else number(low)}..{'' if high is None else number(high)}"
                type_.fact(name, bounds, bit)
        if schema.get("format") in ("int32", "int64", "byte", "date-time", "date", "duration", "ipv4", "ipv6", "cidr", "uri", "uuid"):
            type_.fact("format", schema["format"], bit)
        pattern = schema.get("pattern")
        if pattern and not re.search(r"[\t\n\r]", pattern):
            type_.fact("pattern", pattern, bit)


def number(value):
    return str(int(value)) if value == int(value) else repr(value)


def span(has, of):
    """The releases as `@3..5,8..`, or nothing where all have it."""
    if has & of == of:
        return ""
    parts, at = [], 0
    while has >> at:
        if has >> at & 1:
            first = at
            while has >> (at + 1) & 1:
                at += 1
            parts.append(f"{first}" if first == at else f"{first}..{at}")
        at += 1
    return "@" + ",".join(parts)


class Writer:
    """Types by number, each once."""

    def __init__(self, named, fills_words):
        self.named, self.numbers, self.lines, self.of_name = named, {}, [], {}
        self.fills_words = fills_words

    def word(self, place, of):
        types = [one for one in place.types if one.has & of]
        return "|".join(self.one(one, of) + span(one.has, of) for one in types)

    def one(self, type_, of):
        own = type_.has & of
        if type_.what == "ref":
            return self.definition(type_.item)
        facts = self.facts(type_, own)
        if not facts and type_.what not in ("o", "m", "l"):
            return type_.what
        return self.line("\t".join([type_.what, *self.below(type_, own), *facts]))

    def below(self, type_, own):
        if type_.what in ("m", "l"):
            return [self.word(type_.item, own)]
        cells = []
        for name, field in sorted(type_.fields.items()):
            has = field.has & own
            required = field.required & own
            if not has:
                continue
            mark = "!" + span(required, has).removeprefix("@") if required else ""
            cells.append(f"{name}{mark}{span(has, own)}:{self.word(field, has)}")
        return cells

    def facts(self, type_, own):
        # A release whose definitions do not list the words takes those that a later one lists: the validation was there before.
        asked = 0
        for (name, _), has in type_.facts.items():
            asked |= has if name == "word" else 0
        for key, has in type_.facts.items():
            if key[0] == "word" and asked and has >> (asked.bit_length() - 1):
                type_.facts[key] = has | (type_.has & ~asked if self.fills_words else 0)
        cells = []
        for (name, value), has in sorted(type_.facts.items()):
            if has & own:
                cells.append(f"={name}{span(has, own)} {value}".rstrip(" "))
        return cells

    def definition(self, name):
        """A named type may hold itself, so it has a number before it has a line."""
        if name not in self.of_name:
            self.of_name[name] = str(len(self.lines))
            at = len(self.lines)
            self.lines.append(None)
            type_ = self.named[name]
            self.lines[at] = "\t".join([type_.what, *self.below(type_, type_.has), *self.facts(type_, type_.has)])
        return self.of_name[name]

    def line(self, text):
        if text not in self.numbers:
            self.numbers[text] = str(len(self.lines))
            self.lines.append(text)
        return self.numbers[text]


def enums_of(path):
    """The words of each field, by definition and field, from the generated Go file."""
    enums, definition, field = {}, None, None
    for line in path.read_text().splitlines():
        if found := re.match(r"func schema_k8sio_(api\w*)_(v\w+?)_(\w+)\(", line):
            definition = "io.k8s." + found[1].replace("_", ".") + "." + found[2] + "." + found[3]
        elif found := re.match(r'\t+"(\S+)": \{$', line):
            field = found[1]
        elif found := re.match(r"\t+Enum:\s+\[\]interface\{\}\{(.*)\},$", line):
            enums[(definition, field)] = json.loads(f"[{found[1]}]")
    return enums


def kubernetes(releases):
    reader, kinds = Reader(), {}
    for at, (_, path) in enumerate(releases):
        bit = 1 << at
        swagger = json.loads((Path(path) / "api/openapi-spec/swagger.json").read_text())
        reader.definitions = swagger["definitions"]
        reader.enums = enums_of(Path(path) / "pkg/generated/openapi/zz_generated.openapi.go")
        scopes = {}
        for route, item in swagger["paths"].items():
            made = item.get("post", {}).get("x-kubernetes-group-version-kind")
            if made and not re.search(r"\}/\w+$", route.replace("/namespaces/{namespace}", "")):
                scopes[(made["group"], made["version"], made["kind"])] = "{namespace}" in route
        for name, schema in swagger["definitions"].items():
            for gvk in schema.get("x-kubernetes-group-version-kind", []):
                key = (gvk["group"], gvk["version"], gvk["kind"])
                if key in scopes:
                    kind = kinds.setdefault(key, [Place(), scopes[key]])
                    reader.place(kind[0], {"$ref": f"#/definitions/{name}"}, bit)
    return kinds, reader.named


def definitions(releases):
    reader, kinds = Reader(), {}
    for at, (_, path) in enumerate(releases):
        files = [Path(path)] if Path(path).is_file() else sorted(Path(path).rglob("*.y*ml"))
        for file in files:
            # What is a template of Helm has its conditions on lines of their own.
            text = "\n".join(line for line in file.read_text().splitlines() if "{{" not in line)
            for crd in yaml.load_all(text, Loader=Loader):
                if isinstance(crd, dict) and crd.get("kind") == "CustomResourceDefinition":
                    read_definition(reader, kinds, crd["spec"], 1 << at)
    return kinds, reader.named


def read_definition(reader, kinds, spec, bit):
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        schema = dict(version["schema"]["openAPIV3Schema"])
        properties = {k: v for k, v in (schema.get("properties") or {}).items() if k != "status"}
        properties["metadata"] = {}
        schema["properties"] = properties
        key = (spec["group"], version["name"], spec["names"]["kind"])
        kind = kinds.setdefault(key, [Place(), spec["scope"] == "Namespaced"])
        reader.place(kind[0], schema, bit)


def main():
    releases = [argument.split("=", 1) for argument in sys.argv[3:]]
    kinds, named = {"kubernetes": kubernetes, "definitions": definitions}[sys.argv[1]](releases)
    writer, rows = Writer(named, sys.argv[1] == "kubernetes"), []
    every = (1 << len(releases)) - 1
    for (group, version, kind), (place, namespaced) in sorted(kinds.items()):
        api = f"{group}/{version}" if group else version
        scope = "namespaced" if namespaced else "cluster"
        rows.append(f"{api}\t{kind}\t{scope}\t{span(place.has, every)}\t{writer.word(place, place.has)}")
    print("\t".join([sys.argv[2], *(release for release, _ in releases)]))
    print("\t".join(sorted({group or "core" for group, _, _ in kinds})))
    print("\n".join(rows) + "\n")
    print("\n".join(writer.lines))


main()
