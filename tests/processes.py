"""Processes under measurement: started, told apart, and asked what they cost."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: "subprocess.Popen[str]"
    ports: dict[str, int]
    """Name of a listener -> its port."""
    ready_s: float

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(timeout=30)

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def gateway(
    config: Path | None, data_dir: Path, *, log: Path | None = None, log_level: str = "warning"
) -> Iterator[Server]:
    """A gateway as anybody starts it; the demo's where no `config` is given. Its log goes to `log`."""
    settings = ["--config", str(config)] if config else ["--demo", "--mllp-port", "0", "--http-port", "0"]
    command = ["-m", "gateway", "serve", *settings, "--data-dir", str(data_dir), "--log-level", log_level]
    with _started(command, log) as (process, lines, ready_s):
        ports = {line.split()[1]: int(line.rsplit(":", 1)[1]) for line in lines if line != "ready"}
        yield Server(process, ports, ready_s)


@contextmanager
def peer(name: str) -> Iterator[Server]:
    port = free_port()
    with _started(["-m", "tests.bench.peers", name, str(port)], None) as (process, _, ready_s):
        yield Server(process, {"feed": port}, ready_s)


@contextmanager
def model_server(delay_s: float, writes: int = 1) -> Iterator[Server]:
    """The bench's model: the same answer to everybody after `delay_s`, in so many writes."""
    port = free_port()
    arguments = ["-m", "tests.bench.model_server", str(port), str(delay_s), str(writes)]
    with _started(arguments, None) as (process, _, ready_s):
        yield Server(process, {"web": port}, ready_s)


@contextmanager
def _started(
    arguments: list[str], log: Path | None
) -> Iterator[tuple["subprocess.Popen[str]", list[str], float]]:
    started = time.perf_counter()
    with (log or Path(os.devnull)).open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    lines: list[str] = []
    try:
        assert process.stdout is not None
        while "ready" not in lines:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{arguments} did not start")
            lines.append(line.strip())
        yield process, lines, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=30)


def load(module: str, *arguments: object) -> dict[str, float]:
    """Run a load process to its end and take its figures."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
