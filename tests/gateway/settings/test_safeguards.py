"""Each safeguard passes, fails with its key, or does not apply; none says more than was looked at."""

from datetime import date
from typing import Any

import pytest
import yaml

from gateway.settings.safeguards import Result, Safeguard, safeguards
from gateway.settings.schema import Settings

TODAY = date(2026, 11, 23)
FILE = """
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:2575"}
partners:
  epic: {identify: [{sending_application: EPIC}], purpose_of_use: [TREAT]}
  lab: {identify: [{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}]}
backends:
  builtin: {type: extractive}
  cloud:
    {type: openai, model: m, base_url: "https://m.example/v1", region: us, baa: {expires: 2026-11-23}, retention_days: 0}
models:
  clinical: {default: "1", versions: {"1": {targets: [{backend: cloud}], fallback: [builtin]}}}
policy:
  require_consent: [PART2]
  rules:
    - {id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}}
"""
CONSENT = {"partners": {"epic": {"consent": {"source": "bundle"}}}}
BTG = {"partners": {"epic": {"purpose_of_use": ["TREAT", "BTG"]}}}
PERMIT = {"id": "treatment", "effect": "permit", "when": {"purpose_of_use": ["TREAT"]}}
TLS = {"certificate": "c.pem", "key": "k.pem"}
OPEN = {"name": "feed", "protocol": "mllp", "bind": "0.0.0.0:2575"}
KEY = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"


def laid(base: Any, *overlays: Any) -> Any:
    for overlay in overlays:
        if isinstance(base, dict) and isinstance(overlay, dict):
            base = base | {key: laid(base.get(key), value) for key, value in overlay.items()}
        else:
            base = overlay
    return base


def rows(*overlays: dict[str, Any]) -> dict[str, Safeguard]:
    settings = Settings.model_validate(laid(yaml.safe_load(FILE), *overlays))
    return {row.section: row for row in safeguards(settings, TODAY)}


def rule(**more: Any) -> dict[str, Any]:
    return {"policy": {"rules": [PERMIT | more]}}


def cloud(**more: Any) -> dict[str, Any]:
    return {"backends": {"cloud": more}}


PASS, FAIL, NONE = Result.PASS, Result.FAIL, Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("section", "overlay", "result", "finding"),
    [
        ("45 CFR 164.312(a)(1)", {}, PASS, ""),
        ("45 CFR 164.312(a)(1)", rule(when={}), FAIL, "policy.rules[0] permits everything to every partner"),
        ("45 CFR 164.312(a)(2)(i)", {}, PASS, ""),
        ("45 CFR 164.312(a)(2)(i)", {"partners": {"epic": {"identify": [{"api_key_sha256": KEY}]}}}, FAIL,
         "partners.lab.identify[0].api_key_sha256 is that of epic too"),
        ("45 CFR 164.312(a)(2)(ii)", {"policy": {"require_consent": []}}, NONE, ""),
        ("45 CFR 164.312(a)(2)(ii)", {}, FAIL, "partners none has purpose_of_use BTG or ETREAT"),
        ("45 CFR 164.312(a)(2)(ii)", BTG, FAIL, "policy.rules none permits BTG or ETREAT"),
        ("45 CFR 164.312(a)(2)(ii)", laid(BTG, rule(when={"purpose_of_use": ["BTG"]})), PASS, ""),
        ("45 CFR 164.312(a)(2)(iii)", {}, NONE, ""),
        ("45 CFR 164.312(a)(2)(iv)", {}, PASS, ""),
        ("45 CFR 164.312(b)", {}, PASS, ""),
        ("45 CFR 164.312(c)(1)", {}, PASS, ""),
        ("45 CFR 164.312(c)(2)", {}, PASS, ""),
        ("45 CFR 164.312(d)", {}, PASS, ""),
        ("45 CFR 164.312(d)", {"listeners": [OPEN | {"tls": TLS}]}, FAIL,
         "partners.epic.identify[0] proves nothing, and feed is bound off loopback"),
        ("45 CFR 164.312(d)", {"listeners": [OPEN | {"tls": TLS | {"client_certificate": "required"}}]}, PASS, ""),
        ("45 CFR 164.312(e)(1)", {}, PASS, ""),
        ("45 CFR 164.312(e)(1)", {"listeners": [OPEN]}, FAIL, "listeners[0].tls is missing: feed is bound off loopback"),
        ("45 CFR 164.312(e)(2)(i)-(ii)", {}, PASS, ""),
        ("45 CFR 164.312(e)(2)(i)-(ii)", cloud(base_url="http://m.example/v1"), FAIL, "backends.cloud is not reached by https"),
        ("45 CFR 164.312(e)(2)(i)-(ii)", {"partners": {"epic": {"return": {"mllp": "10.0.0.1:6661"}}}}, FAIL,
         "partners.epic.return.mllp is off loopback, and MLLP leaves here without TLS"),
        ("45 CFR 164.308(b)(1), 164.314(a)", {}, PASS, ""),
        ("45 CFR 164.308(b)(1), 164.314(a)", cloud(baa={"expires": "2026-11-22"}), FAIL, "backends.cloud.baa ended on 2026-11-22"),
        ("45 CFR 164.308(b)(1), 164.314(a)", cloud(baa=None), FAIL, "backends.cloud.baa is missing"),
        ("45 CFR 164.308(b)(1), 164.314(a)", laid(cloud(baa=None), rule(then={"deidentify": "safe_harbor"})), PASS, ""),
        ("45 CFR 164.308(b)(1), 164.314(a)", cloud(on_premises=True), NONE, ""),
        ("45 CFR 164.308(b)(1), 164.314(a)", rule(when={"backend": ["builtin"]}), NONE, ""),
        ("45 CFR 164.314(a)(2)(i)", {}, PASS, ""),
        ("45 CFR 164.314(a)(2)(i)", cloud(region=""), FAIL, "backends.cloud.region is not declared"),
        ("45 CFR 164.504(e)(2)(ii)(J)", {}, PASS, ""),
        ("45 CFR 164.504(e)(2)(ii)(J)", cloud(retention_days=None), FAIL, "backends.cloud.retention_days is not declared"),
        ("45 CFR 164.502(b), 164.514(d)", {}, NONE, ""),
        ("45 CFR 164.502(b), 164.514(d)", {"partners": {"epic": {"purpose_of_use": ["HPAYMT"]}}}, PASS, ""),
        ("45 CFR 164.502(b), 164.514(d)", laid({"partners": {"epic": {"purpose_of_use": ["HRESCH"]}}}, rule(when={"partner": ["epic"]})),
         FAIL, "policy.rules[0].then.sections is missing: research has no default bound"),
        ("45 CFR 164.514(b)-(e)", {}, NONE, ""),
        ("45 CFR 164.514(b)-(e)", rule(then={"deidentify": "limited"}), PASS, ""),
        ("45 CFR 164.316(b)(2)(i)", {}, PASS, ""),
        ("42 CFR 2.12, 2.32", {}, PASS, ""),
        ("42 CFR 2.31, 2.33", CONSENT, PASS, ""),
        ("42 CFR 2.31, 2.33", {}, FAIL, "partners none has a consent source: every labelled record is refused"),
        ("42 CFR 2.31, 2.33", {"policy": {"require_consent": []}}, FAIL,
         "policy.require_consent lacks PART2: labelled records are served without asking for a consent"),
    ],
)  # fmt: skip
def test_a_safeguard_is_held_against_the_file(
    section: str, overlay: dict[str, Any], result: Result, finding: str
) -> None:
    row = rows(overlay)[section]
    assert (row.result, [str(each) for each in row.findings]) == (result, [finding] if finding else [])


def test_a_pass_says_what_was_checked_or_is_built_in_and_what_was_not() -> None:
    for row in rows(CONSENT).values():
        if row.result is Result.PASS:
            assert row.evidence.startswith(("checked here: ", "built in: "))
        if row.evidence.startswith("built in: "):
            assert "Not checked here: " in row.evidence


def test_no_secret_stands_in_what_is_shown() -> None:
    shown = repr(
        rows(cloud(api_key="hush-hush"), {"partners": {"epic": {"identify": [{"api_key_sha256": KEY}]}}})
    )
    assert "hush-hush" not in shown
    assert KEY not in shown
