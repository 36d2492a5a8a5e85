"""The judge over HTTP, against a small stand-in that speaks the OpenAI protocol."""

import base64
import contextlib
import io
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from langdesign_dataset.errors import BudgetSpent, JudgeError, RecipeError
from langdesign_dataset.pipeline import Cluster, build, read_report
from langdesign_dataset.purse import Purse
from langdesign_dataset.recipes import Budget, Judging
from langdesign_dataset.store import Store
from PIL import Image

from .conftest import recipe

HERE = Cluster(workers=0)
GOOD = {"instruction": 9, "realism": 8, "preservation": 8, "technical": 7, "why": "as asked"}
USAGE = {"prompt_tokens": 2000, "completion_tokens": 10, "total_tokens": 2010}  # a dollar, at these prices
HANGS_UP = object()  # the request was read, and no answer comes
REFUSED, CUT = object(), '{"instruction": 9, "real'
FILTERED = (400, {"error": {"message": "not that picture", "code": "content_policy_violation"}})
POOR = {"instruction": 2, "realism": 8, "preservation": 8, "technical": 7, "why": "nothing was edited"}


class Endpoint:
    """Answers as it is told: scores, or a status; remembers what it was asked."""

    def __init__(self):
        self.answers, self.asked, self.lock = [], [], threading.Lock()
        self.always, self.together, self.usage = GOOD, threading.Barrier(1), USAGE
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def judging(self, **fields):
        url = f"http://127.0.0.1:{self.server.server_port}/v1"
        settings = {"model": "eyes", "endpoint": url, "input_price": 500.0, "concurrency": 1}
        settings["picture_tokens"] = 200  # a request can cost less than the dollar that it does
        return Judging(**{**settings, **fields})

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.endpoint.lock:
            self.endpoint.asked.append(body)
            answer = self.endpoint.answers.pop(0) if self.endpoint.answers else self.endpoint.always
        self.endpoint.together.wait(20)
        if answer is HANGS_UP:
            return self.connection.shutdown(socket.SHUT_RDWR)
        if isinstance(answer, int):
            return self._send(answer, {"error": {"message": "no"}})
        if isinstance(answer, tuple):
            return self._send(answer[0], answer[1])
        text = answer if isinstance(answer, str) or answer is REFUSED else json.dumps(answer)
        message = {"role": "assistant", "content": text}
        if answer is REFUSED:
            message = {"role": "assistant", "content": None, "refusal": "I will not look at that"}
        choice = {"index": 0, "finish_reason": "length" if answer is CUT else "stop", "message": message}
        told = {"id": "1", "object": "chat.completion", "created": 0, "model": "eyes"}
        return self._send(200, {**told, "choices": [choice], "usage": self.endpoint.usage})

    def _send(self, status, told):
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        """Stay quiet."""


@pytest.fixture
def endpoint():
    one = Endpoint()
    yield one
    one.close()


def judged(endpoint, triples, models, out, budget=None, *, scenes=None, triples_read=1, **fields):
    told = recipe(judging=endpoint.judging(**fields), budget=budget or Budget(), triples=triples_read)
    return build(told, triples, models, out, scenes, cluster=HERE, judge_key="secret")


def judge_line(out):
    return next(one for one in read_report(out).stages if one.stage == "judge")


def test_the_judge_sees_both_pictures_and_the_instruction_and_its_weighted_score_decides(
    endpoint, triples, models, tmp_path
):
    endpoint.answers = [GOOD, POOR]
    made = judged(endpoint, triples, models, tmp_path)
    kept = [one for one in made if one.source == "prompt-to-prompt"]
    (failed,) = made.failures()
    assert [one.scores["judge"] for one in kept] == pytest.approx(
        [0.4 * 0.9 + 0.25 * 0.8 + 0.2 * 0.8 + 0.15 * 0.7]
    )
    assert (failed.verdict, failed.scores["judge_instruction"]) == ("judge", 0.2)
    assert "nothing was edited" in failed.reason
    text, *pictures = endpoint.asked[0]["messages"][0]["content"]
    assert "Make the chair blue" in text["text"]
    for picture in pictures:
        data = base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/png;base64,"))
        assert Image.open(io.BytesIO(data)).size == (32, 32)
    schema = endpoint.asked[0]["response_format"]["json_schema"]["schema"]
    assert schema["type"] == "object"
    assert not schema["additionalProperties"]


def test_an_answer_is_asked_for_once_whatever_happens_later(endpoint, triples, models, tmp_path):
    judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 2
    judged(endpoint, triples, models, tmp_path, least=0.95)
    assert len(endpoint.asked) == 2


def test_an_answer_outside_the_schema_is_asked_for_again_with_the_complaint(
    endpoint, triples, models, tmp_path
):
    endpoint.answers = [{**GOOD, "realism": 11}, "no JSON", GOOD, GOOD]
    judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 4
    assert "did not fit the schema" in endpoint.asked[1]["messages"][0]["content"][0]["text"]


@pytest.mark.parametrize(
    ("failure", "paid"),
    [(429, 0.0), (500, 1.0), (503, 1.0), (HANGS_UP, 1.0)],
)
def test_a_failed_request_counts_with_the_dearest_so_far_if_it_may_have_been_charged(
    endpoint, triples, models, tmp_path, failure, paid
):
    endpoint.answers = [GOOD, failure, GOOD]
    judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 3
    assert judge_line(tmp_path).dollars == pytest.approx(2.0 + paid)


@pytest.mark.parametrize("failure", [429, 500, HANGS_UP])
def test_the_model_is_told_of_its_own_answers_and_not_of_the_transport(
    endpoint, triples, models, tmp_path, failure
):
    endpoint.answers = ["no JSON", failure, GOOD, GOOD]
    judged(endpoint, triples, models, tmp_path)
    first, corrected, again, _ = (one["messages"] for one in endpoint.asked)
    assert first != corrected == again


def test_each_of_answers_under_way_at_once_has_its_own_cost(endpoint, triples, models, tmp_path):
    endpoint.together = threading.Barrier(2)
    judged(endpoint, triples, models, tmp_path, concurrency=2)
    assert Store(tmp_path / "stages").costs() == [1.0, 1.0]
    assert judge_line(tmp_path).dollars == 2.0


def test_a_refused_request_ends_the_build_at_once_with_what_to_do(endpoint, triples, models, tmp_path):
    endpoint.always = 400
    with pytest.raises(JudgeError, match="choose a vision model"):
        judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([REFUSED], r"judge: refused \(I will not look at that\)"),
        ([FILTERED], r"judge: refused \(.*not that picture"),
        (["no JSON"] * 3, r"judge: no valid answer in 3 requests \(Your answer did not fit"),
        ([CUT, 500, HANGS_UP], r"judge: no valid answer in 3 requests \("),
    ],
)
def test_a_pair_without_an_opinion_is_a_failure_with_its_reason_and_the_build_goes_on(
    endpoint, triples, models, tmp_path, answers, said
):
    endpoint.answers = list(answers)
    made = judged(endpoint, triples, models, tmp_path)
    (failed,) = made.failures()
    assert failed.verdict == "judge"
    assert re.match(said, failed.reason)
    assert "judge" not in failed.scores
    assert sum(one.source == "prompt-to-prompt" for one in made) == 1
    assert len(endpoint.asked) == len(answers) + 1
    judged(endpoint, triples, models, tmp_path, least=0.1)
    assert len(endpoint.asked) == len(answers) + 1 + (0 if answers[0] in (REFUSED, FILTERED) else 1)


@pytest.mark.parametrize(("always", "asked"), [(REFUSED, 2), ("no JSON", 6), (500, 6)])
def test_pairs_without_an_opinion_in_a_row_end_the_build(endpoint, triples, models, tmp_path, always, asked):
    endpoint.answers, endpoint.always = [GOOD], always
    with pytest.raises(JudgeError, match=r"no usable answer on 2 samples in a row.*judging\.failures"):
        judged(endpoint, triples, models, tmp_path, triples_read=4, failures=2)
    assert len(endpoint.asked) == 1 + asked
    endpoint.always = GOOD
    with pytest.raises(JudgeError) if always is REFUSED else contextlib.nullcontext():
        judged(endpoint, triples, models, tmp_path, triples_read=4, failures=2)  # what was refused stays so
    assert judged(endpoint, triples, models, tmp_path, triples_read=4, failures=3)


def test_an_answer_between_two_pairs_without_one_keeps_the_build_going(endpoint, triples, models, tmp_path):
    endpoint.answers = [REFUSED, GOOD, REFUSED, GOOD]
    made = judged(endpoint, triples, models, tmp_path, triples_read=4, failures=2)
    assert len([one for one in made.failures() if one.reason.startswith("judge: refused")]) == 2


@pytest.mark.parametrize("field", ["max_completion_tokens", "max_tokens"])
def test_an_answer_is_bounded_in_the_field_that_the_endpoint_knows(
    endpoint, triples, models, tmp_path, field
):
    judged(endpoint, triples, models, tmp_path, limit_field=field, answer_tokens=321)
    assert endpoint.asked[0][field] == 321
    assert len({"max_completion_tokens", "max_tokens"} & endpoint.asked[0].keys()) == 1


def test_a_first_request_that_could_cost_more_than_the_budget_is_not_made(
    endpoint, triples, models, tmp_path
):
    dear = {"picture_tokens": 8500, "output_price": 1000.0, "answer_tokens": 2000}
    with pytest.raises(BudgetSpent):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=10.0), **dear)
    assert endpoint.asked == []
    judged(endpoint, triples, models, tmp_path, Budget(dollars=12.0), **dear)
    assert len(endpoint.asked) == 2


def test_first_requests_of_workers_are_bounded_by_the_most_that_they_can_cost(tmp_path):
    one, other = (Purse(Store(tmp_path), 3.0) for _ in range(2))
    with one.request(2.0) as first:
        with pytest.raises(BudgetSpent), other.request(2.0):
            pass
        first.settle(0.5)
    with other.request(2.0) as bill:  # what one costs is known now
        assert bill.dollars == 0.5


def test_a_request_that_was_never_settled_teaches_no_price(tmp_path):
    purse = Purse(Store(tmp_path), 10.0)
    with purse.request(4.0):
        pass
    with purse.request(3.0) as bill:
        assert bill.dollars == 3.0


def test_spent_money_ends_the_budget_and_not_the_build(endpoint, triples, models, scenes, tmp_path):
    some = judged(endpoint, triples, models, tmp_path, Budget(dollars=1.5), scenes=scenes)
    assert len(endpoint.asked) == 1
    assert {one.source for one in some} == {"rendered"}
    assert not read_report(tmp_path).complete
    judged(endpoint, triples, models, tmp_path, Budget(dollars=1.0), scenes=scenes)
    assert len(endpoint.asked) == 1
    made = judged(endpoint, triples, models, tmp_path, Budget(dollars=2.0), scenes=scenes)
    assert len(endpoint.asked) == 2
    assert "prompt-to-prompt" in {one.source for one in made}
    assert read_report(tmp_path).complete
    assert judge_line(tmp_path).dollars == 2.0


def test_answers_under_way_at_once_stay_within_the_budget(endpoint, triples, models, tmp_path):
    with pytest.raises(BudgetSpent, match="before a single block was done; raise it"):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=3.0), triples_read=4, concurrency=4)
    assert len(endpoint.asked) == 3
    assert Store(tmp_path / "stages").costs() == [1.0, 1.0, 1.0]


def test_nothing_new_is_generated_that_no_judge_can_be_paid_for(endpoint, triples, models, tmp_path):
    with pytest.raises(BudgetSpent):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=1.0), triples_read=4)
    assert len(list((tmp_path / "stages/pairs").iterdir())) == 1


def test_requests_that_gave_no_answer_stay_counted_in_later_builds(endpoint, triples, models, tmp_path):
    endpoint.answers = ["no JSON"] * 3
    with pytest.raises(JudgeError):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=3.5), failures=1)
    with pytest.raises(BudgetSpent):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=3.5), failures=1)
    assert len(endpoint.asked) == 3


@pytest.mark.parametrize("usage", [None, {**USAGE, "prompt_tokens": 0}])
def test_an_endpoint_that_does_not_say_what_it_took_cannot_be_bounded(
    endpoint, triples, models, tmp_path, usage
):
    endpoint.usage = usage
    with pytest.raises(JudgeError, match=r"budget\.dollars bounds nothing; take it away"):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=5.0))
    assert len(endpoint.asked) == 1
    assert judged(endpoint, triples, models, tmp_path)


def test_dollars_without_prices_are_refused_and_a_free_endpoint_needs_neither(
    endpoint, triples, models, tmp_path
):
    with pytest.raises(RecipeError, match=r"give judging\.input_price"):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=5.0), input_price=0.0)
    assert endpoint.asked == []
    assert judged(endpoint, triples, models, tmp_path, input_price=0.0)


def test_what_one_worker_leaves_another_may_spend(tmp_path):
    one, other = (Purse(Store(tmp_path), 3.0) for _ in range(2))
    for purse in (one, other, other):
        with purse.request(1.0) as bill:
            bill.settle(1.0)
    for purse in (one, other):
        with pytest.raises(BudgetSpent, match=r"\$3\.00 of the \$3\.00"), purse.request(1.0):
            pass


def test_a_request_that_a_worker_did_not_live_to_settle_stays_counted(tmp_path):
    purse = Purse(Store(tmp_path), 2.0)
    with purse.request(1.0) as bill:
        bill.settle(1.0)
    killed = purse.request(1.0)
    killed.__enter__()
    with pytest.raises(BudgetSpent), Purse(Store(tmp_path), 2.0).request(1.0):
        pass
