import pytest

from gateway.errors import ErrorKind, GatewayError
from translators.hl7v2.delimiters import ABSENT, STANDARD, delimiters_of


@pytest.mark.parametrize(
    ("encoding", "roles"),
    [
        ("^~\\&", "^~\\&" + ABSENT),
        ("^~\\&#", "^~\\&#"),
        ("@", "@" + ABSENT * 4),
        ("^", "^" + ABSENT * 4),
        ("^~", "^~" + ABSENT * 3),
        ("~|\\&", "~|\\&" + ABSENT),  # in a message whose MSH-1 is ^
        ("~&#\\", "~&#\\" + ABSENT),
        ("^~&", "^~\\&" + ABSENT),  # lost its escape character
        ("~\\&", "^~\\&" + ABSENT),
        ("^~\\\\&", "^~\\&" + ABSENT),  # doubled it
        ("$%*-+", "$%*-+"),
    ],
)
def test_every_character_of_msh_2_has_its_role(encoding: str, roles: str) -> None:
    field = "^" if "|" in encoding else "|"
    found = delimiters_of(field, encoding)
    sent = (found.component, found.repetition, found.escape, found.subcomponent, found.truncation)
    assert "".join(sent) == roles


def test_the_standard_ones_are_the_standard_ones() -> None:
    assert delimiters_of("|", "^~\\&") == STANDARD


@pytest.mark.parametrize(
    ("field", "encoding", "kind", "location"),
    [
        ("|", "", ErrorKind.REQUIRED_MISSING, "MSH-2"),
        ("|", "^~\\&#!", ErrorKind.MALFORMED, "MSH-2"),
        ("|", "^~ABC", ErrorKind.MALFORMED, "MSH-2"),
        ("|", "$$*-", ErrorKind.MALFORMED, "MSH-2"),
        ("|", "^~|&", ErrorKind.MALFORMED, "MSH-2"),
        ("", "^~\\&", ErrorKind.MALFORMED, "MSH-1"),
        ("é", "^~\\&", ErrorKind.MALFORMED, "MSH-1"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_by_its_place(
    field: str, encoding: str, kind: ErrorKind, location: str
) -> None:
    with pytest.raises(GatewayError) as raised:
        delimiters_of(field, encoding)
    assert (raised.value.kind, raised.value.location) == (kind, location)
