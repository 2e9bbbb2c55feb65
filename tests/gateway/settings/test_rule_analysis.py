"""Rules that make no sense, and records that could leave without an agreement, are named when the file is read."""

import pytest

from gateway.settings import UnusableSettings, parse

FILE = """
gateway: {environment: @environment@}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:2575", partners: [epic]}
  - {name: web, protocol: http, bind: "127.0.0.1:8080"}
partners:
  epic: {identify: [{sending_application: EPIC}], purpose_of_use: [TREAT], @pins@}
  lab: {identify: [{sending_application: LAB}], return: {mllp: "127.0.0.1:1"}}
backends:
  builtin: {type: extractive}
  spare: {type: extractive}
  ward: {type: openai, model: m, base_url: "http://127.0.0.1:8000/v1", on_premises: true}
  cloud: {type: openai, model: m, base_url: "https://m.example/v1", @cloud@}
models:
  clinical:
    default: "1"
    versions: {"1": {targets: [{backend: cloud}], fallback: [ward, builtin] @life@}, "2": {targets: [{backend: ward}] @later@}}
operations: {summarize: {@operation@}}
policy:
  rules:
    - {id: a, effect: permit, when: {@when@}, then: {@then@}}
    - {id: b, effect: forbid, @forbid@}
"""
PROTECTED = "region: us, baa: {expires: 2030-01-01}, retention_days: 30"


def made(
    when: str = "",
    forbid: str = "when: {message_type: [X]}",
    *,
    life: str = "",
    later: str = "",
    pins: str = "hl7v2: {}",
    cloud: str = PROTECTED,
    environment: str = "development",
    then: str = "",
    operation: str = "",
) -> str:
    given = {"when": when, "forbid": forbid, "life": life, "later": later, "pins": pins, "cloud": cloud,
             "environment": environment, "then": then, "operation": operation}  # fmt: skip
    text = FILE
    for name, value in given.items():
        text = text.replace(f"@{name}@", value)
    return text


def problems(text: str) -> list[str]:
    with pytest.raises(UnusableSettings) as unusable:
        parse(text, {})
    return [f"{each.path}: {each.text}" for each in unusable.value.problems]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("partner: []", "when.partner: is an empty list: it never holds"),
        ("min_age: 18, max_age: 17", "when.min_age: is more than max_age: the rule never holds"),
        ("min_size_bytes: 2, max_size_bytes: 1", "when.min_size_bytes: is more than max_size_bytes: the rule never holds"),
        ("min_age: 18, age_known: false", "when.age_known: is false beside a bound on the age: the rule never holds"),
        ("purpose_of_use: [HPAYMT]", "when.purpose_of_use: never holds: no partner was granted HPAYMT"),
        ("partner: [lab], purpose_of_use: [TREAT]", "when.purpose_of_use: never holds: none of these partners was granted TREAT"),
        ("listener: [feed], protocol: [fhir]", "when.protocol: never holds: the listeners of this rule speak another"),
        ("listener: [feed], partner: [lab]", "when.partner: never holds: the listeners of this rule are not for them"),
        ("backend: [ward], backend_on_premises: false", "when.backend: never holds: no backend is so"),
        ("backend: [spare]", "when.backend: never holds: no version of its model goes to spare"),
        ("backend_region: [eu]", "when.backend_region: never holds: no backend is so"),
        ("backend_max_retention_days: 7", "when.backend_max_retention_days: never holds: no backend is so"),
        ("operation: [retrieve], backend: [ward]", "when.operation: never holds together with a backend: nothing is sent to any"),
    ],
)  # fmt: skip
def test_a_rule_that_never_holds_is_named(when: str, said: str) -> None:
    assert problems(made(when)) == [f"policy.rules[0].{said}"]


def test_a_forbid_for_backends_that_are_not_there_yet_is_sound() -> None:
    parse(made(forbid="when: {backend_region: [eu]}"), {})


@pytest.mark.parametrize(
    ("permit", "forbid"),
    [
        ("", ""),
        ("partner: [epic]", "when: {}"),
        ("partner: [epic]", "when: {partner: [epic, lab]}"),
        ('message_type: ["ADT^A01"]', 'when: {message_type: ["ADT^*"]}'),
        ("min_age: 70", "when: {min_age: 65}"),
        ("partner: [epic], protocol: [fhir]", "when: {protocol: [fhir, soap]}"),
    ],
)
def test_a_permit_that_is_forbidden_in_any_case_is_named(permit: str, forbid: str) -> None:
    assert problems(made(permit, forbid or "when: {}")) == [
        "policy.rules[0].id: a permits nothing: b forbids all of it"
    ]


@pytest.mark.parametrize(
    ("permit", "forbid"),
    [
        ("partner: [epic, lab]", "when: {partner: [epic]}"),
        ("", "when: {partner: [epic]}"),
        ("partner: [epic]", "shadow: true, when: {}"),
        ("partner: [epic]", "when: {backend_on_premises: false}"),
        ("min_age: 60", "when: {min_age: 65}"),
    ],
)
def test_a_permit_that_something_is_left_of_is_sound(permit: str, forbid: str) -> None:
    parse(made(permit, forbid), {})


@pytest.mark.parametrize(
    ("cloud", "missing"),
    [
        ("region: us", {"baa"}),
        ("baa: {expires: 2030-01-01}", {"region"}),
        ("max_tokens: 900", {"baa", "region"}),
    ],
)
def test_a_backend_that_records_could_go_to_without_agreement_or_region_is_named(
    cloud: str, missing: set[str]
) -> None:
    found = {
        f"backends.cloud.{key}: is missing, and rule a can send patients' records there" for key in missing
    }
    assert set(problems(made(cloud=cloud, environment="production"))) == found
    warnings = parse(made(cloud=cloud), {})[1]
    assert found <= {f"{each.path}: {each.text}" for each in warnings}


@pytest.mark.parametrize(
    ("permit", "forbid"),
    [
        ("backend: [ward, builtin]", "when: {message_type: [X]}"),
        ("", "when: {backend_on_premises: false}"),
        ("", "when: {backend_baa: false}"),
        ("operation: [record]", "when: {message_type: [X]}"),
    ],
)
def test_a_backend_that_no_record_can_go_to_needs_none(permit: str, forbid: str) -> None:
    text = made(permit, forbid, cloud="max_tokens: 900", environment="production")
    assert not [each for each in parse(text, {})[1] if each.path.startswith("backends.cloud")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"life": ", deprecated: 2026-01-01"},
         "models.clinical.versions.1.successor: is missing: a deprecated version names what follows it"),
        ({"life": ", sunset: 2026-01-01, on_sunset: successor"},
         "models.clinical.versions.1.successor: is missing: on_sunset says that it answers"),
        ({"life": ', successor: "1"'}, "models.clinical.versions.1.successor: leads back to itself: 1 -> 1"),
        ({"pins": 'models: {other: "1"}'}, "partners.epic.models.other: there is no model other"),
        ({"pins": 'models: {clinical: "9"}'}, "partners.epic.models.clinical: model clinical has no version 9"),
        ({"life": ", sunset: 2030-01-01"},
         "models.clinical.default: version 1 refuses from 2030-01-01 on whoever names no version"),
        ({"operation": 'versions: {"1": {deprecated: 2026-01-01}}'},
         "operations.summarize.versions.1.successor: is missing: a deprecated version names what follows it"),
        ({"operation": 'versions: {"1": {successor: "2"}, "2": {successor: "1"}}'},
         "operations.summarize.versions.1.successor: leads back to itself: 1 -> 2 -> 1"),
        ({"operation": 'versions: {"1": {successor: "7"}}'},
         "operations.summarize.versions.1.successor: there is no version 7"),
        ({"operation": 'versions: {"1": {deprecated: 2026-02-01, sunset: 2026-01-01, successor: "2"}, "2": {}}'},
         "operations.summarize.versions.1.sunset: is before deprecated"),
        ({"operation": 'versions: {"1": {sunset: 2030-01-01, successor: "2"}, "2": {}}'},
         "operations.summarize.default: version 1 refuses from 2030-01-01 on whoever names no version"),
        ({"operation": 'versions: {"1": {sunset: 2030-01-01, successor: "2", on_sunset: successor},'
                       ' "2": {sunset: 2031-01-01}}'},
         "operations.summarize.default: version 2 refuses from 2031-01-01 on whoever names no version"),
        ({"operation": 'default: "2"'}, "operations.summarize.default: there is no version 2"),
        ({"operation": 'versions: {"2": {}}'}, "operations.summarize.default: there is no version 1"),
        ({"operation": 'versions: {"1": {prompt: "9"}}'},
         "operations.summarize.versions.1.prompt: there is no prompt 9: 1, 2"),
        ({"operation": 'versions: {"1": {documentation: "see > our page"}}'},
         "operations.summarize.versions.1.documentation: is no http or https address"),
        ({"operation": 'versions: {"1": {}, "a/b": {}}'}, "operations.summarize.versions.a/b"),
        ({"operation": 'colour: red'}, "operations.summarize.colour: there is no such key"),
        ({"pins": 'operations: {summarize: "9"}'},
         "partners.epic.operations.summarize: summarize has no version 9"),
        ({"pins": 'operations: {translate: "1"}'}, "partners.epic.operations.translate"),
        ({"when": 'operation_version: ["9"]'},
         "policy.rules[0].when.operation_version[0]: there is no operation_version 9"),
        ({"then": "return_to: nobody"}, "policy.rules[0].then.return_to: there is no partner nobody"),
        ({"then": "return_to: epic"}, "policy.rules[0].then.return_to: partner epic has no return"),
        ({"then": "sections: [everything]"},
         "policy.rules[0].then.sections: there is no part everything"),
        ({"when": 'time_of_day: ["25:00-26:00"]'},
         "policy.rules[0].when.time_of_day[0]: is HH:MM-HH:MM, as in 07:00-19:00"),
    ],
)  # fmt: skip
def test_what_a_file_says_of_lives_and_obligations_is_sound(given: dict[str, str], said: str) -> None:
    assert any(each.startswith(said) for each in problems(made(**given))), problems(made(**given))


def test_a_circle_of_successors_is_told_by_each_of_its_members() -> None:
    found = problems(made(life=', successor: "2"', later=', successor: "1"'))
    assert found == [
        "models.clinical.versions.1.successor: leads back to itself: 1 -> 2 -> 1",
        "models.clinical.versions.2.successor: leads back to itself: 2 -> 1 -> 2",
    ]


def test_a_default_that_moves_on_may_have_a_last_day() -> None:
    lives = '"1": {sunset: 2030-01-01, successor: "2", on_sunset: successor}, "2": {}'
    parse(made(operation=f"versions: {{{lives}}}"), {})


def test_a_time_zone_that_does_not_exist_is_named() -> None:
    text = made().replace("gateway: {", "gateway: {time_zone: Mars/Olympus, ")
    assert problems(text) == ["gateway.time_zone: there is no time zone Mars/Olympus"]


def test_a_forbid_without_an_agreement_closes_nothing_that_has_one() -> None:
    text = made(
        forbid="when: {backend_baa: false}", cloud="baa: {expires: 2030-01-01}", environment="production"
    )
    assert problems(text) == [
        "backends.cloud.region: is missing, and rule a can send patients' records there"
    ]
