#!/usr/bin/env bash
# pycocotools 2.0.11: COCO.getAnnIds() and getImgIds() with an empty list, as getCatIds(catNms=["sofa"]) gives for a data set that
# calls it "couch".
#
# Expected: annotations of no category are none. A name that is not there could be an error as well.
# Seen: an empty list is no filter, so that all is found: every annotation is a "sofa", and every picture shows one. The same with
# the annotations of no picture (imgIds=[], of a split that turned out empty), and getCatIds() itself names every category for an
# empty list of names. getImgIds() asks for pictures that have *all* of its categories, where getAnnIds() asks for any: one unknown
# name beside a known one changes nothing in either.
#
# So names are looked for in loadCats() first, and an empty list means that nothing is asked.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.11 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from pycocotools.coco import COCO

rooms = COCO()
categories = ["couch", "chair", "lamp"]
shown = {1: ["couch", "chair"], 2: ["lamp"], 3: ["chair"]}
pairs = [(picture, category) for picture, names in shown.items() for category in names]
rooms.dataset = {
    "images": [{"id": picture, "width": 64, "height": 64} for picture in shown],
    "categories": [{"id": number, "name": name} for number, name in enumerate(categories, 1)],
    "annotations": [
        {"id": number, "image_id": picture, "category_id": categories.index(name) + 1, "bbox": [0, 0, 8, 8], "area": 64, "iscrowd": 0}
        for number, (picture, name) in enumerate(pairs, 1)
    ],
}
rooms.createIndex()
for names in (["couch"], ["sofa"], ["sofa", "couch"]):
    ids = rooms.getCatIds(catNms=names)
    print(f"{names}: categories {ids}, annotations {rooms.getAnnIds(catIds=ids)}, pictures {rooms.getImgIds(catIds=ids)}")
unknown = rooms.getCatIds(catNms=["sofa"])
assert unknown == []
assert rooms.getAnnIds(catIds=unknown) == [1, 2, 3, 4], "an empty list of categories filters now"
assert rooms.getImgIds(catIds=unknown) == [1, 2, 3]
assert rooms.getAnnIds(imgIds=[]) == [1, 2, 3, 4], "an empty list of pictures filters now"
assert rooms.getCatIds(catNms=[]) == [1, 2, 3]
assert rooms.getAnnIds(catIds=rooms.getCatIds(catNms=["couch"])) == [1]
assert rooms.getAnnIds(catIds=rooms.getCatIds(catNms=["sofa", "couch"])) == [1]
assert rooms.getImgIds(catIds=[1, 2]) == [1] and sorted(rooms.getAnnIds(catIds=[1, 2])) == [1, 2, 4]
PYTHON
echo "seen: as described"
