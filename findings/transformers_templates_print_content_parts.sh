#!/usr/bin/env bash
# transformers 5.23.0: apply_chat_template() of a template for text with a message in parts, as OpenAI's interface has them:
# {"role": "user", "content": [{"type": "text", "text": "Paint the wall"}]}.
#
# Expected: parts of text are joined, as servers of language models do for templates that know text alone; or a list is refused where
# the template writes a string.
# Seen: the template's {{ message['content'] }} writes Python's own form of the list: the model reads
# [{'type': 'text', 'text': 'Paint the wall'}], answers something, and nothing says that its prompt is broken. A template that
# concatenates with + raises; one with ~, or with an expression for each piece of a turn, writes it.
#
# So the content is flattened to a string before it is given to a template for text.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 tokenizers==0.23.3 jinja2==3.1.6
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
TURN = "{%% for message in messages %%}{{ '<|im_start|>' %s message['role'] %s '\\n' %s message['content'] %s '<|im_end|>' }}{%% endfor %%}"
templates = {
    "one expression each": "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>{% endfor %}",
    "~": TURN % (("~",) * 4),
    "+": TURN % (("+",) * 4),
}
seen = {}
for name, tokenizer.chat_template in templates.items():
    for kind, content in (("text", "Paint the wall"), ("parts", [{"type": "text", "text": "Paint the wall"}])):
        try:
            seen[name, kind] = tokenizer.apply_chat_template([{"role": "user", "content": content}], tokenize=False)
        except TypeError as error:
            seen[name, kind] = f"TypeError: {error}"
        print(f"{name}, {kind}: {seen[name, kind]!r}")
written = "<|im_start|>user\n%s<|im_end|>"
assert all(seen[name, "text"] == written % "Paint the wall" for name in templates)
for name in ("one expression each", "~"):
    assert seen[name, "parts"] == written % "[{'type': 'text', 'text': 'Paint the wall'}]", "parts are joined or refused now"
assert seen["+", "parts"].startswith("TypeError")
PYTHON
echo "seen: as described"
