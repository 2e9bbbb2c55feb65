"""Real-world messages beside the checkout; a test that wants them skips where they are absent."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2] / "shared" / "data"


def shared_data(folder: str) -> Path:
    """`hl7v2`, `fhir`, `ccda`, `soap` or `wsdl` of the shared corpus. Skips the calling test without it."""
    found = _ROOT / folder
    if not found.is_dir():
        pytest.skip(f"the shared corpus ../shared/data/{folder} is not beside this checkout")
    return found
