from collections import Counter
from dataclasses import fields

import numpy as np
import pytest
from langdesign_scenes.composing import plan_family, project, sights
from langdesign_scenes.composing.draft import Draft
from langdesign_scenes.composing.finishes import Words, draw_palette
from langdesign_scenes.composing.furnishing import furnish
from langdesign_scenes.composing.geometry import meet, solid, within
from langdesign_scenes.composing.rooms import ROOM_TYPES
from langdesign_scenes.description import Finish, Scene
from langdesign_scenes.objects import top
from langdesign_scenes.plan import FamilyPlan
from langdesign_scenes.vocabulary import FLOOR, KINDS, ROOMS, SINGLES, WALL, Holdout

SEED = 5
FAMILIES = 16


@pytest.fixture(scope="module")
def rooms() -> list[FamilyPlan]:
    return [plan_family(SEED, index, general=index % 2 == 0, single=False) for index in range(FAMILIES)]


@pytest.fixture(scope="module")
def singles() -> list[FamilyPlan]:
    return [plan_family(SEED, index, general=index % 2 == 0, single=True) for index in range(FAMILIES)]


@pytest.fixture(scope="module")
def plans(rooms: list[FamilyPlan], singles: list[FamilyPlan]) -> list[FamilyPlan]:
    return rooms + singles


def test_a_plan_is_a_function_of_its_arguments(rooms: list[FamilyPlan]) -> None:
    assert plan_family(SEED, 2, general=True, single=False) == rooms[2]
    assert plan_family(SEED + 1, 2, general=True, single=False) != rooms[2]
    assert len({plan.states[0] for plan in rooms}) == FAMILIES


def test_no_two_things_meet_in_any_state(rooms: list[FamilyPlan]) -> None:
    for scene in (scene for plan in rooms for scene in plan.states):
        solids = [(one, solid(one)) for one in scene.things]
        for place, (one, box) in enumerate(solids):
            for other, rival in solids[:place]:
                resting = one.on == other.id or other.on == one.id
                apart = resting or (one.kind == "rug") != (other.kind == "rug")
                assert apart or not meet(box, rival), (one, other)


def test_everything_is_within_the_room(rooms: list[FamilyPlan]) -> None:
    for scene in (scene for plan in rooms for scene in plan.states):
        for thing in scene.things:
            assert within(solid(thing), scene.size), thing


def test_things_rest_on_what_they_name(rooms: list[FamilyPlan]) -> None:
    for scene in (scene for plan in rooms for scene in plan.states):
        by_id = {one.id: one for one in scene.things}
        for thing in scene.things:
            box = solid(thing)
            if thing.on == "floor":
                assert box.bottom == pytest.approx(0)
            elif thing.on == "ceiling":
                assert box.top == pytest.approx(scene.size[2])
            elif thing.on in by_id:
                carrier = by_id[thing.on]
                height = top(carrier.kind, carrier.style)
                assert height is not None
                assert box.bottom == pytest.approx(height * carrier.scale)
            else:
                assert thing.on in {"back wall", "left wall", "right wall"}


def test_ids_are_unique_and_name_their_kind_in_the_base_state(plans: list[FamilyPlan]) -> None:
    for plan in plans:
        ids = [one.id for one in plan.states[0].things]
        assert len(set(ids)) == len(ids)
        for thing in plan.states[0].things:
            assert thing.id.rsplit("-", 1)[0] == thing.kind.replace(" ", "-")


def test_finishes_are_of_the_vocabulary(plans: list[FamilyPlan]) -> None:
    for scene in (scene for plan in plans for scene in plan.states):
        assert scene.room in {"", *ROOMS}
        surfaces = [(scene.wall, WALL)] + ([(scene.floor, FLOOR)] if scene.room else [])
        for finish, known in surfaces + [(one.finish, KINDS[one.kind]) for one in scene.things]:
            assert finish.colour in known.colours
            assert finish.material in known.materials
            assert finish.pattern in known.patterns


def test_general_families_hold_nothing_of_the_holdout_and_others_do(plans: list[FamilyPlan]) -> None:
    holdout = Holdout()
    left_out = {*holdout.rooms, *holdout.colours, *holdout.materials}
    for plan in plans:
        found = [bool(left_out & set(_words(scene))) for scene in plan.states]
        assert not any(found) if plan.general else any(found)


def _words(scene: Scene) -> list[str]:
    finishes = [scene.wall, scene.floor, *(one.finish for one in scene.things)]
    return [scene.room, *(word for one in finishes for word in (one.colour, one.material))]


def test_a_change_alters_its_target_and_nothing_else(plans: list[FamilyPlan]) -> None:
    for plan in plans:
        for change in plan.changes:
            before, after = plan.states[change.before], plan.states[change.after]
            assert _altered(before, after) == {change.target}


def _altered(before: Scene, after: Scene) -> set[str]:
    others = {field.name for field in fields(Scene)} - {"things", "wall", "floor"}
    assert all(getattr(before, name) == getattr(after, name) for name in others)
    old, new = ({one.id: one for one in scene.things} for scene in (before, after))
    altered = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    surfaces = {name for name in ("wall", "floor") if getattr(before, name) != getattr(after, name)}
    return altered | (surfaces if before.room else surfaces - {"floor"})


def test_an_operation_says_what_a_change_does(plans: list[FamilyPlan]) -> None:
    for plan in plans:
        for change in plan.changes:
            pair = [
                next((one for one in plan.states[state].things if one.id == change.target), None)
                for state in (change.before, change.after)
            ]
            if change.target in {"wall", "floor"}:
                assert change.operation == "restyle"
            elif pair[0] is None or pair[1] is None:
                assert change.operation == ("add" if pair[0] is None else "remove")
            elif pair[0].kind != pair[1].kind:
                assert change.operation == "replace"
            else:
                names = {"recolour": "colour", "material": "material", "pattern": "pattern"}
                differing = [
                    field.name
                    for field in fields(pair[0].finish)
                    if getattr(pair[0].finish, field.name) != getattr(pair[1].finish, field.name)
                ]
                assert differing == [names[change.operation]]
                assert pair[0].position == pair[1].position


def test_changes_go_both_ways_and_are_many(plans: list[FamilyPlan]) -> None:
    for plan in plans:
        pairs = [(change.before, change.after) for change in plan.changes]
        assert len(set(pairs)) == len(pairs)
        assert {(after, before) for before, after in pairs} == set(pairs)
    assert sum(len(plan.changes) for plan in plans) / len(plans) >= 16


def test_operations_are_balanced() -> None:
    plans = [plan_family(1, index, general=index % 5 > 0, single=index % 4 == 0) for index in range(48)]
    counts = Counter(change.operation for plan in plans for change in plan.changes)
    share = {name: count / counts.total() for name, count in counts.items()}
    assert 0.27 <= share["recolour"] <= 0.43
    assert 0.23 <= share["remove"] + share["add"] <= 0.37
    assert 0.06 <= share["replace"] <= 0.16
    assert 0.07 <= share["material"] <= 0.2


def test_targets_show_well_and_carry_nothing(plans: list[FamilyPlan]) -> None:
    for plan in plans:
        base = plan.states[0]
        shares = sights(base.things, base.camera, side=64)
        for target in {change.target for change in plan.changes} - {"wall", "floor"}:
            assert shares[target].share >= 0.008
            assert all(one.on != target for one in base.things)


def test_rooms_show_enough_and_nothing_hides_the_view(rooms: list[FamilyPlan]) -> None:
    for plan in rooms:
        scene = plan.states[0]
        seen = sights(scene.things, scene.camera)
        assert 4 <= len(scene.things) <= 10
        assert sum(one.share for one in seen.values()) >= 0.2
        assert max(one.share for name, one in seen.items() if not name.startswith("rug")) <= 0.5
        assert 1.2 <= scene.camera.position[2] <= 1.8


def test_a_single_object_fills_its_picture(singles: list[FamilyPlan]) -> None:
    for plan in singles:
        (thing,) = plan.states[0].things
        assert thing.kind in SINGLES
        assert plan.room == ""
        spots = project(plan.states[0].camera, solid(thing).corners())
        reach = abs(spots[:, :2] - 0.5).max()
        assert 0.25 < reach < 0.75


def test_every_kind_has_its_place() -> None:
    placed = {kind for room in ROOM_TYPES.values() for item in room.items for kind in item.kinds}
    assert placed == set(KINDS)


@pytest.mark.parametrize("room", ROOM_TYPES)
def test_every_room_type_can_be_furnished(room: str) -> None:
    words = Words(general=False)
    drafts = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        size = (ROOM_TYPES[room].width[1], ROOM_TYPES[room].depth[1], 2.6)
        plain = Finish("white", "paint"), Finish("brown", "wood")
        draft = Draft(size, *plain, draw_palette(rng, words), words, rng)
        drafts += [draft] if furnish(draft, ROOM_TYPES[room]) else []
    assert len(drafts) >= 4
