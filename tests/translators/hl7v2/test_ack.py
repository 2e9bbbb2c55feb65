"""Acknowledgments. The golden files hold, for each version, the positive answer and a negative one."""

from pathlib import Path

import pytest
from hl7apy.parser import parse_message, parse_segment
from hl7apy.validation import Validator
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, Reply
from tests.translators.hl7v2.messages import ATTACHMENTS, IDENTITY, NOW, TRANSLATOR, inbound, opened
from translators.hl7v2.ack import Mode
from translators.hl7v2.to_error import ACKNOWLEDGMENT, CONDITIONS
from translators.hl7v2.translator import Hl7v2Translator
from translators.hl7v2.versions import SUPPORTED, is_at_least

GOLDEN = Path(__file__).parent / "golden"
ERROR = GatewayError(ErrorKind.INVALID_VALUE, "the detail quotes DOE", location="OBX[2]-5.1")


def event(
    version: str = "2.5.1",
    *,
    kind: str = "ADT^A01^ADT_A01",
    processing_id: str = "P",
    asks: str = "|",
    charset: str = "",
    control_id: str = "M\\F\\1",
) -> bytes:
    line = (
        f"MSH|^~\\&|EPIC^1.2.3^ISO|RIVER\\T\\SIDE^1.2.4^ISO|HUB^1.2.5^ISO|MAIN|20260314||{kind}|{control_id}"
        f"|{processing_id}|{version}|||{asks}||{charset}"
    )
    return line.rstrip("|").encode() + b"\rPID|1"


def receipt(payload: bytes, translator: Hl7v2Translator = TRANSLATOR) -> Reply:
    message, of = opened(payload)
    return translator.to_receipt(message, of, NOW)


def refusal(payload: bytes, error: GatewayError = ERROR, translator: Hl7v2Translator = TRANSLATOR) -> Reply:
    return translator.to_error(inbound(payload), None, error, NOW)


def fields(reply: bytes, name: bytes) -> list[bytes]:
    """`fields(...)[n]` is field n."""
    line = next(line for line in reply.split(b"\r") if line.startswith(name))
    row = line.split(line[3:4])
    return [row[0], line[3:4], *row[1:]] if name == b"MSH" else row


@pytest.mark.parametrize("version", SUPPORTED)
def test_the_acknowledgments_of_each_version_are_as_written(version: str) -> None:
    written = (GOLDEN / f"ack-{version}.er7").read_bytes()
    payload = event(version)
    answers = receipt(payload).body + b"\r" + refusal(payload).body
    assert answers.replace(b"\r", b"\n") == written


@pytest.mark.parametrize("version", [each for each in SUPPORTED if each not in ("2.1", "2.7.1")])
def test_acknowledgments_follow_the_structure_of_their_version(version: str) -> None:
    """By hl7apy, which does not know 2.7.1 and wants TS.2 everywhere in 2.1."""
    payload = event(version)
    if not is_at_least(version, "2.3"):  # HD was not there yet
        payload = f"MSH|^~\\&|EPIC|RIVERSIDE|HUB|MAIN|20260314||ADT^A01|M1|P|{version}\r".encode()
    for reply in (receipt(payload), refusal(payload)):
        text = reply.body.decode().rstrip("\r")
        if is_at_least(version, "2.3.1"):
            assert Validator.validate(parse_message(text, find_groups=True))
        else:  # hl7apy finds a structure only by MSH-9.3
            assert all(Validator.validate(parse_segment(line, version)) for line in text.split("\r"))


@pytest.mark.parametrize(
    ("version", "answered"),
    [("2.9", "2.8.2"), ("2.999", "2.8.2"), ("", "2.3"), ("2.5^USA^2.5", "2.5^USA^2.5")],
)
def test_a_version_that_is_not_ours_is_answered_in_one_that_is(version: str, answered: str) -> None:
    assert fields(refusal(event(version)).body, b"MSH")[12] == answered.encode()


def test_who_we_are_called_is_who_we_are() -> None:
    row = fields(receipt(event()).body, b"MSH")
    assert row[3:7] == [b"HUB^1.2.5^ISO", b"MAIN", b"EPIC^1.2.3^ISO", b"RIVER\\T\\SIDE^1.2.4^ISO"]
    row = fields(receipt(b"MSH|^~\\&|EPIC|RIVERSIDE|||2026||ADT^A01|M1|P|2.5\r").body, b"MSH")
    assert row[3:7] == [b"RIVERSIDE-GW", b"RIVERSIDE", b"EPIC", b"RIVERSIDE"]


def test_our_own_name_is_escaped_in_the_sender_s_delimiters() -> None:
    translator = Hl7v2Translator(GatewayIdentity("A&B|C", "D", "1"), ATTACHMENTS)
    reply = receipt(b"MSH|^~\\&|E||||2026||ADT^A01|M1|P|2.5\r", translator)
    assert fields(reply.body, b"MSH")[3] == b"A\\T\\B\\F\\C"


@pytest.mark.parametrize("processing_id", ["P", "T", "D", "T^A"])
def test_the_processing_id_is_echoed(processing_id: str) -> None:
    assert fields(receipt(event(processing_id=processing_id)).body, b"MSH")[11] == processing_id.encode()


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"MSH*#%!$*A*B*C*D*2026**ADT#A01*M1*P*2.5\r", b"MSH*#%!$*C*D*A*B*20260314093000+0000**ACK#A01#ACK*"),
        (
            b"MSH|^~\\&#|A|B|C|D|2026||ADT^A01|M1|P|2.7\r",
            b"MSH|^~\\&#|C|D|A|B|20260314093000+0000||ACK^A01^ACK|",
        ),
        (b"MSH|^|A|B|C|D|2026||ADT^A01|M1|P|2.5\r", b"MSH|^|C|D|A|B|20260314093000+0000||ACK^A01^ACK|"),
        (b"MSH|^~&|A|B|C|D|2026||ADT^A01|M1|P|2.5\r", b"MSH|^~&|C|D|A|B|20260314093000+0000||ACK^A01^ACK|"),
    ],
)
def test_the_sender_s_delimiters_are_ours(head: bytes, answer: bytes) -> None:
    assert receipt(head).body.startswith(answer)


def test_errors_in_other_delimiters_hold_no_standard_ones() -> None:
    reply = refusal(
        b"MSH*#%!$*A*B*C*D*2026**ADT#A01*M1*P*2.5\r", GatewayError(ErrorKind.UNAUTHENTICATED)
    ).body
    assert not set(b"|^~&\\") & set(reply)


@given(st.binary(min_size=1, max_size=40).filter(lambda b: b.translate(None, b"|\r\n") == b and b.strip()))
def test_the_control_id_comes_back_byte_by_byte(control_id: bytes) -> None:
    payload = b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|" + control_id + b"|P|2.5\r"
    without_controls = control_id.translate(None, bytes(range(32)) + b"\x7f")
    for reply in (refusal(payload), refusal(payload, GatewayError(ErrorKind.UNSUPPORTED_ENCODING))):
        assert fields(reply.body, b"MSA")[2] == without_controls


def test_an_acknowledgment_has_an_id_of_its_own_and_asks_for_none() -> None:
    row = fields(receipt(event(asks="AL|AL")).body, b"MSH")
    assert (row[10], row[15], row[16]) == (b"01KM8Z5Q00ABCDEFGHA", b"NE", b"NE")
    assert len(row[10]) <= 20


@pytest.mark.parametrize(
    ("payload", "charset"),
    [
        (event(charset="8859/1"), b"8859/1"),
        (event(charset="UNICODE UTF-8"), b"UNICODE UTF-8"),
        (event(), b""),
        ("MSH|^~\\&|Müller||||2026||ADT^A01|M1|P|2.5\r".encode(), b"UNICODE UTF-8"),
        ("MSH|^~\\&|Müller||||2026||ADT^A01|M1|P|2.5||||||8859/1\r".encode("latin-1"), b"8859/1"),
        (event(charset="ISO IR 999"), b""),
    ],
)
def test_the_character_set_is_named_when_it_matters(payload: bytes, charset: bytes) -> None:
    reply = refusal(payload).body
    assert (fields(reply, b"MSH") + [b""] * 20)[18] == charset
    reply.decode({b"8859/1": "latin-1", b"UNICODE UTF-8": "utf-8", b"": "ascii"}[charset])


def test_bytes_of_an_unknown_character_set_do_not_come_back() -> None:
    reply = refusal(b"MSH|^~\\&|M\xfcller||||2026||ADT^A01|M1|P|2.5\r").body
    assert fields(reply, b"MSH")[5] == b"M?ller"


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_has_an_acknowledgment(kind: ErrorKind) -> None:
    code, condition = ACKNOWLEDGMENT[kind]
    assert code in ("AE", "AR") and condition in CONDITIONS
    for version in SUPPORTED:
        reply = refusal(event(version), GatewayError(kind, "DOE^JANE", location="PID[1]-5"))
        assert (reply.code, reply.positive) == (code, False)
        assert fields(reply.body, b"MSA")[1] == code.encode()
        assert condition.encode() in b"|".join(fields(reply.body, b"ERR"))
        assert b"DOE" not in reply.body
        assert reply.body.endswith(b"\r")


def test_what_passes_with_time_is_never_called_an_error_of_content() -> None:
    for kind in ErrorKind:
        assert not (kind.passes_with_time and ACKNOWLEDGMENT[kind][0] == "AE")


@pytest.mark.parametrize("wire_code", ["AE", "AR"])
def test_the_operator_s_code_goes_first(wire_code: str) -> None:
    error = GatewayError(ErrorKind.STORE_UNAVAILABLE, wire_code=wire_code)
    assert refusal(event(), error).code == wire_code


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("PID[2]-5", b"PID^2^5"),
        ("MSH-9", b"MSH^1^9"),
        ("OBX[3]-5.2.1", b"OBX^3^5^1^2^1"),
        ("OBX[2]-5/section[11450-4]/entry[1]", b"OBX^2^5"),
        ("PID", b"PID^1"),
        ("", b""),
        ("line 3, column 4", b""),
    ],
)
def test_the_place_of_an_error_is_told_in_its_parts(location: str, sent: bytes) -> None:
    assert (
        fields(refusal(event(), GatewayError(ErrorKind.INVALID_VALUE, location=location)).body, b"ERR")[2]
        == sent
    )


def test_text_of_acknowledgments_was_withdrawn_in_2_7() -> None:
    for version in SUPPORTED:
        has_text = len(fields(refusal(event(version)).body, b"MSA")) > 3
        assert has_text is not is_at_least(version, "2.7")


def test_the_incident_of_an_error_is_our_id_of_the_message() -> None:
    assert fields(refusal(event()).body, b"ERR")[7:9] == [
        b"01KM8Z5Q00ABCDEFGH",
        b"An element has a value that is not valid",
    ]


@pytest.mark.parametrize(
    "payload", [b"", b"garbage", b"PID|1", b"\x00\x01\x02", b"MS", "héllo".encode("utf-16")]
)
def test_an_unreadable_message_still_gets_a_reply(payload: bytes) -> None:
    reply = refusal(payload, GatewayError(ErrorKind.MALFORMED, location="MSH"))
    assert (reply.code, fields(reply.body, b"MSA")) == (
        "AR",
        [b"MSA", b"AR", b"", b"The message does not follow the syntax of its protocol"],
    )


@pytest.mark.parametrize(
    "payload", [b"MSH|^~\\&|A|B|C|D|2026||ACK|M1|P|2.5\rMSA|AA|1", b"MSH|^~\\&|A||||||ACK^A01^ACK"]
)
def test_an_acknowledgment_is_never_acknowledged(payload: bytes) -> None:
    assert refusal(payload, GatewayError(ErrorKind.MALFORMED)).body == b""


@given(st.binary(max_size=200), st.sampled_from(ErrorKind), st.text(max_size=20))
def test_no_payload_makes_the_answer_raise(tail: bytes, kind: ErrorKind, location: str) -> None:
    reply = refusal(b"MSH|" + tail, GatewayError(kind, location=location))
    assert not set(reply.body) & set(b"\x0b\x1c\x00\n")


ENHANCED = Hl7v2Translator(IDENTITY, ATTACHMENTS, "enhanced")

# MSH-15 and MSH-16, what goes back when the message is taken, and when it is not (2.9, 2.9.2).
MATRIX = [
    ("|", ["AA"], ["AE"]),
    ("NE|NE", [], []),
    ("AL|NE", ["CA"], ["CE"]),
    ("AL|", ["CA"], ["CE"]),
    ("SU|NE", ["CA"], []),
    ("ER|NE", [], ["CE"]),
    ("NE|AL", ["AA"], ["AE"]),
    ("|AL", ["AA"], ["AE"]),
    ("NE|ER", [], ["AE"]),
    ("NE|SU", ["AA"], []),
    ("AL|AL", ["CA", "AA"], ["CE"]),
    ("AL|ER", ["CA"], ["CE"]),
    ("AL|SU", ["CA", "AA"], ["CE"]),
    ("ER|AL", ["AA"], ["CE"]),
    ("ER|ER", [], ["CE"]),
    ("ER|SU", ["AA"], ["CE"]),
    ("SU|AL", ["CA", "AA"], ["AE"]),
    ("SU|SU", ["CA", "AA"], []),
    ("SU|ER", ["CA"], ["AE"]),
]


def codes(reply: Reply) -> list[str]:
    return [fields(body, b"MSA")[1].decode() for body in (reply.body, *reply.also) if body]


@pytest.mark.parametrize(("asks", "taken", "refused"), MATRIX)
def test_enhanced_mode_answers_as_it_is_asked(asks: str, taken: list[str], refused: list[str]) -> None:
    positive, negative = receipt(event(asks=asks), ENHANCED), refusal(event(asks=asks), ERROR, ENHANCED)
    assert (codes(positive), codes(negative)) == (taken, refused)
    assert (positive.positive, negative.positive) == (True, False)


@pytest.mark.parametrize(("asks", "_taken", "_refused"), MATRIX)
def test_original_mode_answers_once_whatever_is_asked(
    asks: str, _taken: list[str], _refused: list[str]
) -> None:
    mode: Mode = "original"
    translator = Hl7v2Translator(IDENTITY, ATTACHMENTS, mode)
    assert codes(receipt(event(asks=asks), translator)) == ["AA"]
    assert codes(refusal(event(asks=asks), ERROR, translator)) == ["AE"]


def test_both_acknowledgments_have_ids_of_their_own() -> None:
    reply = receipt(event(asks="AL|AL"), ENHANCED)
    assert fields(reply.body, b"MSH")[10] != fields(reply.also[0], b"MSH")[10]
