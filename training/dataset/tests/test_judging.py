"""The judge over HTTP, against a small stand-in that speaks the OpenAI protocol."""

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from langdesign_dataset.errors import JudgeError
from langdesign_dataset.pipeline import Cluster, build, read_report
from langdesign_dataset.recipes import Budget, Judging
from PIL import Image

from .conftest import recipe

HERE = Cluster(workers=0)
GOOD = {"instruction": 9, "realism": 8, "preservation": 8, "technical": 7, "why": "as asked"}
POOR = {"instruction": 2, "realism": 8, "preservation": 8, "technical": 7, "why": "nothing was edited"}


class Endpoint:
    """Answers as it is told: scores, or a status; remembers what it was asked."""

    def __init__(self):
        self.answers, self.asked, self.lock = [], [], threading.Lock()
        self.always = GOOD
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def judging(self, **fields):
        url = f"http://127.0.0.1:{self.server.server_port}/v1"
        settings = {"model": "eyes", "endpoint": url, "input_price": 1e6 / 1000, "concurrency": 1}
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
        if isinstance(answer, int):
            return self._send(answer, {"error": {"message": "no"}})
        text = answer if isinstance(answer, str) else json.dumps(answer)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
        told = {"id": "1", "object": "chat.completion", "created": 0, "model": "eyes"}
        return self._send(200, {**told, "choices": [choice], "usage": usage})

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


def judged(endpoint, triples, models, out, budget=None, **fields):
    told = recipe(judging=endpoint.judging(**fields), budget=budget or Budget(), triples=1)
    return build(told, triples, models, out, cluster=HERE, judge_key="secret")


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


def test_a_busy_endpoint_is_asked_again_and_what_may_be_paid_twice_counts_twice(
    endpoint, triples, models, tmp_path
):
    endpoint.answers = [GOOD, 429, 500, GOOD]
    judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 4
    line = next(one for one in read_report(tmp_path).stages if one.stage == "judge")
    assert line.dollars == pytest.approx(
        3.0
    )  # a dollar an answer, and one for the refusal that may have cost


def test_a_refused_request_ends_the_build_at_once_with_what_to_do(endpoint, triples, models, tmp_path):
    endpoint.always = 400
    with pytest.raises(JudgeError, match="choose a vision model"):
        judged(endpoint, triples, models, tmp_path)
    assert len(endpoint.asked) == 1
    endpoint.always = 500
    with pytest.raises(JudgeError, match=r"no usable answer .* in 3 requests"):
        judged(endpoint, triples, models, tmp_path)


def test_spent_money_ends_the_build_and_loses_no_answer(endpoint, triples, models, tmp_path):
    with pytest.raises(JudgeError, match=r"raise budget\.dollars"):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=1.5))
    assert len(endpoint.asked) == 1
    with pytest.raises(JudgeError):
        judged(endpoint, triples, models, tmp_path, Budget(dollars=1.0))
    assert len(judged(endpoint, triples, models, tmp_path, Budget(dollars=5.0)))
    assert len(endpoint.asked) == 2
