#!/usr/bin/env bash
# outlines-core 0.2.14, outlines_core.json_schema.build_regex_from_schema(schema): what guided decoding holds a model to.
#
# Expected: an answer that fits the expression fits the schema, or a schema that cannot be expressed is refused.
# Seen: a string's `pattern` is dropped as soon as the schema also says `minLength` or `maxLength`, and a number's `minimum`
# and `maximum`, an array's `uniqueItems` and a `required` name without properties are passed over; none is an error. So a
# colour asked for as ^#[0-9a-f]{6}$ with maxLength 7 may be any seven characters, and a confidence of 0 to 1 may be -7e+30.
# `pattern` alone holds, but as the whole string, where JSON Schema searches in it.
#
# So answers of a model under guided decoding are validated against the schema all the same.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check outlines-core==0.2.14 jsonschema==4.26.0
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
import re

from jsonschema import Draft202012Validator
from outlines_core.json_schema import build_regex_from_schema


def shown(schema, answer):
    """Return whether the expression lets an answer through, and whether the schema does."""
    let_through = bool(re.fullmatch(build_regex_from_schema(json.dumps(schema)), answer))
    valid = Draft202012Validator(schema).is_valid(json.loads(answer))
    print(f"{json.dumps(schema):68} {answer:10} expression: {let_through!s:5} schema: {valid}")
    return let_through, valid


colour = {"type": "string", "pattern": "^#[0-9a-f]{6}$"}
assert shown(colour, '"crimson"') == (False, False)
assert shown({**colour, "maxLength": 7}, '"crimson"') == (True, False), "the pattern holds beside a length now"
assert shown({"type": "number", "minimum": 0, "maximum": 1}, "-7e+30") == (True, False), "bounds hold now"
assert shown({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "[2, 2]") == (True, False)
assert shown({"type": "string", "pattern": "[0-9]"}, '"route 66"') == (False, True), "a pattern is searched for now"
PYTHON
echo "seen: as described"
