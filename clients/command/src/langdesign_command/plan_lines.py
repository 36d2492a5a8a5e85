"""Plans, and what became of their edits, in plain English."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langdesign_client.edits import EditOutcome
    from langdesign_client.references import Plan, PlannedEdit, Reference
    from langdesign_client.where import EditRegion

_READERS = {
    "both": "read by the embedded reader and the language model",
    "language_model": "read by the language model",
    "parser": "read by the embedded reader",
    "none": "read by nobody",
}
_DETERMINERS = frozenset(
    ("the", "a", "an", "any", "all", "every", "each", "my", "our", "your", "this", "that")
)
# What stands for a colour and names none: "#0f0", "00FF00", the "RAL" of "RAL 6018".
_COLOUR_CODE = re.compile(
    r"#[0-9a-f]{3}|#?(?=.*\d)[0-9a-f]{6}|#?([0-9a-f])\1{2}(\1{3})?|rgb|hsl|ral|ncs|pantone", re.IGNORECASE
)
_REASONS = {
    "empty_mask": "the mask is empty",
    "unreadable_instruction": "nobody could read the instruction; say it in another way, or say where: "
    "--mask, --box or --expression",
    "nothing_asked": "nothing is asked for; say what to change",
    "no_place": "no free place found; say where",
}


def plan_lines(
    plan: "Plan | None", regions: "Sequence[EditRegion]" = (), *, seen: bool = False
) -> Iterator[str]:
    """Yield what an instruction was read as, edit by edit, and where each acts as far as that is known.

    A wish is worth a look before it is done, unless the plan is `seen` here, or was before.
    """
    if plan is None:
        return
    for slip in plan.corrections:
        yield f"read '{slip.written}' as '{slip.read}'"
    yield from _several_meanings(plan)
    if plan.wish:
        advice = "" if seen else "; look at the plan first: --plan-only"
        yield f"a wish, read as what follows{advice}"
    by_edit = {region.edit: region for region in regions}
    for number, edit in enumerate(plan.edits):
        yield f"{number + 1}. {edit_line(edit)}{_place(edit, by_edit.get(number))}"


def _several_meanings(plan: "Plan") -> Iterator[str]:
    """Yield what may mean several things, each once, and which."""
    named = [one for edit in plan.edits for one in edit.references if one.alternatives]
    for expression, meanings in dict.fromkeys((one.expression, _meanings(one)) for one in named):
        yield f"'{expression}' may be {_joined(meanings, 'or')}"


def plan_summary(plan: "Plan | None") -> str:
    """Return what a plan does, in a line: "recolour the bed; remove the rug". Empty where it does nothing."""
    return "" if plan is None else "; ".join(map(_subject, plan.edits))


def nothing_line(plan: "Plan") -> str:
    """Return why a plan has no edits."""
    return _REASONS["unreadable_instruction" if plan.reader == "none" else "nothing_asked"]


def reader_line(plan: "Plan") -> str:
    """Return who read an instruction, and how sure it is."""
    agreed = {True: "; they agree", False: "; the other disagreed", None: ""}[plan.agreed]
    reader = _READERS.get(plan.reader, f"read by {plan.reader}")
    return f"confidence {plan.confidence:.2f}, {reader}{agreed}, language {plan.language or 'unknown'}"


def edit_line(edit: "PlannedEdit") -> str:
    """Return one of a plan's edits in a line: "recolour the bed: make the bed red"."""
    subject, told = _subject(edit), edit.instruction
    line = f"{subject}: {told}" if told and subject != told else subject
    return f"{line} (gently)" if edit.gentle else line


def outcome_lines(plan: "Plan | None", outcomes: "Sequence[EditOutcome]") -> Iterator[str]:
    """Yield what became of each edit of a plan that has several, or was done in part."""
    if plan is None:
        return
    for outcome in outcomes:
        if outcome.edit >= len(plan.edits):  # of a plan that this version reads in part
            continue
        if len(plan.edits) == 1 and (outcome.no_op_reason or not outcome.not_found):
            continue
        edit = plan.edits[outcome.edit]
        done = "done"
        if outcome.no_op_reason:
            done = f"not done: {_reason(edit, outcome.no_op_reason, outcome.unknown_words)}"
        elif outcome.inside is not None:
            done = f"done, changed inside {outcome.inside.changed_share:.1%}{_left_out(outcome.not_found)}"
        yield f"{outcome.edit + 1}. {_subject(edit)}: {done}"


def transparent_lines(told: "Sequence[EditOutcome | EditRegion]") -> Iterator[str]:
    """Yield of which edits something was left out, since nothing is seen where they were to act."""
    for one in told:
        if one.transparent_share > 0:
            which = f"{one.edit + 1}. " if len(told) > 1 else ""
            share = max(one.transparent_share, 0.001)
            yield f"{which}{share:.1%} of where it acts is transparent and left out: nothing is seen there"


def no_op_line(
    reason: str, plan: "Plan | None", told: "Sequence[EditOutcome | EditRegion]", verb: str = "was"
) -> str:
    """Return why nothing was changed, or (`verb` would be) would be."""
    edits = plan.edits if plan is not None else ()
    # Without a plan, where the caller said where, there is one edit.
    known = len(edits) or 1
    first = next((one for one in told if one.no_op_reason == reason and one.edit < known), None)
    words = first.unknown_words if first else tuple(word for edit in edits for word in edit.unknown_words)
    edit = edits[first.edit if first else 0] if edits else None
    return f"nothing {verb} changed: {_reason(edit, reason, words)}"


def _reason(edit: "PlannedEdit | None", reason: str, unknown_words: Sequence[str]) -> str:
    sought = _sought(edit) if edit else []
    match reason:
        case "no_target":
            absent = " and ".join(f"no {_any_of(one)}" for one in sought) or "nothing that is meant"
            return f"the picture shows {absent} (certified)"
        case "unknown_words":
            words = ", ".join(f"'{word}'" for word in unknown_words)
            kept = ", which was to stay as it is" if edit and _are_kept(edit, unknown_words) else ""
            code = any(map(_COLOUR_CODE.fullmatch, unknown_words))
            advice = "name the colour, such as 'light green'" if code else "say it in other words"
            return f"not understood{': ' if words else ''}{words}{kept}; {advice}"
        case "uncertain":
            meant = " and ".join(_joined(_meanings(one), "or") for one in sought) or "what is meant"
            return f"it is not certain that the picture shows {meant}; name it in another way or mark it"
    return _REASONS.get(reason, reason.replace("_", " "))


def _are_kept(edit: "PlannedEdit", words: Sequence[str]) -> bool:
    """Return whether words name nothing but what an edit is to leave alone."""
    roles = {
        one.role
        for one in edit.references
        for word in words
        if word in _name(one).split() or word in one.expression.split()
    }
    return roles == {"keep"}


def _place(edit: "PlannedEdit", region: "EditRegion | None") -> str:
    if edit.unknown_words or (region and region.no_op_reason):
        reason = region.no_op_reason if region and region.no_op_reason else "unknown_words"
        words = (region.unknown_words if region else ()) or edit.unknown_words
        return f": not done: {_reason(edit, reason, words)}"
    if region is None:
        return ""
    surface = f", at {region.surface}" if region.surface else ""
    return f" [{region.coverage:.1%} of the picture{surface}{_left_out(region.not_found)}]"


def _left_out(names: Sequence[str]) -> str:
    return f", not found: {_joined(names)}" if names else ""


def _subject(edit: "PlannedEdit") -> str:
    """Return what is done to what: "recolour the bed", "add on the table", "restyle all but the sofa"."""
    kept = _joined([_name(one) for one in edit.references if one.role == "keep"])
    verb = "change" if edit.operation == "other" else edit.operation
    if edit.scope == "global":
        return f"{verb} {'the whole picture' if not kept else f'all but {kept}'}"
    targets = _joined([_name(one) for one in edit.references if one.role == "target"])
    anchors = _joined([_at(one) for one in edit.references if one.role == "anchor"])
    if not targets and not anchors and edit.instruction:  # "add a plant" refers to nothing that is there
        return edit.instruction
    said = (verb, targets, anchors, f"but not {kept}" if kept else "")
    return " ".join(part for part in said if part)


def _sought(edit: "PlannedEdit") -> "list[Reference]":
    """Return what an edit needs to find: its targets, or what tells where an added thing goes."""
    by_role = {role: [one for one in edit.references if one.role == role] for role in ("target", "anchor")}
    return by_role["target"] or by_role["anchor"]


def _any_of(reference: "Reference") -> str:
    """Return all that a reference may mean: "red wardrobe, red cabinet or red cupboard"."""
    return _joined([_bare(name) for name in _meanings(reference)], "or")


def _meanings(reference: "Reference") -> tuple[str, ...]:
    return (_name(reference), *reference.alternatives)


def _name(reference: "Reference") -> str:
    return reference.english or reference.expression


def _at(anchor: "Reference") -> str:
    relation = "at" if anchor.relation == "unspecified" else anchor.relation.replace("_", " ")
    joint = {"left": "to the left of", "right": "to the right of", "in front": "in front of"}
    return f"{joint.get(relation, relation)} {_name(anchor)}"


def _bare(name: str) -> str:
    """Return a noun phrase without the words that say which: "the rug" is "rug"."""
    words = name.split()
    while len(words) > 1 and words[0].lower() in _DETERMINERS:
        words = words[1:]
    return " ".join(words)


def _joined(parts: Sequence[str], last: str = "and") -> str:
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)
