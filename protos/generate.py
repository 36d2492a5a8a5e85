"""Lints the contracts and generates their Python.

protovalidate carries the descriptor of its rules but not their source, so everything runs on descriptor sets:
protoc resolves the import from one, and buf reads the image that protoc writes.
"""

from __future__ import annotations

import argparse
import filecmp
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

PROTOS = Path(__file__).resolve().parent
GENERATED = PROTOS / "python"
RULES = "buf/validate/validate.proto"
BUF_CONFIG = (PROTOS / "buf.yaml").read_text()


def sources(root: Path) -> list[str]:
    """Paths of the contracts under a folder, relative to it, in a stable order."""
    return sorted(str(path.relative_to(root)) for path in (root / "langdesign").rglob("*.proto"))


def write_dependencies(path: Path) -> None:
    """Write the descriptors that the contracts import: protovalidate's rules and Google's types."""
    descriptors = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, timestamp_pb2, field_mask_pb2):
        module.DESCRIPTOR.CopyToProto(descriptors.file.add())
    descriptors.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    path.write_bytes(descriptors.SerializeToString())


def protoc(root: Path, dependencies: Path, *arguments: str) -> None:
    """Run protoc over the contracts under a folder."""
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={dependencies}", f"-I{root}"]
    run([*command, *arguments])


def run(command: list[str]) -> None:
    """Run a command; its failure ends this program with its output shown."""
    if subprocess.run(command, cwd=PROTOS.parent, check=False).returncode:
        sys.exit(f"failed: {' '.join(command[:4])} ...")


def build_image(root: Path, workdir: Path, name: str) -> Path:
    """Compiles the contracts under a folder to an image that buf reads."""
    dependencies, image = workdir / "dependencies.binpb", workdir / f"{name}.binpb"
    write_dependencies(dependencies)
    protoc(root, dependencies, "--include_imports", "--include_source_info", "-o", str(image), *sources(root))
    return image


def generate(workdir: Path, out: Path) -> None:
    """Generate messages, stubs and their type information under `out`."""
    dependencies = workdir / "dependencies.binpb"
    write_dependencies(dependencies)
    plugins = [f"--python_out={out}", f"--mypy_out=quiet:{out}"]
    # The rules' own source is not at hand, so protoc must not look for it on disk.
    protoc(PROTOS, dependencies, *plugins, RULES)
    services = [f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}"]
    protoc(PROTOS, dependencies, *plugins, *services, *sources(PROTOS))
    for package in {path.parent for path in out.rglob("*_pb2.py")}:
        (package / "py.typed").touch()


def drift(fresh: Path) -> list[str]:
    """Return generated files that differ from the committed ones, are missing or are left over."""
    made = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    kept = {
        path.relative_to(GENERATED)
        for package in ("langdesign", "buf")
        for path in (GENERATED / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    same = {path for path in made & kept if filecmp.cmp(fresh / path, GENERATED / path, shallow=False)}
    return sorted(map(str, (made | kept) - same))


def lint(workdir: Path) -> None:
    """Lints the contracts with buf's STANDARD and COMMENTS rules."""
    image = build_image(PROTOS, workdir, "image")
    run(["buf", "lint", str(image), "--config", BUF_CONFIG, "--path", "langdesign"])


def breaking(workdir: Path, ref: str) -> None:
    """Compare the contracts with those of a git revision, file by file."""
    archive = subprocess.run(
        ["git", "archive", ref, "protos/langdesign"], cwd=PROTOS.parent, check=False, capture_output=True
    )
    if archive.returncode:
        sys.exit(f"no contracts at {ref!r}: fetch that revision, or name another with --against")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(workdir, filter="data")
    old = build_image(workdir / "protos", workdir, "old")
    new = build_image(PROTOS, workdir, "new")
    command = ["buf", "breaking", str(new), "--against", str(old), "--config", BUF_CONFIG]
    run([*command, "--against-config", BUF_CONFIG, "--path", "langdesign"])


def main() -> None:
    """Generate, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify that the committed Python is current")
    parser.add_argument(
        "--against", metavar="REF", help="fail on changes that break callers of that revision"
    )
    parser.add_argument("--image", type=Path, metavar="FILE", help="write the descriptors alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workdir = Path(folder)
        if arguments.image:
            shutil.copyfile(build_image(PROTOS, workdir, "image"), arguments.image)
            return
        lint(workdir)
        if arguments.against:
            breaking(workdir, arguments.against)
        fresh = workdir / "python"
        fresh.mkdir()
        generate(workdir, fresh if arguments.check else GENERATED)
        if arguments.check and (stale := drift(fresh)):
            sys.exit(f"generated Python is stale, run `make protos`: {', '.join(stale)}")


if __name__ == "__main__":
    main()
