#!/usr/bin/env bash
# transformers 5.23.0: tokenizer.add_tokens("sks") on CLIP's tokenizer, as textual inversion gives a learned object its word.
#
# Expected: a new word is a word, as all of CLIP's that end in "</w>": it stands for itself, and other words are read as before.
# Seen: it is looked for in the text before words are, anywhere: "desks" is no longer the word that CLIP knows but "d", "e" and the
# learned object, so that "two desks" asks for one of those. Nor does it keep its case: what is added as "<Oak>" is found in
# "<oak>" as well. Both hold for everything that is given as a plain string.
#
# So new words are AddedToken(word, single_word=True), or written so that nothing else contains them.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 tokenizers==0.23.3
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json

from tokenizers import AddedToken
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer

letters = sorted(ByteLevel.alphabet())
merges = [("t", "w"), ("tw", "o</w>"), ("d", "e"), ("s", "k"), ("sk", "s</w>"), ("de", "sks</w>")]
vocabulary = [*letters, *(letter + "</w>" for letter in letters), *map("".join, merges), "<|startoftext|>", "<|endoftext|>"]
with open("vocab.json", "w") as file:
    json.dump({token: number for number, token in enumerate(vocabulary)}, file)
with open("merges.txt", "w") as file:
    file.write("#version: 0.2\n" + "".join(" ".join(merge) + "\n" for merge in merges))


def read(text, *added):
    tokenizer = CLIPTokenizer.from_pretrained(".")
    tokenizer.add_tokens(list(added))
    return tokenizer.tokenize(text)


word = AddedToken("sks", single_word=True)
seen = {name: read("two desks", *added) for name, added in (("as it is", ()), ("sks", ("sks",)), ("single_word", (word,)))}
for name, tokens in seen.items():
    print(f"two desks, {name}: {tokens}")
print("<oak>, after <Oak> was added:", read("<oak>", "<Oak>"))
print("sks, as a single word:", read("sks", word))
assert seen["as it is"] == seen["single_word"] == ["two</w>", "desks</w>"] and read("sks", word) == ["sks"]
assert seen["sks"] == ["two</w>", "d", "e</w>", "sks"] or seen["sks"] == ["two</w>", "de</w>", "sks"], "desks is a word now"
assert len(read("<oak>", "<Oak>")) == 1, "case counts now"
PYTHON
echo "seen: as described"
