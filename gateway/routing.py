"""In which order the permitted backends are tried. Pure."""

import hashlib
import math

from gateway.policy.decision import Decision


def order_backends(decision: Decision, sticky_key: str) -> tuple[str, ...]:
    """Targets by weight, then fallbacks. `sticky_key` decides, so that a patient stays with one target."""
    model = decision.model
    if model is None:
        return ()
    permitted = set(decision.backends)
    weighted = [(name, weight) for name, weight in model.targets if name in permitted and weight > 0]
    if len(weighted) > 1:
        weighted.sort(key=lambda target: _distance(target[0], target[1], sticky_key))
    fallbacks = [name for name in model.fallback if name in permitted]
    return tuple(dict.fromkeys([*(name for name, _ in weighted), *fallbacks]))


def _distance(name: str, weight: int, sticky_key: str) -> float:
    """Weighted rendezvous hashing: the target with the least distance is first, over many keys as often as
    its weight says. A target that goes moves only its own keys, one whose weight grows only takes some."""
    digest = hashlib.sha256(f"{name}\0{sticky_key}".encode()).digest()
    drawn = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)  # in (0, 1)
    return -math.log(drawn) / weight
