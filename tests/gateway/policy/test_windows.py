"""Windows lie one after another without gaps, on the clock of the zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.windows import Unit, window_at

ZONES = [ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Sydney")]


@given(st.floats(1.6e9, 2.2e9), st.sampled_from(Unit), st.sampled_from(ZONES))
def test_a_moment_is_in_its_window_and_windows_touch(now: float, unit: Unit, zone: ZoneInfo) -> None:
    began_at, ends_at = window_at(unit, now, zone)
    assert began_at <= now + 1e-3 and now < ends_at
    assert window_at(unit, began_at, zone) == (began_at, ends_at)
    assert window_at(unit, ends_at, zone)[0] == ends_at


@pytest.mark.parametrize(
    ("unit", "began", "ends"),
    [
        (Unit.MINUTE, "2026-03-08T12:34:00-04:00", "2026-03-08T12:35:00-04:00"),
        (Unit.HOUR, "2026-03-08T12:00:00-04:00", "2026-03-08T13:00:00-04:00"),
        (Unit.DAY, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"),  # of 23 hours
        (Unit.MONTH, "2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"),
    ],
)
def test_days_and_months_are_those_of_the_zone(unit: Unit, began: str, ends: str) -> None:
    now = datetime.fromisoformat("2026-03-08T12:34:56-04:00").timestamp()
    found = window_at(unit, now, ZoneInfo("America/New_York"))
    assert found == (datetime.fromisoformat(began).timestamp(), datetime.fromisoformat(ends).timestamp())
