#!/usr/bin/env bash
# symspellpy 6.10.1 with its own English dictionaries: lookup_compound(instruction, 2), which corrects what somebody typed.
#
# Expected: words are corrected, and what is no word (numbers, sizes, colours in hex) stays.
# Seen: a number is a misspelt word. "add 3 chairs" is corrected to "add a chairs", "10 cm" to "of pm", "4000K" to "of ask";
# points, commas and "#" are dropped, so that 2.5 is 2 and 5, or "a". ignore_non_words=True keeps numbers, and makes "pm" of
# "cm" all the same, since a word that is missing in the dictionary is replaced by any that is two letters away. The result
# reads like English, and asks for another edit.
#
# So single words are looked up (lookup with include_unknown), and only those that consist of letters and are long enough.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check symspellpy==6.10.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from pathlib import Path

import symspellpy

folder = Path(symspellpy.__file__).parent
speller = symspellpy.SymSpell(2, 7)
assert speller.load_dictionary(str(folder / "frequency_dictionary_en_82_765.txt"), 0, 1)
assert speller.load_bigram_dictionary(str(folder / "frequency_bigramdictionary_en_243_342.txt"), 0, 2)


def corrected(text, **options):
    return speller.lookup_compound(text, 2, **options)[0].term


EXPECTED = {
    "make the sofaa white": ("make the sofa white", "make the sofa white"),
    "add 3 chairs": ("add a chairs", "add 3 chairs"),
    "move the lamp 10 cm left": ("move the lamp of pm left", "move the lamp 10 pm left"),
    "make it 4000K warm white": ("make it of ask warm white", "make it 4000K warm white"),
    "paint it #ff0000": ("paint it ff0000", "paint it ff0000"),
}
for text, expected in EXPECTED.items():
    seen = corrected(text), corrected(text, ignore_non_words=True)
    print(f"{text}: {seen[0]}; with ignore_non_words: {seen[1]}")
    assert seen == expected, "corrected otherwise now"
PYTHON
echo "seen: as described"
