#!/usr/bin/env bash
# torchmetrics 1.9.0: MetricCollection({"ssim": StructuralSimilarityIndexMeasure(...), "ms_ssim": MultiScaleStructural...}).
#
# Expected: each metric of a collection reports what it reports by itself; compute groups share work between metrics that count
# the same, such as precision and recall.
# Seen: which ones do is found out after the first batch, by whether their states are equal as numbers. SSIM and MS-SSIM keep a
# sum and a count, and both are 1 for two equal pictures: if a set begins with an edit that changes nothing, they are one metric
# from then on, and "ssim" is MS-SSIM for the whole set (0.86 and not 0.84 here). Likewise a threshold of 0.3 and one of 0.7, if
# the first batch is a sure one. No warning; the same set in another order has other figures.
#
# So collections of unlike metrics are made with compute_groups=False.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from torchmetrics import MetricCollection
from torchmetrics.classification import BinaryJaccardIndex
from torchmetrics.image import MultiScaleStructuralSimilarityIndexMeasure, StructuralSimilarityIndexMeasure

draw = torch.Generator().manual_seed(0)
before = torch.rand(1, 3, 192, 192, generator=draw)
after = (before + 0.3 * torch.randn(before.shape, generator=draw)).clamp(0, 1)


def told(metrics, batches, **options):
    collection = MetricCollection(metrics, **options)
    for prediction, target in batches:
        collection.update(prediction, target)
    return {name: round(value.item(), 4) for name, value in collection.compute().items()}


def similarities():
    return {"ssim": StructuralSimilarityIndexMeasure(data_range=1.0), "ms_ssim": MultiScaleStructuralSimilarityIndexMeasure(data_range=1.0)}


def overlaps():
    return {"at_3": BinaryJaccardIndex(threshold=0.3), "at_7": BinaryJaccardIndex(threshold=0.7)}


pictures = [(before, before), (after, before)]
sure = torch.tensor([0.9, 0.9, 0.1, 0.1]), torch.tensor([1, 1, 0, 0])
unsure = torch.tensor([0.6, 0.6, 0.4, 0.1]), torch.tensor([1, 1, 0, 0])
seen = {}
for name, metrics, batches in (("pictures", similarities, pictures), ("masks", overlaps, [sure, unsure])):
    for way, value in (("", told(metrics(), batches)), (", other order", told(metrics(), batches[::-1])),
                       (", compute_groups=False", told(metrics(), batches, compute_groups=False))):
        seen[name + way] = value
        print(f"{name}{way}: {value}")
for name in ("pictures", "masks"):
    assert len(set(seen[name].values())) == 1, "each is itself now"
    assert seen[f"{name}, other order"] == seen[f"{name}, compute_groups=False"] != seen[name]
PYTHON
echo "seen: as described"
