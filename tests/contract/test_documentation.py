"""The documentation names what there is: pages, calls of the contracts, commands and their options, files."""

import ast
import importlib
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml
from langdesign_command.cli import main as command_line
from langdesign_triples.context import load_context
from langdesign_triples.grammar import GrammarWriter

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READ_WHERE_THEY_ARE = [
    *ROOT.glob("*.md"),
    *(ROOT / "contexts").glob("*.md"),
    *(ROOT / "deploy").rglob("README.md"),
    *(ROOT / "training").rglob("README.md"),
]
TEXTS = sorted({*DOCS.rglob("*.md"), *READ_WHERE_THEY_ARE})
FENCED = re.compile(r"^ *```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)
MEMBERS = ("members.txt", "training-members.txt")
MOST_BYTES = 150_000


class _Site(yaml.SafeLoader):
    """Reads mkdocs.yml, whose own tags say nothing here."""


_Site.add_multi_constructor("!", lambda loader, suffix, node: suffix)


@pytest.fixture(scope="module")
def site() -> dict:
    return yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), _Site)


@pytest.fixture(scope="module")
def tools():
    """The modules of docs/tools, by name."""
    sys.path.insert(0, str(DOCS / "tools"))  # they import one another, as mkdocs' hook does
    try:
        names = ("contracts", "findings", "repository", "sizing")
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(DOCS / "tools"))


def nav_pages(nav) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in nav_pages(entry)]


def commands(text: str) -> list[list[str]]:
    """Return the `langdesign` commands of a text's console and shell blocks, as words."""
    found = []
    for block in FENCED.finditer(text):
        if block["language"] not in {"console", "sh", "bash"}:
            continue
        lines = block["body"].replace("\\\n", " ").splitlines()
        for line in lines:
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words.pop(0)
            ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&", ";", "||"}]
            words = words[: min(ends, default=len(words))]
            if words and words[0].removeprefix(".venv/bin/") == "langdesign":
                found.append(words[1:])
    return found


def complaint(words: list[str]) -> str:
    """Return what the command line says against words, without running anything; "" where it takes them."""
    command, context = typer.main.get_command(command_line.app), None
    while True:
        if command.name == "specialise":  # it hands all that follows over
            from langdesign_specialise.cli import command as specialise

            command, context = typer.main.get_command(specialise), None
        kind, settings = type(command).context_class, command.context_settings
        context = kind(command, info_name=command.name, parent=context, **settings)
        try:
            _, rest, _ = command.make_parser(context).parse_args(list(words))
        except Exception as error:  # noqa: BLE001 - of whichever version of click typer carries
            return str(error)
        if not hasattr(command, "get_command"):
            return ""
        if not rest:
            return ""
        name, words = rest[0], rest[1:]
        command = command.get_command(context, name)
        if command is None:
            return f"there is no command {name!r}"


def test_every_page_of_the_navigation_is_written_or_made(site, tools):
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    made = {f"reference/api/{page.name}.md" for page in tools["contracts"].pages()}
    read = set(tools["repository"].pages(site["extra"]["from_repository"]).values())
    assert set(nav_pages(site["nav"])) <= written | made | read
    assert not (written & made) | (written & read)


def test_every_call_message_and_enum_of_the_contracts_is_on_a_page(tools):
    pages = {page.name: page.markdown for page in tools["contracts"].pages()}
    files = [file for file in tools["contracts"].descriptors().file if file.package.startswith("langdesign.")]
    assert {file.package.split(".")[1] for file in files} == set(pages)
    for file in files:
        page = pages[file.package.split(".")[1]]
        for service in file.service:
            for method in service.method:
                assert f"{{ #{service.name}.{method.name} }}" in page
        for message in file.message_type:
            assert f"{{ #{file.package}.{message.name} }}" in page
            for field in message.field:
                assert f"| `{field.name}` |" in page
        for enum in file.enum_type:
            assert all(f"`{value.name}`" in page for value in enum.value)


def test_a_field_is_told_with_its_type_its_bounds_and_its_unit(tools):
    pages = {page.name: page.markdown for page in tools["contracts"].pages()}
    row = next(line for line in pages["editing"].splitlines() if line.startswith("| `steps` |"))
    assert "int32, may be absent | 1 to 200 | Denoising steps, 1..200" in row
    row = next(line for line in pages["segmentation"].splitlines() if line.startswith("| `expressions` |"))
    assert "list of string | 1 to 64 items, each of its items 1 to 400 characters" in row


def test_every_command_in_the_documentation_is_one():
    written = [(path, words) for path in TEXTS for words in commands(path.read_text("utf-8"))]
    assert len(written) > 30
    said = {f"{path.relative_to(ROOT)}: {shlex.join(words)}": complaint(words) for path, words in written}
    assert {command: why for command, why in said.items() if why} == {}


def test_every_python_example_compiles_and_imports_what_there_is():
    blocks = [
        block["body"]
        for path in DOCS.rglob("*.md")
        for block in FENCED.finditer(path.read_text("utf-8"))
        if block["language"] == "python"
    ]
    assert blocks
    for block in blocks:
        for statement in ast.parse(block).body:
            if isinstance(statement, ast.ImportFrom):
                module = importlib.import_module(statement.module)
                assert [one.name for one in statement.names if not hasattr(module, one.name)] == []


def test_a_command_or_an_option_that_is_none_is_told():
    assert "no command" in complaint(["paint"])
    assert complaint(["edit", "--wall", "blue"]) != ""
    assert complaint(["specialise", "--colour", "blue"]) != ""
    assert complaint(["designs", "list"]) == ""


def test_every_command_is_in_the_table_of_commands():
    table = (DOCS / "start/command.md").read_text("utf-8")
    group = typer.main.get_command(command_line.app)
    assert [name for name in group.commands if f"`langdesign {name}`" not in table] == []


def test_links_of_a_file_of_the_repository_lead_to_pages_or_name_the_file(tools):
    pages = {"deploy/README.md": "operations/deployment.md", "contexts/README.md": "specialise/contexts.md"}
    text = (
        "[words](../contexts/README.md#your-own) and [words](../contexts) "
        "![seen](a.png) [the base](base/x.yaml)\n"
        "```\n[as it is](base/x.yaml)\n```\n[there](https://example.com/a.md)"
    )
    turned, pictures = tools["repository"].turned(text, "deploy/README.md", "operations/deployment.md", pages)
    assert "[words](../specialise/contexts.md#your-own) and [words](../specialise/contexts.md)" in turned
    assert "![seen](../repository/deploy/a.png)" in turned
    assert "the base (`deploy/base/x.yaml`)" in turned
    assert "```\n[as it is](base/x.yaml)\n```\n[there](https://example.com/a.md)" in turned
    assert pictures == {"deploy/a.png"}


def test_a_faster_gpu_costs_less_time_and_more_edits_take_more_of_them(tools):
    sizing = tools["sizing"]
    data = sizing.load()
    peaks = sorted(gpu["peak"] for gpu in data["gpus"].values())
    seconds = [sizing.edit_seconds(data, peak) for peak in peaks]
    assert seconds == sorted(seconds, reverse=True)
    assert sizing.edit_seconds(sizing.load(share_of_peak=0.15), peaks[0]) == pytest.approx(2 * seconds[0])
    # 10% of a day's edits within an hour, at 60% load: as many GPU seconds as there are.
    needed = 360_000 * 0.1 * seconds[0] / 3600 / data["assumed"]["headroom"]
    assert needed <= sizing.gpus_needed(data, peaks[0], 360_000) < needed + 1


def test_every_measured_figure_says_where_when_and_how():
    measured = tomllib.loads((DOCS / "sizing.toml").read_text("utf-8"))["measured"]
    for name, one in measured.items():
        assert {"value", "unit", "what", "machine", "date", "command"} <= set(one), name
        assert complaint(shlex.split(one["command"])[1:]) == "", name


def test_the_map_of_the_readme_has_every_member_and_no_folder_that_is_gone():
    text = (ROOT / "README.md").read_text("utf-8").partition("## Map")[2]
    rows = re.findall(r"^\| `([^`]+)/`", text, re.MULTILINE)
    folders = [folder for row in rows for folder in _alternatives(row)]
    listed = [(ROOT / "requirements" / name).read_text("utf-8") for name in MEMBERS]
    members = re.findall(r"^-e (\S+)", "".join(listed), re.MULTILINE)
    assert members
    assert not {one for one in members if not any(f"{one}/".startswith(f"{at}/") for at in folders)}
    assert not {folder for folder in folders if not (ROOT / folder).is_dir()}


def _alternatives(row: str) -> list[str]:
    """Return the folders of a row: those of `services/{design,editing}` are two."""
    before, _, rest = row.partition("{")
    inside, _, after = rest.partition("}")
    return [f"{before}{one}{after}" for one in inside.split(",")]


def test_every_finding_is_in_the_list(tools):
    listing = tools["findings"].listing()
    assert [
        path.name for path in (ROOT / "findings").glob("*.sh") if f"findings/{path.name}" not in listing
    ] == []


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in (DOCS / "pictures").glob("*.webp")}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}


def test_the_context_of_the_worked_example_writes_triples():
    context = load_context(DOCS / "examples/garden")
    triples = list(GrammarWriter(context, 0).triples(30))
    assert {one.subject for one in triples} == {"bench", "parasol", "front garden", "terrace"}
