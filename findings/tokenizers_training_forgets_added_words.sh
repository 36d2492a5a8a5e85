#!/usr/bin/env bash
# tokenizers 0.23.3: add_tokens() or add_special_tokens() before train_from_iterator(), as one trains a small tokenizer that is to
# keep "<oak>" whole.
#
# Expected: what was added stays added and is given its number after the trained words; or training a tokenizer that has added words
# is refused.
# Seen: they are half there. token_to_id() still gives the number from before, which the trained vocabulary now uses for another
# word (here 0, the start of a text), and get_vocab() has both under one number; in a text the word is not found any more and is
# split like any other. What is saved does not know it at all. Nothing is said.
#
# So words are added after training, or are the trainer's special_tokens.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tokenizers==0.23.3
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

TEXTS = ["make the chair red", "paint the wall green", "remove the piano", "add a lamp of oak"] * 10


def trained(before=(), after=()):
    """Return a trained tokenizer to which words were added before its training and after it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_tokens(list(before))
    trainer = trainers.BpeTrainer(vocab_size=60, special_tokens=["<s>", "</s>"], show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.add_tokens(list(after))
    return tokenizer


seen = {}
for when in ("before", "after"):
    tokenizer = trained(**{when: ["<oak>"]})
    number, tokens = tokenizer.token_to_id("<oak>"), tokenizer.encode("the <oak> chair").tokens
    saved = Tokenizer.from_str(tokenizer.to_str()).token_to_id("<oak>")
    print(f"added {when}: number {number}, which is {tokenizer.id_to_token(number)}; read as {tokens}; saved as {saved}")
    seen[when] = number, tokenizer.id_to_token(number), "<oak>" in tokens, saved
assert seen["before"] == (0, "<s>", False, None), "words added before training are kept now"
number = seen["after"][0]
assert seen["after"] == (number, "<oak>", True, number)
vocabulary = trained(before=["<oak>"]).get_vocab()
assert vocabulary["<oak>"] == vocabulary["<s>"] == 0
PYTHON
echo "seen: as described"
