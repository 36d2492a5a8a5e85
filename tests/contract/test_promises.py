"""The list of promises, `docs/promises.md`, and the tests that show them hold together."""

import ast
import re
import subprocess
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from langdesign_command.promises.every import PROMISES
from langdesign_command.promises.promise import Bench, Suite
from langdesign_command.promises.showing import markdown

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/promises.md"
NUMBERS = range(1, 25)
CITED = re.compile(r"[Pp]romises? (\d+)(?:(?:, | and | to )(\d+))*|promise_(\d+)")
TESTS = [(promise, test) for promise in PROMISES for test in promise.tests]
BENCHES = [(promise, bench) for promise in PROMISES for bench in promise.benches]
SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".proto", ".ts", ".tsx", ".j2", ""}


@cache
def tracked():
    """Files of the repository, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for path in (ROOT / name for name in names) if path.suffix in SUFFIXES and path.is_file()]


@cache
def functions_of(path):
    """Functions of a file by name, and whether all of the file is `long`."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    marks = [one for one in tree.body if isinstance(one, ast.Assign) and "pytestmark" in ast.unparse(one)]
    return found, any("mark.long" in ast.unparse(one) for one in marks)


def function_of(test):
    path, _, name = test.partition("::")
    return functions_of(ROOT / path)[0][name]


def figures_of(function):
    """Calls of `figure` in a test: the promise's number, and the names of the measures."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "figure":
            text = next((one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant)), "")
            number = re.match(r"promise (\d+)", str(text))
            yield number and int(number[1]), {one.arg for one in call.keywords}


def test_the_promises_are_numbered_without_a_gap():
    assert [promise.number for promise in PROMISES] == list(NUMBERS)


def test_the_page_has_the_list_as_it_is():
    listed = PAGE.read_text("utf-8").partition("<!-- list -->\n\n")[2]
    assert listed == markdown(PROMISES), (
        "run `langdesign bench promises --markdown`, and put its list into docs/promises.md"
    )


@pytest.mark.parametrize(("promise", "test"), TESTS, ids=[f"{one.number}: {test}" for one, test in TESTS])
def test_each_test_of_a_promise_is_there(promise, test):
    path, _, name = test.partition("::")
    assert (ROOT / path).is_file()
    assert name in functions_of(ROOT / path)[0]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: str(one.number))
def test_every_measure_is_told_by_a_probe_of_its_promise(promise):
    told = {
        name
        for test in promise.tests
        for number, names in figures_of(function_of(test))
        if number in {promise.number, None}
        for name in names
    }
    read = {name for bench in promise.benches for name in bench.reads}
    assert {measure.name for measure in promise.measures} == told | read


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: str(one.number))
def test_every_promise_has_a_short_form_or_needs_a_gpu(promise):
    short = [
        test
        for test in promise.tests
        if not functions_of(ROOT / test.partition("::")[0])[1]
        and not any(ast.unparse(mark) == "pytest.mark.long" for mark in function_of(test).decorator_list)
    ]
    assert promise.needs_gpu or short or any(not (one.gpu or one.long) for one in promise.benches)


@pytest.mark.parametrize(
    ("promise", "bench"), BENCHES, ids=[f"{one.number}: {bench.arguments[0]}" for one, bench in BENCHES]
)
def test_each_benchmark_of_a_promise_is_there_with_its_options(promise, bench):
    name, *arguments = bench.arguments
    (entry,) = entry_points(group="langdesign.bench", name=name)
    module = f"src/{entry.module.replace('.', '/')}.py"
    (text,) = [path.read_text("utf-8") for path in tracked() if path.as_posix().endswith(module)]
    assert [option for option in arguments if option.startswith("--") and f'"{option}"' not in text] == []
    assert [key for keys in bench.reads.values() for key in keys if not key.isdigit()] != []


def test_a_figure_of_a_promise_is_told_by_one_of_its_tests():
    tests = {promise.number: set(promise.tests) for promise in PROMISES}
    strays = [
        f"{path.relative_to(ROOT)}::{name} tells of promise {number}"
        for path in tracked()
        if path.name.startswith("test_") and path.suffix == ".py" and "promise " in path.read_text("utf-8")
        for name, function in functions_of(path)[0].items()
        if name.startswith("test_")
        for number, _ in figures_of(function)
        if number and f"{path.relative_to(ROOT)}::{name}" not in tests.get(number, ())
    ]
    assert strays == [], "list them in langdesign_command.promises"


def test_whatever_cites_a_promise_cites_one_that_is_there():
    cited = {
        (path.relative_to(ROOT).as_posix(), int(number))
        for path in tracked()
        for found in CITED.finditer(path.read_text("utf-8", errors="ignore"))
        for number in re.findall(r"\d+", found[0])
    }
    assert len(cited) > len(NUMBERS)
    assert sorted((path, number) for path, number in cited if number not in NUMBERS) == []


def test_probes_are_of_the_kinds_that_are_run():
    assert {type(probe) for promise in PROMISES for probe in promise.probes} == {Suite, Bench}
