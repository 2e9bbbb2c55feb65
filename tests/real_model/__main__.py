"""`make real-model`: SmolLM2-135M behind llama.cpp's server, behind a real gateway, asked in every protocol.

The model is far too small to be right: what is shown is that a real server's answers are taken in either
format, that what it invents is flagged, and that the built-in summarizer answers where it gives nothing.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.processes import gateway
from tests.real_model.formats import FORMATS, Format
from tests.real_model.llama_server import server_binary, serving, weights
from tests.real_model.report import (
    by_model,
    print_inventions,
    print_messages,
    print_protocol,
    print_statements,
)
from tests.real_model.sending import Sent, send


def run(given: Format, binary: Path, model: Path, folder: Path, *, verbose: bool) -> int:
    """How many summaries the model gave."""
    print(f"\n== {given.name}", flush=True)
    started = time.perf_counter()
    config, data_dir, log = folder / "gateway.yaml", folder / "data", folder / "gateway.log"
    everything: list[Sent] = []
    with serving(binary, model, folder / "llama-server.log", given.flags) as port:
        config.write_text(given.config(port))
        with gateway(config, data_dir, log=log) as server:
            for protocol in given.protocols:
                sent, wrong = send(protocol, server, data_dir, log)
                print_messages(sent)
                if verbose:
                    print_statements(sent)
                print_protocol(protocol, sent, wrong)
                print_inventions(sent)
                sys.stdout.flush()
                everything += sent
    answered = sum(by_model(each) for each in everything)
    print(
        f"{given.name}: {answered} of {len(everything)} summaries are the model's;"
        f" {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    return answered


def main() -> int:
    """Exit code 1 when the model gave no summary at all in a format in which it must."""
    parser = argparse.ArgumentParser()
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--cache", type=Path, default=root / "ehr-gateway" / "real-model")
    parser.add_argument("--only", choices=[each.name for each in FORMATS])
    parser.add_argument("--verbose", "-v", action="store_true", help="print all that the model says")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    model, binary = weights(given.cache), server_binary(given.cache)
    print(f"{binary}\n{model}")
    silent = []
    for each in FORMATS:
        if given.only in (None, each.name):
            with tempfile.TemporaryDirectory(prefix="ehr-gateway-real-model-") as folder:
                answered = run(each, binary, model, Path(folder), verbose=given.verbose)
            if not answered and each.must_answer:
                silent.append(each.name)
    for name in silent:
        print(f"the model gave no summary by {name}")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
