from concurrent.futures import ThreadPoolExecutor

import pytest
from langdesign_diffusion import InvalidParameters
from langdesign_diffusion.random_weights import make_tokenizer
from langdesign_diffusion.tokens import check_instruction, encode_prompt, stop_words, unknown_words
from transformers import CLIPTokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer(["make the blue chair red", "paint the wall green", "make the chair red"])


def content(tokenizer, instruction):
    prompt = encode_prompt(tokenizer, instruction)
    pieces = tokenizer.convert_ids_to_tokens(prompt.ids[0].tolist())
    return "".join(pieces[i] for i in prompt.words.nonzero()).replace("</w>", " ").split()


def test_stop_words_and_punctuation_carry_no_content(tokenizer):
    assert content(tokenizer, "Make the blue chair, please: RED!") == ["make", "blue", "chair", "red"]


def test_a_word_of_several_tokens_counts_whole(tokenizer):
    assert content(tokenizer, "a zebra's émail-vase") == ["zebra", "Ã©mail", "vase"]


def test_the_end_is_effective_and_the_start_is_not(tokenizer):
    prompt = encode_prompt(tokenizer, "make the chair red")
    assert prompt.ids[0, prompt.end] == tokenizer.eos_token_id
    assert prompt.ids[0, prompt.end - 1] != tokenizer.eos_token_id
    assert prompt.effective()[prompt.end]
    assert not prompt.effective()[0]
    assert not prompt.effective()[prompt.end + 1 :].any()


def test_a_text_past_the_encoders_context_is_refused_with_its_hint(tokenizer):
    encode_prompt(tokenizer, "red " * 75)
    for read in (encode_prompt, check_instruction):
        with pytest.raises(InvalidParameters, match=r"has 76 tokens; at most 75 fit: shorten it") as caught:
            read(tokenizer, "red " * 76, "regions[1].instruction")
        assert caught.value.field == "regions[1].instruction"


def test_the_tokens_of_an_instruction_are_counted_without_its_ends(tokenizer):
    check = check_instruction(tokenizer, "make the chair red", "instruction")
    assert (check.field, check.tokens, check.token_limit) == ("instruction", 4, 75)


def test_a_closed_vocabulary_does_not_know_what_it_spells(tokenizer):
    assert unknown_words(tokenizer, "Make the RED chair, red!") == ()
    spelt = "Färbe the Sitzpouf: red, the Sitzpouf-chair"
    assert unknown_words(tokenizer, spelt) == ("Färbe", "Sitzpouf")
    assert check_instruction(tokenizer, spelt, "instruction").unknown_words == ("Färbe", "Sitzpouf")


def test_a_vocabulary_of_a_language_knows_all_that_it_spells(tokenizer):
    vocabulary = tokenizer.get_vocab() | {f"word{at}</w>": len(tokenizer) + at for at in range(20_000)}
    open_one = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)
    assert unknown_words(open_one, "Färbe the Sitzpouf red") == ()


def test_a_letter_that_is_in_no_vocabulary_is_unknown_in_any():
    letters = {
        f"{letter}{end}": 2 * at + bool(end) for at, letter in enumerate("abc") for end in ("", "</w>")
    }
    many = {f"word{at}</w>": len(letters) + at for at in range(20_000)}
    ends = {"<|startoftext|>": 20_010, "<|endoftext|>": 20_011}
    without = CLIPTokenizer(vocab=letters | many | ends, merges=[], model_max_length=77)
    assert unknown_words(without, "abc bad cab") == ("bad",)


def test_instructions_are_checked_in_many_threads_at_once(tokenizer):
    texts = [f"make the chair {'red ' * at}" for at in range(1, 60)]
    with ThreadPoolExecutor(8) as threads:
        counted = threads.map(lambda text: check_instruction(tokenizer, text, "x").tokens, texts * 5)
    assert list(counted) == [3 + at for at in range(1, 60)] * 5


def test_the_verbs_of_edits_are_no_stop_words():
    assert not stop_words() & {"make", "add", "remove", "replace", "change", "turn", "paint", "red", "left"}
    assert {"the", "a", "with", "to"} <= stop_words()


def test_the_name_of_a_special_token_in_a_text_is_only_text(tokenizer):
    prompt = encode_prompt(tokenizer, "make <|endoftext|> red")
    assert (prompt.ids[0] == tokenizer.eos_token_id).nonzero()[0] == prompt.end
