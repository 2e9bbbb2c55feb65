"""What of a changed file takes effect at once, what is named as waiting, and what is refused."""

import pytest

from gateway.settings import Settings, UnusableSettings, parse
from gateway.settings.reloaded import reloaded

FILE = """
gateway: {name: GW, time_zone: UTC}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:2575", partners: [epic]}
  - {name: web, protocol: http, bind: "127.0.0.1:8080"}
partners:
  epic: {identify: [{sending_application: EPIC}]}
  lab: {identify: [{sending_application: LAB}], return: {mllp: "127.0.0.1:1"}}
backends:
  builtin: {type: extractive}
  cloud: {type: openai, model: m, base_url: "https://m.example/v1", region: us, baa: {expires: 2030-01-01}}
models:
  clinical: {default: "1", versions: {"1": {targets: [{backend: cloud}]}}}
policy:
  rules:
    - {id: a, effect: permit}
"""


def read(*changes: tuple[str, str]) -> Settings:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, {})[0]


def refused(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(UnusableSettings) as unusable:
        reloaded(read(), read(*changes))
    return [f"{each.path}: {each.text}" for each in unusable.value.problems]


@pytest.mark.parametrize(
    "change",
    [
        ("effect: permit", "effect: forbid"),
        ("time_zone: UTC", "time_zone: Europe/Paris"),
        ("sending_application: EPIC", "sending_application: OTHER"),
        ("2030-01-01", "2031-01-01"),
        ("region: us,", "region: us, retention_days: 3,"),
        ('{default: "1", versions: {', '{default: "2", versions: {"2": {targets: [{backend: builtin}]}, '),
        ("partners: [epic]", "partners: [epic, lab]"),
    ],
)
def test_what_can_change_does(change: tuple[str, str]) -> None:
    wanted = read(change)
    found = reloaded(read(), wanted)
    assert found.settings == wanted
    assert found.needs_restart == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("name: GW", "name: OTHER"), "gateway.name"),
        (("127.0.0.1:8080", "127.0.0.1:8081"), "listeners"),
        (("model: m,", "model: other, on_premises: true,"), "backends.cloud"),
        (("127.0.0.1:1", "127.0.0.1:2"), "partners.lab.return"),
        (
            ("builtin: {type: extractive}", "builtin: {type: extractive}\n  more: {type: extractive}"),
            "backends.more",
        ),
    ],
)
def test_what_cannot_is_named_and_stays(change: tuple[str, str], named: str) -> None:
    found = reloaded(read(), read(change))
    assert found.needs_restart == (named,)
    assert found.settings == read()


def test_a_model_of_a_backend_that_does_not_run_is_refused() -> None:
    more = ("builtin: {type: extractive}", "builtin: {type: extractive}\n  more: {type: extractive}")
    assert refused(more, ("backend: cloud", "backend: more")) == [
        "models.clinical.versions.1.targets[0].backend: backend more needs a restart"
    ]


def test_a_return_that_has_no_connection_is_refused() -> None:
    epic = ("EPIC}]", 'EPIC}], return: {mllp: "127.0.0.1:3"}')
    assert refused(epic, ("effect: permit", "effect: permit, then: {return_to: epic}")) == [
        "policy.rules[0].then.return_to: the return of partner epic needs a restart"
    ]


def test_a_listener_for_partners_that_are_gone_never_serves_everybody() -> None:
    feed = '  - {name: feed, protocol: mllp, bind: "127.0.0.1:2575", partners: [epic]}\n'
    gone = ((feed, ""), ("  epic: {identify: [{sending_application: EPIC}]}\n", ""))
    assert refused(*gone) == ["partners: listener feed still runs for one that is gone: needs a restart"]
