"""The writer on a real language model: llama.cpp's server, and a model that is too small to write well."""

from contextlib import aclosing
from pathlib import Path

from langdesign_triples import Endpoint, LanguageModelWriter, Limits, check, load_context
from langdesign_triples.errors import Unproductive

INTERIOR = load_context(Path(__file__).parents[2] / "contexts" / "interior")


async def test_what_a_small_model_writes_is_checked_and_an_unproductive_one_ends_the_run(
    llama, tmp_path, figure
):
    endpoint = Endpoint(llama, "SmolLM2-135M-Instruct.Q4_1", temperature=0.0)
    limits = Limits(concurrency=1, batch=1, answer_tokens=120, patience=2, corrections=1, timeout=90)
    writer = LanguageModelWriter(INTERIOR, endpoint, tmp_path / "spool.jsonl", limits=limits)

    found, ended = [], ""
    try:
        async with aclosing(writer.triples(3, ("chair",))) as triples:
            async for triple in triples:
                found.append(triple)  # noqa: PERF401 - kept when the run ends with an error
    except Unproductive as error:
        ended = str(error)

    rejected = sum(writer.rejections.values())
    figure(
        f"writer on SmolLM2-135M: {len(found)} triples accepted, {rejected} rejected, "
        f"{writer.spent.tokens} tokens"
    )
    assert all(check(triple, INTERIOR) == [] for triple in found)
    assert len(found) == 3 or "nothing could be accepted" in ended
    assert writer.spent.read > 300
    assert writer.spent.written > 0
