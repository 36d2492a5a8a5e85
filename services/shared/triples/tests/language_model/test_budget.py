"""What a language model may cost, and what is kept of what was paid."""

import pytest
from langdesign_triples import Budget
from langdesign_triples.errors import BudgetSpent, Unpriced


async def test_tokens_end_a_run_within_its_budget_and_more_of_them_go_on(
    new_writer, until, gathered, service
):
    writer = new_writer(budget=Budget(tokens=20_000), answer_tokens=400)
    before, message = await until(BudgetSpent, writer, 200)
    asked = len(service.requests)

    assert 0 < len(before) < 200
    assert 0 < writer.spent.tokens <= 20_000
    assert writer.spent.tokens == 1000 * asked
    assert "The budget of 20000 tokens leaves nothing for another request" in message

    after = await gathered(new_writer(budget=Budget(tokens=2_000_000), answer_tokens=400), 200)
    assert after[: len(before)] == before
    assert len(after) == 200


async def test_money_ends_a_run_within_its_budget(new_writer, until):
    writer = new_writer(
        budget=Budget(dollars=0.05), read_price=1.0, write_price=10.0, answer_tokens=400, concurrency=2
    )

    triples, message = await until(BudgetSpent, writer, 2000)

    assert triples
    assert 0.03 < writer.dollars <= 0.05
    assert "$0.05" in message


async def test_a_budget_that_is_too_small_for_one_request_sends_none(new_writer, until, service):
    await until(BudgetSpent, new_writer(budget=Budget(tokens=100)), 1)

    assert service.requests == []


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": -5, "completion_tokens": 3}, {"prompt_tokens": 1e300}, "much"]
)
async def test_where_an_endpoint_does_not_say_what_it_charged_the_most_is_counted(
    new_writer, gathered, service, author, usage
):
    service.answer = lambda request, _: service.says(service.shown(*author.write(request)), usage)
    writer = new_writer(answer_tokens=400)

    await gathered(writer, 1)

    assert writer.spent.written == 400
    assert writer.spent.read > 500


async def test_a_request_that_may_be_charged_twice_is_counted_twice(new_writer, gathered, service, author):
    def answer(request, number):
        return service.fails(502) if number == 0 else service.says(service.shown(*author.write(request)))

    service.answer = answer
    writer = new_writer(answer_tokens=400, concurrency=1)

    await gathered(writer, 1)

    assert writer.spent.written == 400 + 300
    assert len(service.requests) == 2


async def test_a_request_that_was_turned_away_costs_nothing(new_writer, gathered, service, author):
    def answer(request, number):
        return service.fails(429) if number == 0 else service.says(service.shown(*author.write(request)))

    service.answer = answer
    writer = new_writer(concurrency=1)

    await gathered(writer, 1)

    assert writer.spent.tokens == 1000
    assert len(service.requests) == 2


def test_the_tighter_bound_of_two_budgets_holds():
    assert Budget(0, 2.0).within(Budget(500, 3.0)) == Budget(500, 2.0)
    assert Budget().within(Budget()) == Budget()


def test_dollars_without_prices_are_refused_when_the_writer_is_made(new_writer, service):
    with pytest.raises(Unpriced, match=r"\$10 bounds nothing .* give what a million tokens .* \(0\)"):
        new_writer(budget=Budget(dollars=10.0))

    assert service.requests == []


async def test_an_endpoint_that_is_free_needs_neither_prices_nor_a_bound_in_dollars(new_writer, gathered):
    assert len(await gathered(new_writer(budget=Budget(tokens=1_000_000)), 1)) == 1


@pytest.mark.parametrize("status", [429, 500])
async def test_an_agent_is_told_of_its_own_answers_and_not_of_the_transport(
    new_writer, gathered, service, author, status
):
    def answer(request, number):
        if number == 0:
            return service.fails(status)
        return service.says("", {}) if number == 1 else service.says(service.shown(*author.write(request)))

    service.answer = answer

    await gathered(new_writer(concurrency=1), 1)

    first, second, third = (request["messages"] for request in service.requests)
    assert first == second == third
