#!/usr/bin/env bash
# transformers 5.23.0: CLIPTokenizer.from_pretrained(folder) where the folder holds no vocabulary.
#
# Expected: an error that names the missing files, as the models and image processors give for such a folder.
# Seen: a tokenizer of two words, start and end. It counts, pads and truncates as it should and reads every character as the end
# token, so that all prompts of as many letters are one prompt, and a text encoder with its full vocabulary takes the numbers.
# AutoTokenizer refuses an empty folder, but not one with tokenizer_config.json alone. An upload without vocab.json, a wrong
# subfolder: the server starts, answers, and edits regardless of what is asked.
#
# So a tokenizer's length is compared with the text encoder's vocab_size before the first prompt.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0
cd "$folder"
mkdir empty configured
printf '{"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}\n' > configured/tokenizer_config.json
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from transformers import AutoTokenizer, CLIPTokenizer

for name in ("empty", "configured"):
    tokenizer = CLIPTokenizer.from_pretrained(name)
    red, oak = (tokenizer(prompt).input_ids for prompt in ("a red chair", "an oak sofa"))
    print(f"{name}: {len(tokenizer)} tokens; 'a red chair' -> {red}, 'an oak sofa' -> {oak}")
    assert len(tokenizer) == 2 and red == oak, "it needs a vocabulary now"

try:
    AutoTokenizer.from_pretrained("empty")
except ValueError as error:
    print("AutoTokenizer, empty:", str(error).splitlines()[0])
print("AutoTokenizer, configured:", len(AutoTokenizer.from_pretrained("configured")), "tokens")
PYTHON
echo "seen: as described"
