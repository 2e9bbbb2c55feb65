"""The form of a key, and which of the issued ones count when."""

import re
import secrets
from datetime import UTC, datetime, timedelta

from gateway.identity.issued_keys import IssuedKey, IssuedKeys, is_key, key_hash, new_key

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def issued(key: str, **more: float) -> IssuedKey:
    return IssuedKey(key_hash(key)[:12], key_hash(key), "epic", "night", **more)


def test_a_key_can_be_told_from_chance_by_its_prefix_and_checksum() -> None:
    key = new_key(secrets.randbits)
    assert re.fullmatch(r"ehrgw_[0-9A-Za-z]{49}", key)
    assert is_key(key)
    swapped = key[:10] + ("a" if key[10] != "a" else "b") + key[11:]
    assert not is_key(swapped)
    assert not is_key("")
    assert len(new_key(lambda bits: 0)) == len(new_key(lambda bits: 2**bits - 1)) == 55


def test_a_key_counts_until_it_expires_or_is_revoked() -> None:
    moment = NOW.timestamp()
    keys = IssuedKeys(
        [
            issued("good", expires_at=moment + 1),
            issued("expired", expires_at=moment),
            issued("revoked", revoked_at=moment - 1),
        ]
    )
    found = keys.find(key_hash("good"), NOW)
    assert found is not None
    assert found.subject.endswith(" night")
    for key in ("expired", "revoked", "unknown"):
        assert keys.find(key_hash(key), NOW) is None


def test_several_keys_of_a_partner_count_at_once_and_a_change_counts_at_once() -> None:
    keys = IssuedKeys([issued("old")])
    keys.replace([issued("old"), issued("new")])
    assert keys.find(key_hash("old"), NOW)
    assert keys.find(key_hash("new"), NOW)
    keys.replace([issued("new")])
    assert keys.find(key_hash("old"), NOW) is None


def test_the_last_use_is_noted_once_a_minute() -> None:
    keys = IssuedKeys([issued("k")])
    for seconds in (0, 1, 59):
        keys.find(key_hash("k"), NOW + timedelta(seconds=seconds))
    assert keys.take_used() == {key_hash("k")[:12]: NOW.timestamp()}
    keys.find(key_hash("k"), NOW + timedelta(seconds=30))
    assert keys.take_used() == {}
    keys.find(key_hash("k"), NOW + timedelta(seconds=61))
    assert list(keys.take_used().values()) == [NOW.timestamp() + 61]
