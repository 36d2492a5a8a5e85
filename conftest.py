"""What all tests share: the figures that promises print, and a run that leaves nothing behind."""

import contextlib
import gc
import multiprocessing
import os
import re
import resource
import secrets
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

FIGURE = "figure"
PROMISE = re.compile(r"promise \d+")
RUN = "LANGDESIGN_TEST_RUN"  # in the environment of every process that a run starts
LEFT = pytest.StashKey[list[str]]()
COST = "processor seconds"
SPENT = pytest.StashKey[float]()
DEAREST = 40  # files that `--costs` names
# Workers of pytest-xdist, and what multiprocessing keeps until its process ends.
ENDING_WITH_PYTEST = (
    "exec(eval(sys.stdin.readline()))",
    "multiprocessing.resource_tracker",
    "multiprocessing.forkserver",
)
# Files that take long, longest first: they begin first, so that all workers end at about the same time.
SLOWEST = (
    "tests/end_to_end/test_whole.py",
    "training/dataset/tests/test_working.py",
    "tests/integration/test_registered_versions.py",
    "clients/web/tests/test_page.py",
    "clients/web/tests/test_stage.py",
    "clients/web/tests/test_reach.py",
    "tests/end_to_end/test_training.py",
    "tests/contract/test_architecture.py",
    "services/design/tests/service/test_behind_gateway.py",
    "services/design/tests/service/test_replicas.py",
    "services/editing/tests/test_replicas.py",
    "services/design/tests/service/test_restarts.py",
    "tests/integration/test_editing_with_triton.py",
    "training/finetune/tests/test_tuning.py",
    "services/editing/tests/test_kill.py",
    "tests/reliability/test_soak.py",
    "tests/reliability/test_model_server.py",
    "services/model_server/tests/test_segment.py",
    "services/editing/tests/test_operations.py",
    "services/shared/rela/tests/test_predictor.py",
    "tests/integration/test_models_with_triton.py",
    "services/shared/editors/instruct_pix2pix/tests/test_editor_in_engine.py",
    "tests/integration/test_references.py",
    "tests/reliability/test_overhead.py",
    "tests/integration/test_segmentation_with_triton.py",
    "services/model_server/tests/test_edit.py",
    "training/dataset/tests/test_bench.py",
    "training/dataset/tests/test_build.py",
    "clients/web/tests/test_journey.py",
)
# Folders whose files share what takes long to make, such as every rendered overlay: each is one worker's.
SHARING = ("tests/contract",)
# What services in forked processes import, said once for all: a second saying would replace the first.
PRELOADED = (
    "langdesign_chassis",
    "langdesign_database.testing",
    "langdesign_design.wiring",
    "langdesign_editing.wiring",
)
# One thread for each process, said before any loads a numerical library: a worker has one core, and where
# threads wait for cores they spin, which took an edit of the embedded family four times the processor time.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
PATIENCE = 5.0  # s for what ends by itself
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps POSIX shared memory
REGION = "langdesign-triton-"  # how the names of Triton's begin


def pytest_addoption(parser):
    """Offer to say where the time of a run goes, whatever else the machine does."""
    parser.addoption("--costs", action="store_true", help="print the files that took most processor time")


def pytest_configure(config):
    """Mark the run's processes, of which workers inherit the mark, and say what forked ones import."""
    multiprocessing.set_forkserver_preload(list(PRELOADED))
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = secrets.token_hex(8)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect tests without the garbage collector, and let it never look at what they have imported.

    Those are a million objects, which stay: a look at all takes half a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config, items):
    """Put the slowest files first; `--dist loadfile --no-loadscope-reorder` hands files out in this order."""
    places = {config.rootpath / name: place for place, name in enumerate(SLOWEST)}
    if missing := [str(path) for path in places if not path.is_file()]:
        raise pytest.UsageError(f"SLOWEST in conftest.py names what is not there: {', '.join(missing)}")
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out files as `--dist loadfile` does by itself, but the files of a sharing folder together."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - a run without workers needs none

    class Sharing(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return next((folder for folder in SHARING if file.startswith(f"{folder}/")), file)

    return Sharing(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Add to a phase's report what this process, and those that it waited for, computed since the last."""
    report = yield
    if not item.config.getoption("--costs"):
        return report
    now = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    report.user_properties.append((COST, now - item.config.stash.get(SPENT, now)))
    item.config.stash[SPENT] = now
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Fail the run where one of its processes, or Triton's shared memory, is left."""
    if hasattr(session.config, "workerinput"):
        return
    end = time.monotonic() + PATIENCE
    while (left := _left_behind()) and time.monotonic() < end:
        time.sleep(0.1)
    session.config.stash[LEFT] = left
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _left_behind():
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    left = []
    for process in psutil.process_iter(["pid", "cmdline", "environ"]):
        told = process.info
        line = " ".join(told["cmdline"] or ())
        runners = any(one in line for one in ENDING_WITH_PYTEST)
        ours = (told["environ"] or {}).get(RUN) == os.environ[RUN]
        if ours and not runners and told["pid"] not in mine and process.is_running():
            left.append(f"process {told['pid']}: {line[:200]}")
    return left + _unused_memory()


def _unused_memory():
    """Return Triton's shared memory that no process uses any more, and that no guard is there to remove."""
    regions = {str(region) for region in SHARED_MEMORY.glob(f"{REGION}*")}
    for process in psutil.process_iter() if regions else ():
        with contextlib.suppress(psutil.Error):
            # A run beside this one may be ending a server: its guard names what it will remove.
            kept = tuple(str(SHARED_MEMORY / word) for word in process.cmdline() if word.startswith(REGION))
            regions -= {region for region in regions if region.startswith(kept)}
            regions -= {mapped.path for mapped in process.memory_maps()}
    return sorted(regions)


@pytest.fixture(scope="session")
def postgres():
    """One Postgres for all tests of a process that want one."""
    from langdesign_database.testing import postgres_server  # noqa: PLC0415 - most runs want none

    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory):
    """Folder of a registry without a model, to be copied: its tables take seconds to make."""
    from langdesign_registry import Registry  # noqa: PLC0415 - most runs want none

    folder = tmp_path_factory.mktemp("empty") / "registry"
    Registry(f"sqlite:///{folder / 'mlflow.db'}").list_models()
    return folder


@pytest.fixture
def figure(record_property):
    """Keep a promise's figure; it is printed now and at the end of the run.

    `langdesign bench promises` takes the measures of a promise by name, and holds them against their bars:
    `figure("promise 12: 40 refused, p99 3 ms", refused_ms=3.1)`.
    """

    def keep(text, **measures):
        record_property(FIGURE, text)
        for name, value in measures.items():
            record_property(f"{PROMISE.match(text)[0]}: {name}", float(value))
        print(text)

    return keep


def pytest_terminal_summary(terminalreporter):
    """Print every figure of the run, what it left behind, and what it cost where that is asked for."""
    for line in terminalreporter.config.stash.get(LEFT, []):
        terminalreporter.write_line(f"LEFT BEHIND {line}", red=True)
    figures = {
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FIGURE and report.when == "call"
    }
    if figures:
        terminalreporter.section("promises")
        for text in sorted(figures):
            terminalreporter.write_line(text)
    if terminalreporter.config.getoption("--costs"):
        _print_costs(terminalreporter)


def _print_costs(terminalreporter):
    """Print processor seconds and seconds by file; of processes, those count that a test has waited for."""
    computed, lasted = Counter(), Counter()
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for name, seconds in getattr(report, "user_properties", ()):
            if name == COST:
                computed[report.location[0]] += seconds
                lasted[report.location[0]] += report.duration
    terminalreporter.section("processor seconds, seconds")
    for file, seconds in [("all", computed.total()), *computed.most_common(DEAREST)]:
        terminalreporter.write_line(f"{seconds:8.1f} {lasted[file] or lasted.total():8.1f}  {file}")
