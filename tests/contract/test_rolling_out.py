"""A delivery rolls out newer commits alone, and puts back what served where the new does not."""

import importlib
import json
import os
import re
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

KUBECTL = """#!/bin/sh
# A client of a cluster: it notes what it is asked for; a rollout fails while what is broken is applied.
test ! -e "$STATE/unreachable" || exit 1
echo "$*" >> "$STATE/calls"
case "$*" in
  *"get namespace"*) cat "$STATE/namespace" ;;
  *annotate*)
    case "$*" in
      *--resource-version=7*) test ! -e "$STATE/raced" || exit 1 ;;
      *--resource-version=*) exit 1 ;;
    esac
    for word in "$@"; do
      case "$word" in langdesign.dev/*) echo "$word" >> "$STATE/notes" ;; esac
    done ;;
  *apply*) for word in "$@"; do last=$word; done; cp "$last" "$STATE/applied" ;;
  *"rollout undo"*) echo good > "$STATE/applied" ;;
  *"rollout status"*) ! grep -q broken "$STATE/applied" ;;
  *get*) test ! -s "$STATE/applied" || printf 'deployment.apps/gateway\\nstatefulset.apps/editing\\n' ;;
esac
"""
VERIFY = "import os, sys; sys.exit('good' not in open(os.environ['STATE'] + '/applied').read())"


@pytest.fixture
def commits(tmp_path):
    """Two commits, the second after the first, and one beside the second; the folder of the checkout."""
    folder = tmp_path / "history"

    def git(*arguments):
        identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        command = ["git", "-C", str(folder), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    folder.mkdir()
    git("init", "--quiet")
    made = {}
    for name, start in (("first", None), ("second", "first"), ("beside", "first")):
        if start:
            git("checkout", "--quiet", made[start])
        git("commit", "--quiet", "--allow-empty", "--message", name)
        made[name] = git("rev-parse", "HEAD")
    return made | {"folder": folder}


@pytest.fixture
def roll_out(root, tmp_path, commits):
    """Rolls a manifest out over what runs; returns the exit code, and what is applied."""
    kubectl = tmp_path / "bin/kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(KUBECTL)
    kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
    environment = {**os.environ, "PATH": f"{kubectl.parent}:{os.environ['PATH']}", "STATE": str(tmp_path)}

    def run(new, previous=None, *options, running="good 0", holds="first", commit="second"):
        (tmp_path / "applied").write_text(running)
        (tmp_path / "new.yaml").write_text(new)
        notes = (
            {"langdesign.dev/commit": commits.get(holds, holds), "langdesign.dev/run": "6"} if holds else {}
        )
        metadata = {"name": "place", "resourceVersion": "7", "annotations": notes}
        (tmp_path / "namespace").write_text(json.dumps({"metadata": metadata}))
        command = [sys.executable, str(root / "deploy/delivery/roll_out.py"), str(tmp_path / "new.yaml")]
        if previous:
            (tmp_path / "previous.yaml").write_text(previous)
            command += ["--previous", str(tmp_path / "previous.yaml")]
        command += ["--namespace", "place", "--commit", commits[commit], "--run", "8", "--pause", "0"]
        command += [*options, "--verify", sys.executable, "-c", VERIFY]
        done = subprocess.run(
            command, env=environment, cwd=commits["folder"], capture_output=True, text=True, check=False
        )
        run.said = done.stdout + done.stderr
        return done.returncode, (tmp_path / "applied").read_text().strip()

    run.calls = tmp_path / "calls"
    run.notes = tmp_path / "notes"
    run.unreachable = tmp_path / "unreachable"
    run.raced = tmp_path / "raced"
    return run


@pytest.mark.parametrize(
    ("new", "previous", "code", "applied"),
    [
        ("good 2", "good 1", 0, "good 2"),
        ("broken", "good 1", 1, "good 1"),  # never rolls out
        ("useless", "good 1", 1, "good 1"),  # rolls out, and does not do its work
        ("broken", None, 1, "good"),  # each workload's revision before
        ("broken", "broken too", 2, "broken too"),
    ],
)
def test_what_does_not_serve_is_put_back(roll_out, new, previous, code, applied):
    assert roll_out(new, previous) == (code, applied)
    calls = roll_out.calls.read_text().splitlines()
    assert all(re.match("-n place |(get|annotate) namespace place ", call) for call in calls)


def test_a_place_says_what_it_holds_and_whose_manifests_serve(roll_out, commits):
    assert roll_out("good 2", "good 1")[0] == 0
    held = f"langdesign.dev/commit={commits['second']}"
    assert roll_out.notes.read_text().splitlines() == [held, "langdesign.dev/run=8"]


@pytest.mark.parametrize("holds", ["first", ""])
def test_a_place_holds_what_it_held_before_where_that_was_put_back(roll_out, commits, holds):
    assert roll_out("broken", "good 1", holds=holds)[0] == 1
    held = f"langdesign.dev/commit={commits['second']}"
    before = f"langdesign.dev/commit={commits[holds]}" if holds else "langdesign.dev/commit-"
    assert roll_out.notes.read_text().splitlines() == [held, before]


@pytest.mark.parametrize(
    ("holds", "commit", "goes_on"),
    [
        ("first", "second", True),
        ("second", "second", True),  # a delivery that is run again
        ("", "first", True),  # nothing was delivered before
        ("second", "first", False),
        ("beside", "second", False),
        ("0" * 40, "second", False),  # history was rewritten, or is not here
    ],
)
def test_a_commit_goes_only_over_one_that_it_comes_after(roll_out, holds, commit, goes_on):
    assert roll_out("good 2", "good 1", holds=holds, commit=commit) == (
        (0, "good 2") if goes_on else (3, "good 0")
    )
    if not goes_on:
        assert not roll_out.notes.exists()
        assert "nothing was changed: place holds" in roll_out.said


def test_of_two_deliveries_at_once_one_changes_nothing(roll_out):
    """The other one noted its commit after this one had looked."""
    roll_out.raced.touch()
    assert roll_out("good 2", "good 1") == (3, "good 0")
    assert "somebody else just now" in roll_out.said
    assert "apply" not in roll_out.calls.read_text()


class Namespaces(BaseHTTPRequestHandler):
    """As much of an API server as kubectl needs to annotate a namespace."""

    def do_GET(self):
        kind = {"name": "namespaces", "kind": "Namespace", "namespaced": False, "verbs": ["get", "patch"]}
        answers = {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [kind]},
            "/api/v1/namespaces/place": self.server.place,
        }
        path = self.path.partition("?")[0]
        self._answer(answers.get(path), 200 if path in answers else 404)

    def do_PATCH(self):
        change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["metadata"]
        place = self.server.place["metadata"]
        if change.get("resourceVersion", place["resourceVersion"]) != place["resourceVersion"]:
            refused = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict"}
            self._answer(refused | {"message": "the object has been modified", "code": 409}, 409)
            return
        merged = place["annotations"] | change["annotations"]
        place["annotations"] = {name: value for name, value in merged.items() if value is not None}
        place["resourceVersion"] = str(int(place["resourceVersion"]) + 1)
        self._answer(self.server.place, 200)

    def _answer(self, value, code):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def cluster(tmp_path, root, commits, monkeypatch):
    """An API server that kubectl talks to, and the module that notes deliveries there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Namespaces)
    server.place = {"kind": "Namespace", "apiVersion": "v1"}
    server.place["metadata"] = {"name": "place", "resourceVersion": "7", "annotations": {"else": "kept"}}
    context = {"name": "here", "context": {"cluster": "here", "user": ""}}
    where = {"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "here"}
    (tmp_path / "kubeconfig").write_text(json.dumps(config | {"clusters": [where], "contexts": [context]}))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("HOME", str(tmp_path))  # where kubectl keeps what it discovered
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.chdir(commits["folder"])
    monkeypatch.syspath_prepend(str(root / "deploy/delivery"))
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    yield server, importlib.import_module("record")
    server.shutdown()
    serving.join()
    server.server_close()


def test_kubectl_notes_a_delivery_and_lets_one_of_two_at_once_through(cluster, commits):
    server, record = cluster
    mine, other = record.Record.read("place"), record.Record.read("place")
    mine.claim(commits["second"])
    with pytest.raises(record.RecordError, match="somebody else just now"):
        other.claim(commits["beside"])
    mine.note_serving("8")
    found = record.Record.read("place")
    assert (found.commit, found.run) == (commits["second"], "8")
    with pytest.raises(record.RecordError, match="does not come after it"):
        found.claim(commits["first"])
    mine.restore()
    assert server.place["metadata"]["annotations"] == {"else": "kept", record.RUN: "8"}


def test_the_first_delivery_to_a_place_has_nothing_to_verify_before(roll_out):
    assert roll_out("good 1", running="") == (0, "good 1")


def test_nothing_is_changed_where_what_runs_does_not_pass(roll_out):
    """An expired token fails every verification: it says nothing of the new manifests."""
    assert roll_out("good 2", "good 1", running="useless") == (3, "useless")
    assert "apply" not in roll_out.calls.read_text()


def test_a_place_that_does_not_serve_is_repaired_where_that_is_asked_for(roll_out):
    assert roll_out("good 2", "useless", "--repair", running="useless") == (0, "good 2")


def test_nothing_is_changed_where_the_cluster_does_not_answer(roll_out):
    roll_out.unreachable.touch()
    assert roll_out("good 2", "good 1") == (3, "good 0")
