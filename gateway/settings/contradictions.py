"""What the keys of the operator's file say of one another: references, doubles, what production forbids.

Reads plain values of any shape, because the file may be wrong elsewhere too.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gateway.settings.attempt_contradictions import of_attempts
from gateway.settings.backend_contradictions import Contradiction, in_production, of_backend
from gateway.settings.file import Path as KeyPath
from gateway.settings.life_contradictions import of_lives, of_operation_pins, of_pins
from gateway.settings.limit_contradictions import of_limits
from gateway.settings.production import anonymous, default_secrets, of_listeners


def contradictions(content: object) -> Iterator[Contradiction]:
    """Each with the path at which it is to be mended."""
    if str(_at(content, "gateway", "store")).startswith("postgresql"):
        yield ("gateway", "store"), "only sqlite is built yet"
    yield from _listeners(content)
    for name, backend in _named(content, "backends").items():
        yield from of_backend(("backends", name), backend)
        yield from of_attempts(("backends", name), backend, _at(content, "backends"))
    yield from _partners(content)
    yield from _models(content)
    models, partners = _named(content, "models"), _named(content, "partners")
    for alias, model in models.items():
        yield from of_lives(("models", alias), model)
    yield from of_lives(("operations", "summarize"), _operation(content))
    yield from of_pins(partners, models)
    yield from of_operation_pins(partners, _named(_operation(content), "versions"))
    yield from _rules(content)
    yield from of_limits(content)
    if _at(content, "gateway", "environment") == "production":
        yield from _production(content)


def _at(content: object, *keys: str) -> Any:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _named(content: object, *keys: str) -> dict[str, Any]:
    found = _at(content, *keys)
    return found if isinstance(found, dict) else {}


def _listed(content: object, *keys: str) -> list[Any]:
    found = _at(content, *keys)
    return found if isinstance(found, list) else []


def _unknown(here: KeyPath, values: list[Any], known: object, what: str) -> Iterator[Contradiction]:
    for index, value in enumerate(values):
        if isinstance(value, str) and isinstance(known, dict) and value not in known:
            yield (*here, index), f"there is no {what} {value}"


def _listeners(content: object) -> Iterator[Contradiction]:
    listeners = _listed(content, "listeners")
    names = Counter(str(_at(listener, "name")) for listener in listeners)
    binds = Counter(str(_at(listener, "bind")) for listener in listeners)
    for index, listener in enumerate(listeners):
        here: KeyPath = ("listeners", index)
        name, bind = str(_at(listener, "name")), str(_at(listener, "bind"))
        if names[name] > 1:
            yield (*here, "name"), f"{name} is the name of another listener too"
        if binds[bind] > 1 and not bind.endswith(":0"):
            yield (*here, "bind"), "another listener is bound to the same address"
        yield from _unknown(
            (*here, "partners"), _listed(listener, "partners"), _at(content, "partners"), "partner"
        )
        wants_certificates = _at(listener, "tls", "client_certificate") in ("optional", "required")
        if wants_certificates and not _at(listener, "tls", "client_ca"):
            yield (*here, "tls", "client_ca"), "is needed to verify client certificates"


def _partners(content: object) -> Iterator[Contradiction]:
    listeners = {str(_at(each, "name")) for each in _listed(content, "listeners")}
    issuers = _named(content, "token_issuers")
    for name, partner in _named(content, "partners").items():
        for index, mapping in enumerate(_listed(partner, "identify")):
            here: KeyPath = ("partners", name, "identify", index)
            listener, issuer = _at(mapping, "listener"), _at(mapping, "token_issuer")
            if isinstance(listener, str) and listener not in listeners:
                yield (*here, "listener"), f"there is no listener {listener}"
            if isinstance(issuer, str) and issuer not in issuers:
                yield (*here, "token_issuer"), f"there is no token issuer {issuer}"
    urls = Counter(str(_at(each, "issuer")) for each in issuers.values())
    for name, issuer in issuers.items():
        if urls[str(_at(issuer, "issuer"))] > 1:
            yield ("token_issuers", name, "issuer"), "is the issuer of another entry too"


def _models(content: object) -> Iterator[Contradiction]:
    backends = _at(content, "backends")
    for alias, model in _named(content, "models").items():
        for name, version in _named(model, "versions").items():
            here: KeyPath = ("models", alias, "versions", name)
            for index, target in enumerate(_listed(version, "targets")):
                backend = _at(target, "backend")
                if isinstance(backend, str) and backend not in (backends or ()):
                    yield (*here, "targets", index, "backend"), f"there is no backend {backend}"
            yield from _unknown((*here, "fallback"), _listed(version, "fallback"), backends, "backend")


def _operation(content: object) -> dict[str, Any]:
    return {"default": "1", "versions": {"1": {}}} | _named(content, "operations", "summarize")


def _rules(content: object) -> Iterator[Contradiction]:
    rules = _listed(content, "policy", "rules")
    ids = Counter(str(_at(rule, "id")) for rule in rules)
    listeners = {str(_at(each, "name")): each for each in _listed(content, "listeners")}
    for index, rule in enumerate(rules):
        here: KeyPath = ("policy", "rules", index)
        if ids[str(_at(rule, "id"))] > 1:
            yield (*here, "id"), f"{_at(rule, 'id')} is the id of another rule too"
        yield from _obligations(content, rule, here)
        for key, known in (
            ("partner", _at(content, "partners")),
            ("backend", _at(content, "backends")),
            ("listener", listeners),
            ("operation_version", _named(_operation(content), "versions")),
        ):
            yield from _unknown((*here, "when", key), _listed(rule, "when", key), known, key)


def _obligations(content: object, rule: object, here: KeyPath) -> Iterator[Contradiction]:
    models = _named(content, "models")
    asked = _at(rule, "then", "model")
    if asked is None and _at(rule, "effect") == "permit" and len(models) > 1:
        yield (*here, "then", "model"), "is needed: there is more than one model"
    if isinstance(asked, str):
        alias, _, version = asked.partition("@")
        if alias not in models:
            yield (*here, "then", "model"), f"there is no model {alias}"
        elif version and version not in _named(models, alias, "versions"):
            yield (*here, "then", "model"), f"model {alias} has no version {version}"
    returned_to = _at(rule, "then", "return_to")
    if isinstance(returned_to, str):
        partners = _named(content, "partners")
        if returned_to not in partners:
            yield (*here, "then", "return_to"), f"there is no partner {returned_to}"
        elif not _at(partners, returned_to, "return"):
            yield (*here, "then", "return_to"), f"partner {returned_to} has no return"


def _production(content: object) -> Iterator[Contradiction]:
    for name, backend in _named(content, "backends").items():
        yield from in_production(("backends", name), backend)
    yield from of_listeners(content)
    yield from default_secrets(content)
    yield from anonymous(content)
