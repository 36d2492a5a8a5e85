#!/usr/bin/env bash
# accelerate 1.15.0: clip_grad_norm_ within `with accelerator.accumulate(model)`.
#
# Expected: within accumulate, what belongs to a whole step is left out until the last micro-batch: optimizer.step(),
# scheduler.step() and zero_grad() are, so one expects clip_grad_norm_ to be too.
# Seen: it clips after every micro-batch, what has been accumulated so far, and the order of the micro-batches changes
# the gradient. One large micro-batch first, and the direction of the step turns.
#
# So clipping goes under `if accelerator.sync_gradients:`.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check accelerate==1.15.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON'
import torch
from accelerate import Accelerator


def gradient(batches, guarded):
    accelerator = Accelerator(gradient_accumulation_steps=2, cpu=True)
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=1.0))
    for batch in batches:
        with accelerator.accumulate(model):
            accelerator.backward(model(batch).sum())
            if accelerator.sync_gradients or not guarded:
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
    return [round(value, 3) for value in (-model.weight).flatten().tolist()]


large, small = torch.tensor([[20.0, 0.0]]), torch.tensor([[0.0, 2.0]])
print("clipped when the step is due:", gradient([large, small], True), gradient([small, large], True))
print("clipped as one would write it:", gradient([large, small], False), gradient([small, large], False))
assert gradient([large, small], True) == gradient([small, large], True) == [0.995, 0.1]
assert gradient([large, small], False) == [0.707, 0.707], "clipping waits for the step now"
assert gradient([small, large], False) == [0.995, 0.1]
PYTHON
echo "seen: as described"
