#!/usr/bin/env bash
# Mitsuba 3.9.1: integrator "aov" with "shape_index", from which masks of objects are made.
#
# Expected: a number that names a shape: whole, each pixel that of a shape that is seen there, in the order in which the scene's
# dictionary has them.
# Seen: it is filtered like a colour, also under the "box" filter: a pixel's samples are averaged. Between shapes 1 and 3 stand 1.5 and
# 2.2, and rounded they are shape 2, which is on the other side of the room: every outline carries a rim of another object, and
# the mask of a lamp has a ring about each chair. And the order is not the dictionary's: load_dict's optimize=True, the default,
# turns this scene's round.
#
# So masks come from one sample a pixel, or from the index only where it is whole; and shapes are told by scene.shapes().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mitsuba==3.9.1 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import mitsuba as mi
import numpy as np

mi.set_variant("scalar_rgb")
moved = mi.ScalarTransform4f().translate


def scene(optimize):
    film = {"type": "hdrfilm", "width": 64, "height": 64, "rfilter": {"type": "box"}}
    view = mi.ScalarTransform4f().look_at(origin=[0, 0, 6], target=[0, 0, 0], up=[0, 1, 0])
    return mi.load_dict({
        "type": "scene",
        "integrator": {"type": "aov", "aovs": "index:shape_index"},
        "sensor": {"type": "perspective", "to_world": view, "film": film},
        "wall": {"type": "rectangle", "to_world": moved([0, 0, -1]).scale(9)},
        "chair": {"type": "cube", "to_world": moved([-1, 0, 0]).rotate([0, 0, 1], 10).scale(0.5)},
        "lamp": {"type": "cube", "to_world": moved([1, 0, 0]).rotate([0, 0, 1], 10).scale(0.5)},
    }, optimize=optimize)


seen = {}
for optimize in (False, True):
    room = scene(optimize)
    order = [shape.id() for shape in room.shapes()]
    averaged, single = (np.array(mi.render(room, spp=samples, seed=1))[..., -1] for samples in (16, 1))
    wall = order.index("wall") + 1
    third = {1: 3, 3: 1}[wall]  # the object whose number is further from the wall's; the other one, 2, is between
    # Left of the middle there is the chair alone, right of it the lamp alone.
    half = np.s_[:, :32] if order[third - 1] == "chair" else np.s_[:, 32:]
    seen[optimize] = order, int((averaged % 1 > 0).sum()), int((averaged[half].round() == 2).sum()), int((single[half] == 2).sum())
    print(f"optimize={optimize}: order %s; %d pixels with broken numbers; where only {order[third - 1]} and wall are, "
          f"%d pixels rounded to {order[1]}, with one sample %d" % seen[optimize])
assert seen[False][0] == ["wall", "chair", "lamp"] and seen[True][0] == ["lamp", "chair", "wall"], "the order is another now"
assert all(counts[1] > 50 and counts[2] > 10 and counts[3] == 0 for counts in seen.values()), "it is not averaged now"
PYTHON
echo "seen: as described"
