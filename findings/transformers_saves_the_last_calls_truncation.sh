#!/usr/bin/env bash
# transformers 5.23.0 with tokenizers 0.23.3: save_pretrained() of a tokenizer that has been used.
#
# Expected: truncation=True, max_length=8, padding="max_length" are arguments of one call; what is saved is the tokenizer, whether it
# has been called before or not.
# Seen: the call sets them in the tokenizer beneath, which save_pretrained() writes into tokenizer.json. transformers itself sets them
# anew at each call and reads the file as before; whatever else reads it (tokenizers in Rust or Python, a server's own front end)
# cuts and pads everything to the last call's eight tokens, by itself. Two exports of one tokenizer differ by whether a prompt was
# tried between loading and saving. A call with other arguments before saving takes it back.
#
# So a tokenizer is saved before it is used, or its file's "truncation" and "padding" are looked at.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 tokenizers==0.23.3
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

words = Tokenizer(models.WordLevel({"[pad]": 0, "[unk]": 1, "paint": 2, "the": 3, "wall": 4}, unk_token="[unk]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[pad]", unk_token="[unk]", model_max_length=77)
long, short = "paint the wall " * 4, "paint"


def saved(name):
    """How many tokens of a long and a short prompt the saved file gives, to tokenizers and to transformers."""
    tokenizer.save_pretrained(name)
    plain, again = Tokenizer.from_file(f"{name}/tokenizer.json"), AutoTokenizer.from_pretrained(name)
    return [len(plain.encode(text)) for text in (long, short)], [len(again(text).input_ids) for text in (long, short)]


seen = {"before any call": saved("before")}
tokenizer("paint the wall", truncation=True, max_length=8, padding="max_length")
seen["after a call that truncates and pads"] = saved("after")
tokenizer("paint the wall")
seen["after another call without"] = saved("later")
for name, (plain, again) in seen.items():
    print(f"saved {name}: a prompt of 12 words and one of 1 are {plain} tokens to tokenizers, {again} to transformers")
assert seen["before any call"] == seen["after another call without"] == ([12, 1], [12, 1])
assert seen["after a call that truncates and pads"] == ([8, 8], [12, 1]), "a call leaves no trace now"
PYTHON
echo "seen: as described"
