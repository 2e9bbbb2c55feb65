"""`make bench`: every figure of the project, printed with what it was measured against."""

import argparse
import shutil
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from listeners.mllp_framing import FrameReader, framed
from tests.bench.backends import BackendBench
from tests.bench.http_payloads import fhir_bundle, process_document
from tests.bench.payloads import large_obx
from tests.processes import Server, gateway, load, peer

_CONFIG = """
gateway: {{name: BENCH}}
listeners:
  - {{name: feed, protocol: mllp, bind: "127.0.0.1:0", max_payload_bytes: 67108864}}
  - {{name: web, protocol: http, bind: "127.0.0.1:0"}}
partners:
  bench:
    identify:
      - {{sending_application: BENCH, sending_facility: LOAD}}
      - {{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}}
    purpose_of_use: [TREAT]
    hl7v2: {{answer: none, summarize: [{summarize}]}}
backends:
  builtin: {{type: extractive}}
models:
  summary: {{default: "1", versions: {{"1": {{targets: [{{backend: builtin}}]}}}}}}
policy:
  rules:
    - {{id: bench, effect: permit, when: {{partner: [bench], purpose_of_use: [TREAT]}}}}
    - {{id: stays-in, effect: forbid, when: {{sensitivity: [ETH, SUD]}}}}
"""

Row = dict[str, float]


class Bench:
    """Collects the rows of each scenario over all rounds."""

    def __init__(self, folder: Path, seconds: float, rounds: int) -> None:
        self._folder = folder
        self._seconds = seconds
        self._rounds = rounds
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._number = 0

    def run(self) -> None:
        for turn in range(1, self._rounds + 1):
            print(f"round {turn} of {self._rounds}", file=sys.stderr)
            self._intake()
            self._end_to_end()
            self._http()
            for name in ("txhl7", "python-hl7"):
                self._peer(name)
        self._print()

    def _serve(self, summarize: str, measure: Callable[[Server], None]) -> None:
        config = self._folder / "bench.yaml"
        config.write_text(_CONFIG.format(summarize=summarize))
        data_dir = self._folder / "data"
        with gateway(config, data_dir) as server:
            self._rows["start"].append({"ready_s": server.ready_s, "memory_mb": server.memory_mb()})
            measure(server)
        shutil.rmtree(data_dir)

    def _intake(self) -> None:
        """Read, normalised, decided and on disk before each ACK; no summaries made."""

        def measure(server: Server) -> None:
            for kind in ("adt", "oru40"):
                for connections in (1, 16, 128):
                    self._mllp(f"intake {kind}", server, connections, kind)
            self._large(server)
            self._rows["memory after intake"].append({"memory_mb": server.memory_mb()})

        self._serve('"NONE"', measure)

    def _end_to_end(self) -> None:
        """As intake, and every message summarized: the rate is of summaries on disk."""

        def measure(server: Server) -> None:
            for kind in ("adt", "oru40"):
                started, cpu = time.perf_counter(), server.cpu_s()
                figures = self._load(server, 16, kind)
                self._drain(server)
                elapsed = time.perf_counter() - started
                figures["rate"] = figures["messages"] / elapsed
                figures["cpu_ms"] = (server.cpu_s() - cpu) / figures["messages"] * 1000
                self._rows[f"end to end {kind}, 16 conn"].append(figures)

        self._serve('"*"', measure)

    def _http(self) -> None:
        def measure(server: Server) -> None:
            web = f"http://127.0.0.1:{server.ports['web']}"
            for name, path, body, media_type in (
                ("FHIR", "/fhir/R4/$summarize", fhir_bundle(), "application/fhir+json"),
                ("SOAP", "/soap/notereader", process_document(), "text/xml; charset=utf-8"),
            ):
                file = self._folder / name
                file.write_bytes(body)
                cpu = server.cpu_s()
                figures = load("load_http", web + path, 16, self._seconds, file, media_type)
                figures["cpu_ms"] = (server.cpu_s() - cpu) / figures["messages"] * 1000
                self._rows[f"{name} {len(body) // 1024} KB, 16 conn"].append(figures)
            self._rows["memory after HTTP"].append({"memory_mb": server.memory_mb()})

        self._serve('"NONE"', measure)

    def _peer(self, name: str) -> None:
        with peer(name) as server:
            for kind in ("adt", "oru40"):
                self._mllp(f"{name} {kind} (no store)", server, 16, kind)

    def _mllp(self, scenario: str, server: Server, connections: int, kind: str) -> None:
        cpu = server.cpu_s()
        figures = self._load(server, connections, kind)
        figures["cpu_ms"] = (server.cpu_s() - cpu) / figures["messages"] * 1000
        self._rows[f"{scenario}, {connections} conn"].append(figures)

    def _load(self, server: Server, connections: int, kind: str) -> Row:
        self._number += 1_000_000
        return load("load_mllp", server.ports["feed"], connections, self._seconds, kind, self._number)

    def _large(self, server: Server) -> None:
        self._number += 1
        payload = framed(large_obx(self._number, 20_000_000))
        with socket.create_connection(("127.0.0.1", server.ports["feed"])) as connection:
            started = time.perf_counter()
            connection.sendall(payload)
            reader = FrameReader()
            answers = []
            while not answers:
                answers = list(reader.feed(connection.recv(65536)))
            seconds = time.perf_counter() - started
        assert b"|AA|" in answers[0].payload
        self._rows["20 MB OBX"].append({"seconds": seconds})

    def _drain(self, server: Server) -> None:
        """Wait until every accepted message is summarized: when the process has come to rest."""
        while True:
            cpu = server.cpu_s()
            time.sleep(0.3)
            if server.cpu_s() - cpu < 0.03:
                return

    def _print(self) -> None:
        print(f"\nmedians of {self._rounds} interleaved rounds, {self._seconds:g} s each, fsync on\n")
        print(f"{'scenario':36}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'positive':>10}")
        others = []
        for scenario, rows in self._rows.items():
            medians = {key: median(row[key] for row in rows) for key in rows[0]}
            if "rate" not in medians:
                others.append((scenario, medians))
                continue
            positive = sum(row["positive"] for row in rows) / sum(row["messages"] for row in rows)
            print(
                f"{scenario:36}{medians['rate']:9.0f}{medians['p50_ms']:9.2f}{medians['p99_ms']:9.2f}"
                f"{medians['cpu_ms']:9.3f}{positive:10.1%}"
            )
        print()
        for scenario, medians in others:
            print(f"{scenario:36}" + ", ".join(f"{key} {value:.2f}" for key, value in medians.items()))
        self._ratios()

    def _ratios(self) -> None:
        def rate(scenario: str) -> float:
            return median(row["rate"] for row in self._rows[scenario])

        print()
        for kind in ("adt", "oru40"):
            ours = rate(f"intake {kind}, 16 conn")
            for name in ("txhl7", "python-hl7"):
                theirs = rate(f"{name} {kind} (no store), 16 conn")
                print(f"durable intake {kind} is {ours / theirs:.1f} times {name}, which stores nothing")


def backends(folder: Path, seconds: float, rounds: int) -> None:
    bench = BackendBench(folder, seconds)
    for turn in range(1, rounds + 1):
        print(f"backends, round {turn} of {rounds}", file=sys.stderr)
        bench.round()
    bench.print()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("intake", "backends"))
    given = parser.parse_args()
    # Not in /tmp, which may be memory: fsync must reach a disk.
    with tempfile.TemporaryDirectory(dir=Path(__file__).parents[2], prefix=".bench-") as folder:
        if given.only != "backends":
            Bench(Path(folder), given.seconds, given.rounds).run()
        if given.only != "intake":
            backends(Path(folder), given.seconds, given.rounds)


if __name__ == "__main__":
    main()
