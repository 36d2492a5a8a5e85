#!/usr/bin/env bash
# transformers 5.23.0: CLIPTextModel's pooled output after a word has been added to tokenizer and embeddings (textual inversion).
#
# Expected: the state at the end token, which alone has seen the whole prompt, as without the new word.
# Seen: where the configuration says eos_token_id 2, as those of OpenAI's checkpoints and of Stable Diffusion's and SDXL's text
# encoders do, the end is taken to be the greatest number in the prompt. That was the end token's, until a new word got the
# next number: the pooled state is then that of the new word, and what comes after it does not count. "a <chair> by a window" and
# "a <chair> on fire" are one and the same to whatever reads the pooled state (SDXL's conditioning, similarity of text and picture);
# the sequence of states, which the UNet reads, is right, so that it half works.
#
# So eos_token_id is set to the tokenizer's own when a word is added.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from transformers import CLIPTextConfig, CLIPTextModel

START, END, NEW = 98, 99, 100  # the order of CLIP's vocabulary: words, start, end, and then what is added
prompts = torch.tensor([[START, 5, NEW, 7, 8, END, END], [START, 5, NEW, 60, 61, 62, END], [START, 5, 6, 7, 8, END, END]])
seen = {}
for end in (2, END):
    torch.manual_seed(0)
    model = CLIPTextModel(CLIPTextConfig(
        vocab_size=100, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=7, eos_token_id=end)).eval()
    model.resize_token_embeddings(101)
    with torch.no_grad():
        output = model(prompts)
    positions = [int((states == pooled).all(1).nonzero()[0])
                 for states, pooled in zip(output.last_hidden_state, output.pooler_output)]
    seen[end] = positions, torch.equal(output.pooler_output[0], output.pooler_output[1])
    print(f"eos_token_id {end}: pooled at {positions} of prompts that end at 5, 6 and 5; the first two are alike: {seen[end][1]}")
assert seen[END] == ([5, 6, 5], False)
assert seen[2] == ([2, 2, 5], True), "the end is found now"
PYTHON
echo "seen: as described"
