#!/usr/bin/env python3
"""Writes src/tables/cilium/names.txt: the names of all values of Cilium's chart, with the minors that have them.

    scripts/cilium_values.py 1.12=DIR 1.13=DIR ... > src/tables/cilium/names.txt

Each DIR holds a released chart (values.yaml, templates/, values.schema.json). A name is one that values.yaml sets, also in a comment of
the same form, that the schema knows, or that a template reads (`.Values.a.b`). A map whose keys the user chooses is marked open.
"""
import json
import re
import sys
from pathlib import Path

import yaml

# What Kubernetes defines, or the user, and the chart only passes on.
PASSED_ON = {
    "affinity", "annotations", "args", "config", "env", "extraArgs", "extraConfig", "extraEnv", "labels", "lifecycle",
    "matchLabels", "nodeSelector", "podAnnotations", "podLabels", "podSecurityContext", "resources", "securityContext",
    "selector", "tolerations", "topologySpreadConstraints", "updateStrategy", "rollingUpdate", "additionalLabels",
    "additionalAnnotations", "conf", "defaults", "headers", "options", "values", "options",
}
READS = re.compile(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
INDEXED = re.compile(r'\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)*) "([A-Za-z0-9_-]+)"')


class Name:
    def __init__(self):
        self.minors, self.below, self.open = set(), {}, False

    def at(self, key, minor):
        name = self.below.setdefault(key, Name())
        name.minors.add(minor)
        return name


def values(name, tree, minor):
    for key, value in tree.items():
        below = name.at(str(key), minor)
        if isinstance(value, dict) and value:
            values(below, value, minor)
        elif isinstance(value, (dict, list)) or value is None:
            below.open = True


def schema(name, node, minor):
    for key, value in (node.get("properties") or {}).items():
        below = name.at(key, minor)
        if value.get("properties"):
            schema(below, value, minor)


def commented(name, text, minor):
    """Keys in comments that stand where a key would: `  # key: value` or `  # -- (type) text` with the key below is read already."""
    path, in_schema = [], False
    for line in text.splitlines():
        in_schema ^= line.strip() == "# @schema"
        if in_schema:
            continue
        found = re.match(r"^( *)(# ?)?([A-Za-z_][A-Za-z0-9_-]*):(?: |$)", line)
        if not found:
            continue
        depth, is_comment, key = len(found[1]), bool(found[2]), found[3]
        while path and path[-1][0] >= depth:
            path.pop()
        if not is_comment:
            path.append((depth, key))
            continue
        if re.match(r"^ *# ?[a-z][A-Za-z0-9]*:( [^ ].*)?$", line):
            at = name
            for _, part in path:
                at = at.below.get(part)
                if at is None:
                    break
            if at is not None and (at.below or not path) and key not in ("ref", "Note", "e", "default", "Default", "example"):
                at.at(key, minor)


def read(name, chart, minor):
    text = (chart / "values.yaml").read_text()
    values(name, yaml.safe_load(text), minor)
    commented(name, text, minor)
    path = chart / "values.schema.json"
    if path.is_file():
        schema(name, json.loads(path.read_text()), minor)
    for template in sorted((chart / "templates").rglob("*")):
        if not template.is_file():
            continue
        content = template.read_text(errors="replace")
        routes = [found[1].strip(".").split(".") for found in READS.finditer(content)]
        routes += [found[1].strip(".").split(".") + [found[2]] for found in INDEXED.finditer(content) if found[1]]
        for route in routes:
            at = name
            for part in route:
                if at.open:
                    break
                at = at.at(part, minor)


def show(name, minors, depth, out):
    for key in sorted(name.below):
        below = name.below[key]
        has = sorted(below.minors)
        parents = [minor for minor in minors if minor in name.minors or depth == 0]
        line = " " * depth + key
        first, last = has[0], has[-1]
        marks = ""
        if first > parents[0]:
            marks += f" {first}.."
        if last < parents[-1]:
            marks = (marks or " ..") + str(last)
        out.append(line + marks + (" *" if below.open or key in PASSED_ON else ""))
        if not (below.open or key in PASSED_ON):
            show(below, has, depth + 1, out)


def main():
    root, minors = Name(), []
    for argument in sys.argv[1:]:
        version, path = argument.split("=", 1)
        minor = int(version.split(".")[1])
        minors.append(minor)
        read(root, Path(path), minor)
    root.minors = set(minors)
    out = []
    show(root, minors, 0, out)
    print("\n".join(out))


main()
