"""What `make` says on a machine that lacks something: one line with what to do, before any download."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "sed", "awk", "df", "tail", "rm", "cat", "env", "mkdir", "touch")
PYTHON = "#!/bin/sh\necho {version}\n"


@pytest.fixture
def machine(tmp_path):
    """A machine with the basic tools alone, and a checkout of the set-up's own files."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    shutil.copytree(ROOT / "requirements", tmp_path / "checkout" / "requirements")
    return Machine(tmp_path)


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder, self.checkout = folder, folder / "checkout"

    def has(self, name: str, text: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(text)
        program.chmod(0o755)

    def set_up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.checkout / "requirements/install.sh"), *(arguments or (".venv", "serve"))],
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def made(self) -> None:
        """Make an environment whose pip and uv only note what they are asked for."""
        folder = self.checkout / ".venv" / "bin"
        folder.mkdir(parents=True)
        for name, text in {
            "python": f'#!/bin/sh\ncase "$*" in *pip*) ;; *) exec {sys.executable} "$@" ;; esac\n',
            "uv": '#!/bin/sh\necho "backend=${UV_TORCH_BACKEND:-} cache=${UV_CACHE_DIR:-} $*" >> "$NOTES"\n',
        }.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)

    def asked(self, **environment: str) -> list[str]:
        notes = self.folder / "notes"
        done = self.set_up(NOTES=str(notes), **environment)
        assert done.returncode == 0, done.stderr
        return notes.read_text().splitlines()


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.13", "3.14"])
def test_a_python_that_does_not_fit_is_named_with_what_to_do(machine, version):
    machine.has("python3", PYTHON.format(version=version))
    line = told(machine.set_up())
    assert f"python3 is {version}" in line
    assert "3.11 or 3.12 is needed" in line
    assert "make PYTHON=" in line
    assert not (machine.checkout / ".venv").exists()


def test_a_machine_without_python_is_told_what_to_install(machine):
    assert "there is none: install Python 3.11" in told(machine.set_up())


def test_a_fitting_python_is_found_beside_one_that_does_not_fit(machine):
    machine.has("python3", PYTHON.format(version="3.13"))
    machine.has("python3.12", '#!/bin/sh\ncase "$2" in *venv*) exit 1 ;; esac\necho 3.12\n')
    line = told(machine.set_up())
    assert "python3.12 has no module venv: apt-get install python3.12-venv" in line


def test_the_python_that_is_asked_for_is_taken_or_refused(machine):
    machine.has("python3", PYTHON.format(version="3.11"))
    machine.has("other", PYTHON.format(version="3.9"))
    assert "other is 3.9" in told(machine.set_up(PYTHON="other"))


def test_too_little_room_is_told_before_anything_is_made(machine):
    machine.has("python3", PYTHON.format(version="3.11"))
    assert "free room, and the environment takes 100000000" in told(machine.set_up(SETUP_DISK_GB="100000000"))
    assert not (machine.checkout / ".venv").exists()


def test_a_machine_without_a_driver_gets_the_processor_s_build_of_torch(machine):
    machine.made()
    torch, lock, stub = machine.asked()
    assert torch.startswith("backend=cpu")
    assert torch.endswith("requirements/torch.txt")
    assert lock.startswith("backend=cpu")
    assert lock.endswith("--no-deps -r requirements/serve.txt")
    assert stub.startswith("backend= ")


def test_a_machine_with_a_driver_gets_the_build_that_fits_it(machine):
    machine.made()
    machine.has("nvidia-smi", "#!/bin/sh\nexit 0\n")
    assert machine.asked()[0].startswith("backend=auto")


@pytest.mark.parametrize(("driver", "wheel", "backend"), [
    (False, "torch-{torch}+cpu-cp{python}-linux.whl", ""),
    (False, "torch-{torch}+cpu-cp27-linux.whl", "cpu"),
    (False, "torch-1.0+cpu-cp{python}-linux.whl", "cpu"),
    (True, "torch-{torch}+cpu-cp{python}-linux.whl", "auto"),
    (True, "torch-{torch}+cu130-cp{python}-linux.whl", ""),
])  # fmt: skip
def test_a_wheel_in_a_local_folder_is_taken_without_asking_an_index(machine, driver, wheel, backend):
    machine.made()
    if driver:
        machine.has("nvidia-smi", "#!/bin/sh\nexit 0\n")
    wheels = machine.folder / "wheels"
    wheels.mkdir()
    torch = (ROOT / "requirements/torch.txt").read_text().rpartition("==")[2].strip()
    name = wheel.format(torch=torch, python=f"{sys.version_info.major}{sys.version_info.minor}")
    (wheels / name).touch()
    assert machine.asked(UV_FIND_LINKS=str(wheels))[0].startswith(f"backend={backend} ")


def test_a_build_of_torch_that_is_asked_for_is_taken(machine):
    machine.made()
    assert machine.asked(UV_TORCH_BACKEND="cu128")[0].startswith("backend=cu128")


def test_a_home_that_is_not_there_keeps_no_cache(machine):
    machine.made()
    (line, *_) = machine.asked(HOME=str(machine.folder / "nowhere"))
    assert f"cache={machine.checkout}/.venv/cache" in line


def test_an_installation_that_fails_ends_in_one_line_that_names_its_log(machine):
    machine.made()
    (machine.checkout / ".venv/bin/uv").write_text(
        "#!/bin/sh\necho 'a long story'\necho 'no network'\nexit 2\n"
    )
    lines = machine.set_up().stderr.strip().splitlines()
    assert lines[-1] == "set-up: no network; all that was said: .venv/setup.log"
    assert "a long story" in (machine.checkout / ".venv/setup.log").read_text()


def test_an_index_that_cannot_be_reached_is_named_with_what_to_do(machine):
    machine.made()
    (machine.checkout / ".venv/bin/uv").write_text(
        "#!/bin/sh\n"
        "echo 'error: Request failed after 3 retries'\n"
        "echo '  cause: Failed to fetch: `https://torch.example.com/cpu/torch/`'\n"
        "echo '  cause: dns error'\n"
        "exit 2\n"
    )
    line = machine.set_up().stderr.strip().splitlines()[-1]
    assert line.startswith(
        "set-up: https://torch.example.com/cpu/torch/ could not be fetched: connect to it, "
    )
    assert "a folder (UV_FIND_LINKS) that has the wheels of Python 3." in line


def test_what_serves_is_what_is_developed_with():
    """One environment is set up for both: `make demo` must not change what the tests run on."""
    serve, dev = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE))
        for lock in ("serve", "dev")
    )
    shared = serve.keys() & dev.keys()
    assert len(shared) > 50
    assert {name: serve[name] for name in shared} == {name: dev[name] for name in shared}
