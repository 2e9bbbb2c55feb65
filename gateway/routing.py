"""In which order the permitted backends are tried."""

import hashlib

from gateway.policy.decision import Decision


def order_backends(decision: Decision, sticky_key: str) -> tuple[str, ...]:
    """Targets by weight, then fallbacks. `sticky_key` decides, so that a patient stays with one target."""
    model = decision.model
    if model is None:
        return ()
    permitted = set(decision.backends)
    weighted = [(name, weight) for name, weight in model.targets if name in permitted and weight > 0]
    first = _drawn(weighted, sticky_key)
    others = [name for name, _ in weighted]
    fallbacks = [name for name in model.fallback if name in permitted]
    return tuple(dict.fromkeys([*first, *others, *fallbacks]))


def _drawn(weighted: list[tuple[str, int]], sticky_key: str) -> list[str]:
    """One of the names, each as often as its weight says over many keys."""
    total = sum(weight for _, weight in weighted)
    if not total:
        return []
    digest = hashlib.sha256(sticky_key.encode()).digest()
    point = int.from_bytes(digest[:8], "big") % total
    for name, weight in weighted:
        point -= weight
        if point < 0:
            return [name]
    return []
