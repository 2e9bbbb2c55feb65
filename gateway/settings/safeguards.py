"""The safeguards of HIPAA and 42 CFR Part 2 held against one operator's file: what is asked, what was found.

A row says what was checked and nothing beyond. Reads settings that are sound otherwise; the files that they
name are not opened.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from gateway.policy.break_glass import PURPOSES as EMERGENCY
from gateway.settings.backends import AnyBackend
from gateway.settings.file import Path as KeyPath
from gateway.settings.file import path_text
from gateway.settings.identity import PROOF_KEYS, IdentifySettings
from gateway.settings.rule_analysis import opened_by
from gateway.settings.schema import Settings
from gateway.settings.strict import LOOPBACK_HOSTS

_BOUNDED = ("HPAYMT", "HOPERAT", "PUBHLTH", "HRESCH")


class Result(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What speaks against a safeguard, and the key at which it is to be mended."""

    path: KeyPath
    text: str

    def __str__(self) -> str:
        return f"{path_text(self.path)} {self.text}"


@dataclass(frozen=True, slots=True)
class Safeguard:
    section: str
    asks: str
    result: Result
    evidence: str
    """Says what was checked, or is built in, with the keys of the file; never more."""
    findings: tuple[Finding, ...] = ()


def safeguards(settings: Settings, today: date) -> tuple[Safeguard, ...]:
    """In the order of the sections. `today`: in the gateway's time zone."""
    backends = _reachable(settings)
    return (
        _access(settings),
        _unique_users(settings),
        _emergency(settings),
        Safeguard(
            "45 CFR 164.312(a)(2)(iii)",
            "automatic logoff (addressable)",
            Result.NOT_APPLICABLE,
            "systems connect here, and no person has a session (listeners[].idle_timeout_s)",
        ),
        _built_in(
            "45 CFR 164.312(a)(2)(iv)",
            "encryption at rest (addressable)",
            "content in the store is sealed with AES-256-GCM; its key stands in gateway.data_dir unless"
            " EHR_GATEWAY_MASTER_KEY gives it",
            "the disk and its backups",
        ),
        _built_in(
            "45 CFR 164.312(b)",
            "audit controls",
            "each decision, disclosure, outcome and look is written with its message, in gateway.data_dir",
            "whether anybody examines it",
        ),
        _built_in(
            "45 CFR 164.312(c)(1)",
            "integrity",
            "what is stored is sealed so that a change of it is found when it is read",
            "the store of this gateway",
        ),
        _built_in(
            "45 CFR 164.312(c)(2)",
            "mechanism to authenticate records (addressable)",
            "the audit is a keyed chain with signed checkpoints",
            "whether it is whole, which `audit verify` tells",
        ),
        _row(
            "45 CFR 164.312(d)",
            "person or entity authentication",
            "each mapping of partners.*.identify against where its listeners are bound",
            _unproven(settings),
        ),
        _row(
            "45 CFR 164.312(e)(1)",
            "transmission security, inbound",
            "listeners[].bind and tls: without TLS on loopback only",
            _open_listeners(settings),
        ),
        _row(
            "45 CFR 164.312(e)(2)(i)-(ii)",
            "integrity and encryption in transmission, outbound (addressable)",
            "addresses of the backends that a rule can reach, and of partners.*.return: https, or loopback",
            (*_open_backends(settings, backends), *_open_returns(settings)),
        ),
        *_of_backends(settings, backends, today),
        _minimum(settings),
        _deidentification(settings),
        _built_in(
            "45 CFR 164.316(b)(2)(i)",
            "documentation kept for six years",
            "nothing deletes audit entries but `audit prune`, by default those older than 2192 days",
            "backups, and other documentation",
        ),
        _built_in(
            "42 CFR 2.12, 2.32",
            "substance use records: where they may go, and the notice with each disclosure",
            "labelled content never goes to a backend off the premises, and answers carry the notice",
            "whether senders label it: content without labels is not recognised",
        ),
        _part2_consent(settings),
    )


def _built_in(section: str, asks: str, does: str, unchecked: str) -> Safeguard:
    """What this software does whatever the file says, and what of the safeguard nobody looked at."""
    evidence = f"built in: {does}. Not checked here: {unchecked}"
    return Safeguard(section, asks, Result.PASS, evidence)


def _row(section: str, asks: str, checked: str, given: Iterable[Finding]) -> Safeguard:
    found = tuple(given)
    return Safeguard(section, asks, Result.FAIL if found else Result.PASS, f"checked here: {checked}", found)


def _reachable(settings: Settings) -> dict[str, AnyBackend]:
    """Backends that some rule lets records go to, those in this process left out."""
    return {
        name: backend
        for name, backend in settings.backends.items()
        if backend.type != "extractive" and opened_by(settings, name)
    }


def _access(settings: Settings) -> Safeguard:
    permits = [rule for rule in settings.policy.rules if rule.effect == "permit" and not rule.shadow]
    unbound = [
        Finding(("policy", "rules", index), "permits everything to every partner")
        for index, rule in enumerate(settings.policy.rules)
        if rule in permits and not rule.when.model_fields_set
    ]
    forbids = sum(rule.effect == "forbid" and not rule.shadow for rule in settings.policy.rules)
    checked = f"policy.rules: default deny, {len(permits)} permits, {forbids} forbids"
    return _row("45 CFR 164.312(a)(1)", "access control", checked, unbound)


def _unique_users(settings: Settings) -> Safeguard:
    """Two partners with one secret cannot be told apart in the audit."""
    seen: dict[str, str] = {}
    found = []
    for name, partner in settings.partners.items():
        for index, each in enumerate(partner.identify):
            for key in ("api_key_sha256", "client_certificate", "client_certificate_san", "username"):
                value = getattr(each, key)
                other = seen.setdefault(f"{key}={value}", name) if value else name
                if other != name:
                    found.append(
                        Finding(("partners", name, "identify", index, key), f"is that of {other} too")
                    )
    checked = (
        "no two partners share a key, certificate or user name. A partner is a system: the people behind it"
        " are told apart there"
    )
    return _row("45 CFR 164.312(a)(2)(i)", "unique user identification", checked, found)


def _emergency(settings: Settings) -> Safeguard:
    section, asks = "45 CFR 164.312(a)(2)(ii)", "emergency access procedure"
    may_block = bool(settings.policy.require_consent or settings.policy.quotas) or any(
        partner.consent for partner in settings.partners.values()
    )
    granted = [
        name for name, each in settings.partners.items() if EMERGENCY.intersection(each.purpose_of_use)
    ]
    if not may_block and not granted:
        why = "no consent and no quota of this file could stand in the way (policy.require_consent, quotas)"
        return Safeguard(section, asks, Result.NOT_APPLICABLE, why)
    permitting = any(
        rule.effect == "permit"
        and not rule.shadow
        and (rule.when.purpose_of_use is None or EMERGENCY.intersection(rule.when.purpose_of_use))
        for rule in settings.policy.rules
    )
    found = [] if granted else [Finding(("partners",), "none has purpose_of_use BTG or ETREAT")]
    if granted and not permitting:
        found.append(Finding(("policy", "rules"), "none permits BTG or ETREAT"))
    checked = (
        f"break-glass for {', '.join(granted) or 'nobody'}; that it is reviewed (`audit breakglass`) is not"
    )
    return _row(section, asks, checked, found)


def _unproven(settings: Settings) -> Iterator[Finding]:
    exposed = [each for each in settings.listeners if each.bind[0] not in LOOPBACK_HOSTS]
    guarded = {each.name for each in exposed if each.tls and each.tls.client_certificate == "required"}
    for name, partner in settings.partners.items():
        reachable = [each.name for each in exposed if not each.partners or name in each.partners]
        for index, mapping in enumerate(partner.identify):
            where = [each for each in reachable if mapping.listener in (None, each)]
            if where and not _proves(mapping) and not set(where) <= guarded:
                text = f"proves nothing, and {', '.join(where)} is bound off loopback"
                yield Finding(("partners", name, "identify", index), text)


def _proves(mapping: IdentifySettings) -> bool:
    return any(getattr(mapping, key) is not None for key in PROOF_KEYS)


def _open_listeners(settings: Settings) -> Iterator[Finding]:
    for index, listener in enumerate(settings.listeners):
        if listener.tls is None and listener.bind[0] not in LOOPBACK_HOSTS:
            yield Finding(("listeners", index, "tls"), f"is missing: {listener.name} is bound off loopback")


def _open_backends(settings: Settings, backends: dict[str, AnyBackend]) -> Iterator[Finding]:
    for name, backend in backends.items():
        azure = getattr(backend, "azure", None)
        url = azure.endpoint if azure else getattr(backend, "base_url", None) or getattr(backend, "url", None)
        if url is None and backend.type == "langchain":
            if not backend.on_premises:
                yield Finding(("backends", name, "runnable"), "sends in a way that cannot be seen here")
        elif url and urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOOPBACK_HOSTS:
            yield Finding(("backends", name), "is not reached by https")


def _open_returns(settings: Settings) -> Iterator[Finding]:
    for name, partner in settings.partners.items():
        if partner.returns is not None and partner.returns.mllp[0] not in LOOPBACK_HOSTS:
            text = "is off loopback, and MLLP leaves here without TLS"
            yield Finding(("partners", name, "return", "mllp"), text)


def _of_backends(settings: Settings, backends: dict[str, AnyBackend], today: date) -> Iterator[Safeguard]:
    """Each is held to it again when a request is decided."""
    away = {name: backend for name, backend in backends.items() if not backend.on_premises}
    rows: tuple[tuple[str, str, str, Callable[[AnyBackend], str]], ...] = (
        (
            "45 CFR 164.308(b)(1), 164.314(a)",
            "business associate agreements",
            "baa",
            lambda backend: _agreement(backend, today),
        ),
        (
            "45 CFR 164.314(a)(2)(i)",
            "what an agreement is about: where content is kept",
            "region",
            lambda backend: "" if backend.region else "is not declared",
        ),
        (
            "45 CFR 164.504(e)(2)(ii)(J)",
            "what an agreement is about: for how long it is kept",
            "retention_days",
            lambda backend: "" if backend.retention_days is not None else "is not declared",
        ),
    )
    for section, asks, key, ask in rows:
        if not away:
            why = "no rule lets records go to a backend off the premises"
            yield Safeguard(section, asks, Result.NOT_APPLICABLE, why)
            continue
        found = [
            Finding(("backends", name, key), said)
            for name, backend in away.items()
            if (said := ask(backend)) and not (key == "baa" and _only_deidentified(settings, name))
        ]
        told = ", ".join(f"{name} {_declared(backend, key)}" for name, backend in away.items())
        yield _row(section, asks, f"backends.*.{key} as declared: {told}. The contract is not checked", found)


def _agreement(backend: AnyBackend, today: date) -> str:
    if backend.baa is None:
        return "is missing"
    return f"ended on {backend.baa.expires}" if backend.baa.expires < today else ""


def _declared(backend: AnyBackend, key: str) -> str:
    if key == "baa":
        return f"until {backend.baa.expires}" if backend.baa else "none"
    value = getattr(backend, key)
    return str(value) if value not in ("", None) else "none"


def _only_deidentified(settings: Settings, name: str) -> bool:
    """What goes there is no protected health information (164.502(d)(2))."""
    opening = set(opened_by(settings, name))
    return all(rule.then.deidentify == "safe_harbor" for rule in settings.policy.rules if rule.id in opening)


def _minimum(settings: Settings) -> Safeguard:
    section, asks = "45 CFR 164.502(b), 164.514(d)", "minimum necessary"
    granted = {purpose for partner in settings.partners.values() for purpose in partner.purpose_of_use}
    bounded = [purpose for purpose in _BOUNDED if purpose in granted]
    if not bounded:
        why = "partners.*.purpose_of_use grants nothing beyond treatment and what patients ask for"
        return Safeguard(section, asks, Result.NOT_APPLICABLE, why)
    found = [
        Finding(("policy", "rules", index, "then", "sections"), "is missing: research has no default bound")
        for index, rule in enumerate(settings.policy.rules)
        if rule.effect == "permit"
        and not rule.shadow
        and "HRESCH" in bounded
        and rule.then.sections is None
        and (rule.when.purpose_of_use is None or "HRESCH" in rule.when.purpose_of_use)
    ]
    checked = f"policy.rules[].then.sections, or the purpose's default, for {', '.join(bounded)}"
    return _row(section, asks, checked, found)


def _deidentification(settings: Settings) -> Safeguard:
    section, asks = "45 CFR 164.514(b)-(e)", "de-identification and limited data sets"
    levels = {
        rule.id: rule.then.deidentify for rule in settings.policy.rules if rule.then.deidentify != "none"
    }
    if not levels:
        why = "no rule asks for it (policy.rules[].then.deidentify)"
        return Safeguard(section, asks, Result.NOT_APPLICABLE, why)
    told = ", ".join(f"{rule} {level}" for rule, level in levels.items())
    checked = (
        f"{told}. In free text identifiers are looked for, and most are found, not all; a data use agreement"
        " (164.514(e)) is not checked"
    )
    return _row(section, asks, checked, ())


def _part2_consent(settings: Settings) -> Safeguard:
    found = []
    if "PART2" not in settings.policy.require_consent:
        text = "lacks PART2: labelled records are served without asking for a consent"
        found.append(Finding(("policy", "require_consent"), text))
    elif not any(partner.consent for partner in settings.partners.values()):
        found.append(Finding(("partners",), "none has a consent source: every labelled record is refused"))
    checked = "policy.require_consent and partners.*.consent"
    return _row("42 CFR 2.31, 2.33", "substance use records: consent", checked, found)
