"""The grammar writer: the same triples for the same seed, varied, and all of them accepted by the checks."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from langdesign_triples import (
    Change,
    GrammarWriter,
    InvalidContext,
    SubjectKind,
    VocabularyExhausted,
    check,
    diversity,
    load_context,
)

MODELS = Path(__file__).parents[4] / "deploy" / "models" / "mini"


@pytest.fixture(scope="module")
def interiors(interior):
    return list(GrammarWriter(interior, 0).triples(600))


def test_every_triple_passes_every_check(context, figure):
    triples = list(GrammarWriter(context, 7).triples(1000))
    wrong = [(triple, found) for triple in triples if (found := check(triple, context))]
    share = 1 - len(wrong) / len(triples)
    figure(f"grammar writer, {context.name}: {share:.1%} of {len(triples)} triples accepted by the checks")
    assert not wrong


def test_the_first_of_a_longer_run_are_those_of_a_shorter_one(interior, interiors):
    assert list(GrammarWriter(interior, 0).triples(37)) == interiors[:37]


def test_another_seed_writes_others(interior, interiors):
    others = GrammarWriter(interior, 1).triples(100)
    assert len(set(others) & set(interiors)) < 3


def test_no_two_are_the_same(interiors):
    assert len(set(interiors)) == len(interiors)


def test_every_subject_and_every_change_comes(interior, interiors):
    assert {one.subject for one in interiors} == {*interior.objects, *interior.rooms}
    counted = Counter(one.change for one in interiors)
    for change, weight in interior.operations.items():
        assert counted[change] / len(interiors) == pytest.approx(weight, abs=0.06)


def test_a_round_has_single_objects_first_and_rooms_after(interiors):
    kinds = [one.subject_kind for one in interiors[:20]]
    assert kinds == 2 * (4 * [SubjectKind.OBJECT] + 6 * [SubjectKind.ROOM])


def test_only_the_subjects_that_are_asked_for_come(wardrobe):
    triples = GrammarWriter(wardrobe, 0).triples(30, ["shop window", "hat"])
    assert {one.subject for one in triples} == {"shop window", "hat"}
    with pytest.raises(InvalidContext, match="garage"):
        next(GrammarWriter(wardrobe, 0).triples(1, ["garage"]))


def test_a_no_op_is_worded_in_many_ways(interior):
    nothing = [one for one in GrammarWriter(interior, 0).triples(2000) if one.change is Change.NONE]
    assert len({one.edit.split()[0] for one in nothing}) > 8
    assert all(one.output == one.input and not one.target_after for one in nothing)


def test_the_set_is_varied(interiors, figure):
    report = diversity(interiors)
    figure(
        f"grammar writer: {report.distinct_edits:.1%} of {report.count} instructions are unlike any "
        f"other; {report.near_duplicates:.1%} of the triples are near-duplicates"
    )
    assert report.distinct_edits > 0.9
    assert report.near_duplicates < 0.01
    assert report.openings > 30


def test_captions_hold_what_a_text_encoder_reads(context):
    triples = GrammarWriter(context, 3).triples(500)
    assert max(len(one.input.split()) for one in triples) <= 30


def test_the_embedded_models_know_every_word_of_the_interior(interiors):
    """Words that their tokenizer has whole are those that they were taught."""
    told = json.loads((MODELS / "clip" / "tokenizer.json").read_text())
    known = set(told["model"]["vocab"])
    texts = {text for one in interiors for text in (one.input, one.output, one.edit, one.target_before)}
    words = {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
    assert len(words) > 60
    assert {word for word in words if f"{word}</w>" not in known} == set()


def test_words_that_run_out_are_an_error_that_says_what_to_do(folder):
    header = folder / "context.toml"
    text = header.read_text().replace('["shirt", "dress", "coat", "hat"]', '["hat"]')
    header.write_text(text[: text.index("[operations]")] + "[operations]\nremove = 1.0\n")
    (folder / "phrases.toml").write_text('remove = ["Remove {x}"]\n')
    writer = GrammarWriter(load_context(folder), 0).triples(100_000, ["hat"])
    with pytest.raises(VocabularyExhausted, match=r"no new triple for 'hat' after \d+; ask for fewer"):
        list(writer)
