"""When two descriptions are surely of two people."""

import pytest

from gateway.clinical import Identifier, Name, Patient, are_different_people

SHAW = Name(family="Shaw", given=("Amy",))


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        (Patient(birth_date="1958"), Patient(birth_date="1959-03-14"), True),
        (
            Patient(birth_date="1958", names=(SHAW,)),
            Patient(birth_date="1958-03", names=(Name(family="Doe"),)),
            False,
        ),
        (Patient(names=(SHAW,)), Patient(names=(Name(family="Doe", given=("Jim",)),)), True),
        (Patient(names=(SHAW,), birth_date="1958"), Patient(names=(Name(text="Jim Doe"),)), True),
        (Patient(names=(SHAW,)), Patient(names=(Name(text="Amy Miller-Shaw"),)), False),
        (Patient(names=(SHAW,)), Patient(names=(Name(family="AMY"),)), False),
        (Patient(names=(SHAW,)), Patient(), False),
        (
            Patient(names=(SHAW,), identifiers=(Identifier(value="1", system="H", type="MR"),)),
            Patient(names=(Name(family="Doe"),), identifiers=(Identifier(value="1", system="H", type="MR"),)),
            False,
        ),
    ],
)
def test_people_are_different_where_what_can_be_compared_contradicts(
    one: Patient, other: Patient, different: bool
) -> None:
    assert are_different_people(one, other) is are_different_people(other, one) is different
