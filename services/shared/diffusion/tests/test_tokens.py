import pytest
from langdesign_diffusion import InvalidParameters
from langdesign_diffusion.random_weights import make_tokenizer
from langdesign_diffusion.tokens import compose, encode_prompt, stop_words


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer(["make the blue chair red", "paint the wall green", "make the chair red"])


def content(tokenizer, instruction, regions=(None,)):
    prompt = encode_prompt(tokenizer, instruction, regions)
    pieces = tokenizer.convert_ids_to_tokens(prompt.ids[0].tolist())
    return ["".join(pieces[i] for i in row.nonzero()).replace("</w>", " ").split() for row in prompt.words]


def test_stop_words_and_punctuation_carry_no_content(tokenizer):
    assert content(tokenizer, "Make the blue chair, please: RED!") == [["make", "blue", "chair", "red"]]


def test_a_word_of_several_tokens_counts_whole(tokenizer):
    assert content(tokenizer, "a zebra's émail-vase") == [["zebra", "Ã©mail", "vase"]]


def test_the_end_is_effective_in_every_region_and_the_start_in_none(tokenizer):
    prompt = encode_prompt(tokenizer, "make the chair red", (None, None))
    assert prompt.ids[0, prompt.end] == tokenizer.eos_token_id
    assert prompt.ids[0, prompt.end - 1] != tokenizer.eos_token_id
    assert prompt.effective()[:, prompt.end].all()
    assert not prompt.effective()[:, 0].any()
    assert not prompt.effective()[:, prompt.end + 1 :].any()


def test_a_regions_instruction_is_found_in_the_text_or_appended():
    text, spans = compose("Make the chair red and add a lamp", ["add a lamp", None, "paint the wall"])
    assert text == "Make the chair red and add a lamp, paint the wall"
    assert [text[start:end] for start, end in spans] == [
        "add a lamp",
        "Make the chair red and add a lamp",
        "paint the wall",
    ]


def test_a_text_past_the_encoders_context_is_refused_with_its_hint(tokenizer):
    encode_prompt(tokenizer, "red " * 75, ())
    with pytest.raises(InvalidParameters, match=r"has \d+ tokens .* at most 75 fit: shorten it"):
        encode_prompt(tokenizer, "red " * 75, ("blue",))


def test_the_verbs_of_edits_are_no_stop_words():
    assert not stop_words() & {"make", "add", "remove", "replace", "change", "turn", "paint", "red", "left"}
    assert {"the", "a", "with", "to"} <= stop_words()


def test_the_name_of_a_special_token_in_a_text_is_only_text(tokenizer):
    prompt = encode_prompt(tokenizer, "make <|endoftext|> red", (None,))
    assert (prompt.ids[0] == tokenizer.eos_token_id).nonzero()[0] == prompt.end


def test_a_regions_instruction_is_not_found_inside_a_word():
    text, spans = compose("a restored chair", ["red"])
    assert (text, spans) == ("a restored chair, red", ((18, 21),))
