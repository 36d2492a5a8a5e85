import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_rela import CheckpointError, ExpressionTokenizer, InvalidInput


@pytest.fixture
def tokenizer(tiny_folder):
    return ExpressionTokenizer(tiny_folder / "vocab.txt", max_tokens=20)


def pieces(tiny_folder, tokens, row=0):
    vocabulary = (tiny_folder / "vocab.txt").read_text().split("\n")
    return [vocabulary[i] for i, m in zip(tokens.ids[row], tokens.mask[row], strict=True) if m]


def test_an_expression_is_lower_cased_and_split_into_word_pieces(tokenizer, tiny_folder):
    tokens = tokenizer.encode(["The RED armchairs"])
    assert pieces(tiny_folder, tokens) == ["[CLS]", "the", "red", "armchair", "##s", "[SEP]"]
    assert tokens.ids.shape == tokens.mask.shape == (1, 20)
    assert tokens.ids[0, 6:].tolist() == [0] * 14


def test_accents_are_dropped_as_in_the_original(tokenizer, tiny_folder):
    assert pieces(tiny_folder, tokenizer.encode(["Chaïr"]))[1] == "chair"


def test_a_long_expression_is_cut_behind_with_its_end_and_reported(tokenizer, tiny_folder):
    tokens = tokenizer.encode(["chair " * 200, "chair " * 18])
    assert pieces(tiny_folder, tokens) == ["[CLS]"] + ["chair"] * 19
    assert pieces(tiny_folder, tokens, 1)[-1] == "[SEP]"
    assert tokens.truncated == [True, False]


def test_a_word_of_unknown_things_is_spelt(tokenizer, tiny_folder):
    assert pieces(tiny_folder, tokenizer.encode(["yak"]))[1:-1] == ["y", "##a", "##k"]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("the Red armchairs", ()),
        ("the yak beside the chair", ("yak",)),
        ("die Sitzpouf, 赤い椅子 and a chair", ("die", "Sitzpouf", "赤い椅子")),
        ("my chair's 2 arms, at it", ("arms",)),
        ("🪑 chair", ()),
    ],
)
def test_words_without_a_piece_or_spelt_letter_by_letter_are_unknown(tokenizer, text, unknown):
    assert tokenizer.read(text).unknown == unknown
    assert tokenizer.read(text).text == text


@pytest.fixture
def taught(tiny_folder):
    """The tokenizer of a network that was taught a few of its vocabulary's words."""
    words = frozenset({"chair", "chairs", "dresser", "shelves", "bed", "red", "next", "to"})
    return ExpressionTokenizer(tiny_folder / "vocab.txt", 20, words)


@pytest.mark.parametrize(
    ("text", "read", "unknown"),
    [
        ("both Dressers", "both dresser", ()),
        ("the shelf", "the shelves", ()),
        ("the CHAIRS", "the chairs", ()),
        ("the rustic bed", "the bed", ("rustic",)),
        ("the Elephant next to the bed", "the elephant next to the bed", ("Elephant",)),
        ("Sitzpouf", "Sitzpouf", ("Sitzpouf",)),
        ("the bed's", "the bed ' s", ()),
    ],
)
def test_a_taught_word_is_read_in_the_form_that_was_taught_and_what_was_not_is_unknown(
    taught, text, read, unknown
):
    reading = taught.read(text)
    assert (reading.text, reading.unknown) == (read, unknown)


@given(st.lists(st.sampled_from(["chair", "bed", "yak", "quagga", "the", "RED", ",", "🪑"]), max_size=8))
def test_unknown_words_are_words_of_the_expression_in_order(tiny_folder, words):
    tokenizer = ExpressionTokenizer(tiny_folder / "vocab.txt", 20, frozenset({"chair", "bed", "red"}))
    assert list(tokenizer.read(" ".join(words)).unknown) == [w for w in words if w in {"yak", "quagga"}]


def test_a_plural_is_encoded_as_the_singular_that_was_taught(taught):
    assert taught.encode(["the dressers"]).ids.tolist() == taught.encode(["the dresser"]).ids.tolist()


def test_words_that_are_not_known_are_marked(tokenizer, tiny_folder):
    assert pieces(tiny_folder, tokenizer.encode(["🛋️ chair"]))[1] == "[UNK]"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\n\t", "\u200b", "?!...", "🪑🔥", "[CLS] [MASK]", "🪑 " * 30 + "chair"],
)
def test_an_expression_without_a_word_is_refused(tokenizer, text):
    with pytest.raises(InvalidInput, match="Expression 1 holds no word"):
        tokenizer.encode(["chair", text])


def test_no_expression_is_refused(tokenizer):
    with pytest.raises(InvalidInput, match="give at least one"):
        tokenizer.encode([])


def test_an_absent_vocabulary_is_reported_with_its_hint(tmp_path):
    with pytest.raises(CheckpointError, match=r"vocab.txt of bert-base-uncased"):
        ExpressionTokenizer(tmp_path / "vocab.txt", 20)


def test_a_vocabulary_that_is_not_berts_is_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("[UNK]\n[PAD]\nchair\n")
    with pytest.raises(CheckpointError, match=r"lacks \[CLS\], \[SEP\]"):
        ExpressionTokenizer(tmp_path / "vocab.txt", 20)
