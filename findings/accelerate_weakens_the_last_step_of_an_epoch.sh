#!/usr/bin/env bash
# accelerate 1.15.0: gradient_accumulation_steps, and an epoch whose batches it does not divide.
#
# Expected: a step's gradient is the mean over the micro-batches that it was accumulated from. At the end of the data a step is
# taken with what is there (as documented), so over fewer.
# Seen: backward() divides by gradient_accumulation_steps whatever is there. With 4 and five batches the last step is a quarter
# of one; with 16 and a set of 17 its last picture counts a sixteenth. With small sets, as an editor is fine-tuned to one room's
# style, every epoch ends in a step that hardly moves and counts as one all the same, for the learning rate's schedule and for
# moving averages.
#
# So batches are a multiple of the accumulation steps (drop_last, or samples repeated), or the loss is divided by hand.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check accelerate==1.15.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from accelerate import Accelerator


def steps(batches, accumulation):
    """How far each step moves a weight whose gradient is 1 in every batch, at a learning rate of 1."""
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=accumulation)
    model = torch.nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    model, optimizer, loader = accelerator.prepare(model, optimizer, torch.utils.data.DataLoader(torch.ones(batches, 1), batch_size=1))
    moved = []
    for batch in loader:
        before = model.weight.item()
        with accelerator.accumulate(model):
            accelerator.backward(model(batch).sum())
            optimizer.step()
            optimizer.zero_grad()
        if accelerator.sync_gradients:
            moved.append(round(before - model.weight.item(), 4))
    return moved


seen = {sizes: steps(*sizes) for sizes in ((8, 4), (5, 4), (17, 16))}
for (batches, accumulation), moved in seen.items():
    print(f"{batches} batches, accumulated over {accumulation}: steps of {moved}")
assert seen[8, 4] == [1.0, 1.0]
assert seen[5, 4] == [1.0, 0.25] and seen[17, 16] == [1.0, 0.0625], "the last step is a mean now"
PYTHON
echo "seen: as described"
