"""What the gateway adds to a model's own time, and what many slow calls at once cost.

FHIR `$summarize` of a small bundle at fixed rates, policy and store on, with the model, the gateway and the
load each in a process of its own on the same machine. The model's own time is measured the same way,
by the same load without the gateway between.
"""

import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.http_payloads import MARK, fhir_bundle
from tests.processes import Server, gateway, load, model_server

_CONFIG = """
gateway: {{name: BENCH}}
listeners:
  - {{name: web, protocol: http, bind: "127.0.0.1:0", max_connections: 4096}}
partners:
  bench:
    identify: [{{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}}]
    purpose_of_use: [TREAT]
backends:
  model:
    {{type: openai, model: bench, base_url: "{url}", api_key: bench-key, on_premises: true, concurrency: 2000, queue: 2000}}
  builtin: {{type: extractive}}
models:
  summary: {{default: "1", versions: {{"1": {{targets: [{{backend: {target}}}], deadline_s: 30}}}}}}
policy:
  rules:
    - {{id: bench, effect: permit, when: {{partner: [bench], purpose_of_use: [TREAT]}}}}
    - {{id: stays-in, effect: forbid, when: {{sensitivity: [ETH, SUD]}}}}
"""
_RATES = (50, 200, 500)
_SLOW_MODEL_S = 2.0
_IN_FLIGHT = (500, 1000)
_EVENTS = 33
"""Of the model's answer, when each comes by itself: about five tokens."""
_BUNDLE_BYTES = 8 * 1024
_ASKED = (
    b'{"model":"bench","stream":true,"messages":[{"role":"user","content":"'
    + MARK
    + b" entry " * 950
    + b'"}]}'
)
"""About as large as what the gateway sends for the bundle."""

Row = dict[str, float]


class BackendBench:
    """Collects the rows of each scenario over all rounds."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._body = folder / "bundle.json"
        self._body.write_bytes(fhir_bundle(_BUNDLE_BYTES))
        self._asked = folder / "asked.json"
        self._asked.write_bytes(_ASKED)

    def round(self) -> None:
        self._overhead()
        self._without_model()
        for in_flight in _IN_FLIGHT:
            self._slow_model(in_flight)
        self._slow_model(_IN_FLIGHT[0], writes=_EVENTS)

    def _overhead(self) -> None:
        with self._served(delay_s=0) as (server, web, model):
            self._ask(web, 50, 1)
            for rate in _RATES:
                row = self._measured(server, web, rate, self._seconds)
                alone = load("load_open", model, rate, self._seconds, self._asked, "application/json")
                row["added_p50_ms"] = row["p50_ms"] - alone["p50_ms"]
                row["added_p99_ms"] = row["p99_ms"] - alone["p99_ms"]
                self._rows[f"instant model, {rate} a second"].append(row)

    def _without_model(self) -> None:
        """What of the cost is not the model's."""
        with self._served(delay_s=0, target="builtin") as (server, web, _):
            self._ask(web, 50, 1)
            row = self._measured(server, web, _RATES[1], self._seconds)
            row["added_p50_ms"], row["added_p99_ms"] = row["p50_ms"], row["p99_ms"]
            self._rows[f"built-in summary, {_RATES[1]} a second"].append(row)

    def _slow_model(self, in_flight: int, writes: int = 1) -> None:
        rate = in_flight / _SLOW_MODEL_S
        with self._served(delay_s=_SLOW_MODEL_S, writes=writes) as (server, web, _):
            self._ask(web, 50, 1)
            # The first and the last of them meet fewer than `in_flight` others.
            row = self._measured(server, web, rate, self._seconds + 2 * _SLOW_MODEL_S)
            row["added_p50_ms"] = row["p50_ms"] - _SLOW_MODEL_S * 1000
            row["added_p99_ms"] = row["p99_ms"] - _SLOW_MODEL_S * 1000
            streamed = f", {writes} writes" if writes > 1 else ""
            self._rows[f"2 s model, {in_flight} in flight{streamed}"].append(row)

    @contextmanager
    def _served(
        self, delay_s: float, target: str = "model", writes: int = 1
    ) -> Iterator[tuple[Server, str, str]]:
        """(gateway, its URL, the model's URL)"""
        config, data_dir = self._folder / "backends.yaml", self._folder / "backends"
        with model_server(delay_s, writes) as model:
            base = f"http://127.0.0.1:{model.ports['web']}/v1"
            config.write_text(_CONFIG.format(url=base, target=target))
            with gateway(config, data_dir) as server:
                web = f"http://127.0.0.1:{server.ports['web']}/fhir/R4/$summarize"
                yield server, web, f"{base}/chat/completions"
        shutil.rmtree(data_dir)

    def _measured(self, server: Server, web: str, rate: float, seconds: float) -> Row:
        cpu = server.cpu_s()
        row = self._ask(web, rate, seconds)
        row["cpu_ms"] = (server.cpu_s() - cpu) / row["messages"] * 1000
        row["memory_mb"] = server.memory_mb()
        return row

    def _ask(self, web: str, rate: float, seconds: float) -> Row:
        return load("load_open", web, rate, seconds, self._body, "application/fhir+json")

    def print(self) -> None:
        size = self._body.stat().st_size / 1024
        print(
            f"\nFHIR $summarize of {size:.0f} KB by an OpenAI-compatible model, open loop, policy and store on\n"
        )
        print(
            f"{'scenario':34}{'p50 ms':>9}{'p99 ms':>9}{'added p50':>11}{'added p99':>11}{'CPU ms':>9}"
            f"{'memory MB':>11}{'most in flight':>16}{'positive':>10}"
        )
        for scenario, rows in self._rows.items():
            row = {key: statistics.median(each[key] for each in rows) for key in rows[0]}
            positive = sum(each["positive"] for each in rows) / sum(each["messages"] for each in rows)
            print(
                f"{scenario:34}{row['p50_ms']:9.2f}{row['p99_ms']:9.2f}{row['added_p50_ms']:11.2f}"
                f"{row['added_p99_ms']:11.2f}{row['cpu_ms']:9.3f}{row['memory_mb']:11.0f}"
                f"{row['most_outstanding']:16.0f}{positive:10.1%}"
            )
