#!/usr/bin/env bash
# @huggingface/jinja 0.5.11 (npm), which fills in chat templates in JavaScript, beside jinja2 3.1.6 in Python, as transformers uses it.
#
# Expected: one template and the same messages as JSON give one prompt, in the page as on the server; what the small engine cannot do
# is an error.
# Seen: values are written as JavaScript and JSON have them. Content that is null, as that of a message with tool calls, is "None" in
# Python and nothing in JavaScript; true is "True" and "true", a list ['oak'] and ["oak"], and 1.0 of a tool's arguments 1.0 and 1.
# Conditions differ as well: "1" equals 1 here and not there, -1 % 3 is -1 and 2, and `capitalize` leaves "OAK" as it is where Python
# makes "Oak" of it. A model that was trained on the one prompt gets the other; nothing fails, tool calls alone get worse.
#
# So templates write only strings, and everything else by tojson; both engines' prompts are compared in a test.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jinja2==3.1.6
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" @huggingface/jinja@0.5.11 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cat >fill.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";

const { templates, values } = JSON.parse(readFileSync("task.json", "utf8"));
console.log(JSON.stringify(templates.map((template) => new Template(template).render(values))));
JAVASCRIPT
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
import subprocess
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment

values = {"message": {"role": "assistant", "content": None}, "strict": True, "woods": ["oak"], "scale": 1.0, "count": 1, "last": -1}
expected = {
    "{{ message['content'] }}": ("None", ""),
    "{{ strict }}": ("True", "true"),
    "{{ woods }}": ("['oak']", '["oak"]'),
    "{{ scale }}": ("1.0", "1"),
    "{% if count == '1' %}equal{% else %}other{% endif %}": ("other", "equal"),
    "{{ last % 3 }}": ("2", "-1"),
    "{{ 'OAK' | capitalize }}": ("Oak", "OAK"),
    "{{ woods | tojson }}": ('["oak"]', '["oak"]'),
    "{{ message['role'] | upper }}": ("ASSISTANT", "ASSISTANT"),
}
Path("task.json").write_text(json.dumps({"templates": [*expected], "values": values}))
values = json.loads(Path("task.json").read_text())["values"]
environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
python = [environment.from_string(template).render(**values) for template in expected]
javascript = json.loads(subprocess.run(["node", "fill.mjs"], check=True, capture_output=True, text=True).stdout)
for template, *written in zip(expected, python, javascript):
    print(f"{template}: {written[0]!r} in Python, {written[1]!r} in JavaScript")
assert dict(zip(expected, zip(python, javascript))) == expected
PYTHON
echo "seen: as described"
