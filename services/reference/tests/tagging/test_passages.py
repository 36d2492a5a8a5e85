"""Tags, the passages that they make, and what each passage's edit refers to."""

from langdesign_reference.plan import Role, Scope
from langdesign_reference.tagging.passages import Passage, Span, passages_of, tags_of, told

# "the lamp goes , the rug stays , paint it red"
LAMP, RUG, RED = Span(0, 2, "T"), Span(4, 6, "KA"), Span(10, 11, "V")
WORDS = 11


def lamp_and_rug(keep: Span = RUG) -> list[Passage]:
    """Return a removal, and after what stays a change of what was removed."""
    return [Passage(0, 7, [LAMP, keep], "remove"), Passage(7, WORDS, [RED], "recolour", implied="T")]


def test_tags_tell_passages_and_their_spans():
    passages = passages_of(tags_of(lamp_and_rug(), WORDS))
    assert [(one.start, one.end, one.spans) for one in passages] == [(0, 7, [LAMP, RUG]), (7, WORDS, [RED])]


def test_spans_that_touch_stay_two():
    beside = [Span(0, 2, "T"), Span(2, 4, "T"), Span(4, 5, "A")]
    assert passages_of(tags_of([Passage(0, 5, beside)], 5))[0].spans == beside


def test_a_span_that_only_goes_on_begins_one():
    assert passages_of(["O", "I-T", "I-A"])[0].spans == [Span(1, 2, "T"), Span(2, 3, "A")]


def test_what_is_implied_is_what_was_named_before():
    assert told(lamp_and_rug())[1].references == ((0, 2, Role.TARGET),)


def test_what_is_implied_is_an_anchor_where_nothing_else_was_named():
    on_the_table = Passage(0, 4, [Span(2, 4, "A")], "add")
    beside_it = Passage(4, 8, [], "move", implied="A")
    assert told([on_the_table, beside_it])[1].references == ((2, 4, Role.ANCHOR),)


def test_a_keep_of_its_own_clause_is_of_every_edit_before():
    first = Passage(0, 3, [Span(1, 3, "T")], "remove")
    second = Passage(3, 9, [Span(4, 6, "T"), Span(7, 9, "KA")], "recolour")
    kept = [(7, 9, Role.KEEP) in one.references for one in told([first, second])]
    assert kept == [True, True]
    second.spans[1] = Span(7, 9, "K")
    assert [(7, 9, Role.KEEP) in one.references for one in told([first, second])] == [False, True]


def test_a_keep_before_any_edit_is_of_the_next():
    keep = Passage(0, 3, [Span(1, 3, "K")])
    assert told([keep, Passage(3, 6, [Span(4, 6, "T")], "remove")])[0].references == (
        (1, 3, Role.KEEP),
        (4, 6, Role.TARGET),
    )


def test_what_names_nothing_is_of_the_whole_picture_unless_it_adds():
    scopes = [told([Passage(0, 2, [Span(0, 1, "K")], kind)])[0].scope for kind in ("restyle", "add")]
    assert scopes == [Scope.GLOBAL, Scope.REGION]
