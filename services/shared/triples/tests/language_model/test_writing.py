"""A writer on a language model: what it asks, what it takes, and when it ends."""

import asyncio
from dataclasses import replace
from itertools import islice

import pytest
from langdesign_triples import InvalidContext, check
from langdesign_triples.curriculum import subjects_in_turn
from langdesign_triples.errors import Refused, Unproductive, Unreachable


async def test_what_it_writes_passes_every_check_and_follows_the_curriculum(new_writer, gathered, interior):
    triples = await gathered(new_writer(), 40)

    assert len(triples) == 40
    assert all(check(triple, interior) == [] for triple in triples)
    assert sorted(one.subject for one in triples) == sorted(islice(subjects_in_turn(interior), 40))
    assert {triple.change for triple in triples} == set(interior.operations)


async def test_a_request_shows_the_agent_its_shots_and_a_schema_whose_root_is_an_object(
    new_writer, gathered, service, interior
):
    await gathered(new_writer(batch=3), 3, ("bedroom",))

    request = service.requests[0]
    described = request["response_format"]["json_schema"]
    system, _, shots, wish = request["messages"]
    assert described["strict"] is True
    assert described["schema"]["type"] == "object"
    assert described["schema"]["required"] == ["triples"]
    assert system["content"].startswith(interior.agents["bedroom"].system.strip())
    assert interior.agents["bedroom"].shots[0].edit in shots["content"]
    assert "Write 3 for the subject bedroom" in wish["content"]
    assert not {"tools", "functions", "tool_choice", "temperature", "max_tokens"} & request.keys()


async def test_only_what_is_ordered_is_written(new_writer, gathered):
    triples = await gathered(new_writer(), 6, ("chair", "kitchen"))

    assert {triple.subject for triple in triples} == {"chair", "kitchen"}


async def test_a_subject_that_the_context_lacks_is_told_before_anything_is_asked(
    new_writer, gathered, service
):
    with pytest.raises(InvalidContext, match="no subject 'garage'"):
        await gathered(new_writer(), 1, ("garage",))

    assert service.requests == []


async def test_an_answer_goes_back_with_what_is_wrong_in_it(new_writer, gathered, service, author):
    def answer(request, number):
        triples = author.write(request) if number != 1 else [kept.pop()]
        if number == 0:
            kept.extend(triples)
            triples = [replace(triple, output=f"{triple.output} with a dragon") for triple in triples]
        return service.says(service.shown(*triples))

    kept = []
    service.answer = answer
    writer = new_writer(concurrency=1)

    assert len(await gathered(writer, 1)) == 1

    first, second = service.requests
    assert second["messages"][:4] == first["messages"]
    assert "with a dragon" in second["messages"][4]["content"]
    assert "Not all of that can be used" in second["messages"][5]["content"]
    assert writer.rejections.total() == 1


async def test_of_half_a_batch_and_of_an_answer_that_is_cut_off_what_is_whole_is_taken(
    new_writer, gathered, service, author
):
    def answer(request, number):
        text = service.shown(*author.write(request))
        return service.says(text[: int(len(text) * 0.7)] if number == 0 else text)

    service.answer = answer
    writer = new_writer(concurrency=1, batch=5)

    assert len(await gathered(writer, 5, ("chair",))) == 5
    assert len(service.requests) == 2
    assert "Write 5" not in service.requests[1]["messages"][-1]["content"]


async def test_a_model_that_repeats_itself_is_left(new_writer, until, service, author):
    first = []

    def answer(request, number):
        first.extend([] if first else author.write(request))
        return service.says(service.shown(*first))

    service.answer = answer
    writer = new_writer(concurrency=1, batch=4)

    triples, message = await until(Unproductive, writer, 400)

    assert 0 < len(triples) <= 4
    assert "nothing could be accepted" in message
    assert writer.rejections["duplicate"] + writer.rejections["surplus"] + writer.rejections["subject"] > 0


async def test_a_model_that_refuses_is_left_and_quoted(new_writer, until, service):
    service.answer = lambda *_: service.says(None, refusal="I will not write\nabout chairs.")

    triples, message = await until(Unproductive, new_writer(), 10)

    assert triples == []
    assert "the model refuses: I will not write about chairs." in message


async def test_a_request_that_is_refused_is_one_clear_error_after_one_request(new_writer, until, service):
    service.answer = lambda *_: service.fails(400, "Invalid schema for response_format", "invalid_request")

    triples, message = await until(Refused, new_writer(concurrency=8), 100)

    assert triples == []
    assert "status 400: 'Invalid schema for response_format'" in message
    assert "look at its address, key, model" in message
    assert "secret-key" not in message
    assert len(service.requests) == 1


async def test_an_account_without_money_is_no_reason_to_wait(new_writer, until, service):
    service.answer = lambda *_: service.fails(429, "You exceeded your quota", "insufficient_quota")

    await until(Refused, new_writer(), 10)

    assert len(service.requests) == 1


async def test_a_redirection_is_not_followed(new_writer, until, service):
    service.answer = lambda *_: service.sends(b"", 307, Location=f"{service.url}/elsewhere")

    await until(Refused, new_writer(), 10)

    assert len(service.requests) == 1


async def test_a_short_rest_is_kept_and_a_long_one_ends_the_run(
    new_writer, gathered, until, service, author, tmp_path
):
    def answer(request, number):
        if number == 0:
            return service.fails(429, Retry_After="0.2")
        return service.says(service.shown(*author.write(request)))

    service.answer = answer
    started = asyncio.get_running_loop().time()
    assert len(await gathered(new_writer(), 3)) == 3
    assert asyncio.get_running_loop().time() - started >= 0.2

    service.requests.clear()
    service.answer = lambda *_: service.fails(429, Retry_After="7200")
    _, message = await until(Unreachable, new_writer(seed=1, spool=tmp_path / "other.jsonl"), 3)
    assert "asks to wait 7200 s" in message
    assert len(service.requests) == 1


@pytest.mark.parametrize("trouble", ["status 500", "a late answer", "no connection"])
async def test_an_endpoint_that_fails_is_tried_a_few_times(new_writer, until, service, trouble):
    options = {"tries": 3}
    if trouble == "status 500":
        service.answer = lambda *_: service.fails(500)
    elif trouble == "a late answer":
        service.answer = lambda *_: service.hang()
        options["timeout"] = 0.1
    else:
        options["url"] = "http://127.0.0.1:9/v1"
    writer = new_writer(concurrency=1, **options)

    _, message = await until(Unreachable, writer, 5)

    assert "no answer in 3 tries" in message
    # What may have been charged counts each time; where no connection came about, nothing was.
    assert len(service.requests) == (0 if trouble == "no connection" else 3)
    assert (writer.spent.tokens == 0) == (trouble == "no connection")


async def test_no_more_requests_are_open_at_once_than_allowed_and_the_first_goes_alone(
    new_writer, gathered, service, author
):
    open_at_first = []

    def answer(request, number):
        if number == 0:
            open_at_first.append(service.open)
        return service.says(service.shown(*author.write(request)))

    service.answer = answer
    await gathered(new_writer(concurrency=3, batch=1), 20)

    assert open_at_first == [1]
    assert 1 <= service.most_open <= 3


async def test_requests_keep_to_their_rate(new_writer, gathered, service):
    started = asyncio.get_running_loop().time()

    await gathered(new_writer(batch=1, requests_per_minute=1200, concurrency=8), 26)

    # 20 a second, and one second's worth at once: the 26th has to wait for 5 turns at least.
    assert asyncio.get_running_loop().time() - started >= 0.2


async def test_a_reader_that_goes_away_ends_the_requests(new_writer, service):
    writer = new_writer(batch=1)
    triples = writer.triples(1000)

    await anext(triples)
    await triples.aclose()

    asked = len(service.requests)
    await asyncio.to_thread(service.released.wait, 0.1)
    assert len(service.requests) <= asked + 4  # those that were on their way
    assert len(asyncio.all_tasks()) == 1
