import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Wish
from tests.translators.hl7v2.messages import opened, requested
from translators.hl7v2.opening import PROCESSING_IDS, part_id
from translators.hl7v2.versions import SUPPORTED


def msh(
    kind: str = "ADT^A01", control_id: str = "M1", processing_id: str = "P", version: str = "2.5.1"
) -> bytes:
    return f"MSH|^~\\&|EPIC|RIVERSIDE|GW|HUB|2026||{kind}|{control_id}|{processing_id}|{version}\r".encode()


def test_the_header_tells_who_what_and_which() -> None:
    _, found = opened(
        b"MSH|^~\\&|EPIC^1.2.3^ISO|RIVER\\T\\SIDE|||2026||ADT^A01^ADT_A01|M\\F\\1|P|2.5.1\rPID|1"
    )
    assert (found.claims.sending_application, found.claims.sending_facility) == ("EPIC", "RIVER&SIDE")
    assert (found.control_id, found.message_type, found.version) == ("M|1", "ADT^A01", "2.5.1")
    assert found.wish is Wish.RECORD


def test_a_sender_known_only_by_its_universal_id_is_known_by_it() -> None:
    _, found = opened(b"MSH|^~\\&|^1.2.3^ISO|^1.2.4^ISO|||2026||ADT^A01|M1|P|2.5.1\r")
    assert (found.claims.sending_application, found.claims.sending_facility) == ("1.2.3", "1.2.4")


@pytest.mark.parametrize(
    ("profiles", "version"),
    [
        ("", ""),
        ("summarize-2^EHR-GATEWAY", "2"),
        ("Z22^CDCPHINVS~SUMMARIZE-2026.A^ehr-gateway^1.2.3^ISO", "2026.A"),
        ("summarize-2^OTHER", ""),
        ("summarize-2", ""),
        ("summarize^EHR-GATEWAY", ""),
        ("summarize-2^EHR-GATEWAY~summarize-2^EHR-GATEWAY^1.2.3^ISO", "2"),
        ("summarize-2^EHR-GATEWAY~summarize-3^EHR-GATEWAY", "2, 3"),
        ("summarize-^EHR-GATEWAY", "-"),
        ("Z22^CDCPHINVS", ""),
    ],
)
def test_a_message_profile_names_the_version_of_the_operation(profiles: str, version: str) -> None:
    header = f"MSH|^~\\&|EPIC|RIVERSIDE|GW|HUB|2026||ADT^A01|M1|P|2.5.1|||||||||{profiles}\r"
    assert opened(header.encode())[1].operation_version == version


@pytest.mark.parametrize(
    ("kind", "more", "wish"),
    [
        ("ADT^A01^ADT_A01", b"PID|1", Wish.RECORD),
        ("ADT_A01", b"PID|1", Wish.RECORD),
        ("MFN^M02", b"MFI|1", Wish.RECORD),
        ("QBP^Q22^QBP_Q21", b"QPD|1", Wish.RECORD),
        ("QBP^Q15^QBP_Q15", b"QPD|1", Wish.RETRIEVE),
        ("ACK", b"MSA|AA|1", Wish.NOTHING),
        ("ACK^A01^ACK", b"", Wish.NOTHING),
        ("MCF", b"MSA|AA|1", Wish.NOTHING),
        ("RSP^K22^RSP_K21", b"MSA|AA|1\rPID|1", Wish.NOTHING),
        ("ORL^O22", b"SFT|1\rUAC|1\rMSA|AA|1", Wish.NOTHING),
        ("ORR^O02", b"\nMSA|AA|1", Wish.NOTHING),
        ("RSP^K22", b"PID|1\rMSA|AA|1", Wish.RECORD),
        ("ORU^R01", b"MSA|AA|1\rPID|1", Wish.RECORD),
    ],
)
def test_what_a_sender_wants_is_told_by_its_type(kind: str, more: bytes, wish: Wish) -> None:
    assert opened(msh(kind) + more)[1].wish is wish


@pytest.mark.parametrize(
    ("payload", "kind", "location"),
    [
        (b"", ErrorKind.MALFORMED, "MSH"),
        (b"hello", ErrorKind.MALFORMED, "MSH"),
        (b"PID|1||M\r" + msh(), ErrorKind.MALFORMED, "MSH"),
        (b"MSH", ErrorKind.MALFORMED, "MSH-1"),
        (b"MSH|", ErrorKind.REQUIRED_MISSING, "MSH-2"),
        (b"MSH|ABC|X", ErrorKind.MALFORMED, "MSH-2"),
        (msh(""), ErrorKind.REQUIRED_MISSING, "MSH-9"),
        (msh(control_id=""), ErrorKind.REQUIRED_MISSING, "MSH-10"),
        (msh(version="2.99"), ErrorKind.UNSUPPORTED_VERSION, "MSH-12"),
        (msh(version="P"), ErrorKind.UNSUPPORTED_VERSION, "MSH-12"),
        (msh(processing_id="X"), ErrorKind.UNSUPPORTED_PROCESSING_ID, "MSH-11"),
        (b"BHS|^~\\&|A|B\rBTS|0\r", ErrorKind.MALFORMED, "BHS"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_place(payload: bytes, kind: ErrorKind, location: str) -> None:
    with pytest.raises(GatewayError) as raised:
        opened(payload)
    assert (raised.value.kind, raised.value.location) == (kind, location)


@pytest.mark.parametrize("version", [*SUPPORTED, "2.9", "2.5^USA^2.5"])
def test_every_version_is_taken(version: str) -> None:
    assert opened(msh(version=version))[1].version == version.split("^")[0]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (msh(version=""), "version-unstated"),
        (msh(version="2.9"), "version-newer"),
        (msh(processing_id=""), "processing-id-unstated"),
        *((msh(processing_id=each), "not-production") for each in sorted(PROCESSING_IDS - {"P"})),
        (msh(processing_id="T^A"), "not-production"),
    ],
)
def test_what_is_tolerated_is_said(payload: bytes, code: str) -> None:
    assert [each.code for each in requested(payload).warnings] == [code]


@pytest.mark.parametrize("junk", [b"\xef\xbb\xbf", b"\x0b", b"\r\n", b" \t", b"\x1c\r\x0b"])
def test_framing_and_blank_lines_before_the_header_are_nothing(junk: bytes) -> None:
    assert opened(junk + msh())[1].control_id == "M1"
    assert requested(junk + msh() + b"AL1|1||^Latex\r").facts[0].text == "Latex"


def test_an_acknowledgment_is_never_an_error() -> None:
    assert opened(msh("ACK", control_id="", processing_id="X", version="9"))[1].wish is Wish.NOTHING


def test_a_resend_has_the_same_key_and_another_body_another() -> None:
    one, again, other = (opened(msh() + body)[1].duplicate_key for body in (b"PID|1", b"PID|1", b"PID|2"))
    assert one == again != other


BATCH = b"".join(
    [b"FHS|^~\\&|LAB|MAIN|GW|HUB|2026||F||FILE1\r", b"BHS|^~\\&|LAB|MAIN|GW|HUB|2026||||B1\r",
     msh(control_id="M1"), b"PID|1\r", msh(control_id="M2"), b"BTS|2\r",
     b"BHS|^~\\&|LAB|MAIN|GW|HUB|2026||||B2\r", msh(control_id="M3"), b"BTS|1\r", b"FTS|2\r"]
)  # fmt: skip


def test_a_batch_is_opened_as_its_messages() -> None:
    message, found = opened(BATCH)
    assert [part.body for part in found.parts] == [
        msh(control_id="M1") + b"PID|1\r",
        msh(control_id="M2"),
        msh(control_id="M3"),
    ]
    assert (found.control_id, found.message_type) == ("FILE1", "batch")
    ids = {part.id for part in found.parts}
    assert len(ids) == 3 and all(len(each) == 18 and each[:10] == message.id[:10] for each in ids)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_messages_in_one_frame_are_never_read_as_one(end: bytes) -> None:
    payload = (msh(control_id="M1") + b"PID|1\r" + msh(control_id="M2") + b"PID|2\r").replace(b"\r", end)
    assert [part.body.split(end)[1] for part in opened(payload)[1].parts] == [b"PID|1", b"PID|2"]


def test_text_that_speaks_of_a_header_is_no_second_message() -> None:
    assert opened(msh() + b"OBX|1|TX|A^B||see MSH|x\rNTE|1||MSH|y\r")[1].parts == ()


def test_ids_of_parts_never_meet() -> None:
    ids = [part_id("01KM8Z5Q00ABCDEFGH", index) for index in range(5000)]
    assert len(set(ids)) == 5000
    assert "01KM8Z5Q00ABCDEFGH" not in ids
    assert {part_id("01KM8Z5Q00ABCDEFGJ", index) for index in range(1000)}.isdisjoint(ids)


def test_a_batch_of_one_is_a_batch() -> None:
    payload = b"BHS|^~\\&|LAB|MAIN|GW|HUB\r" + msh() + b"BTS|1\r"
    assert len(opened(payload)[1].parts) == 1


def test_a_part_is_opened_like_any_message() -> None:
    part = opened(BATCH)[1].parts[0]
    assert opened(part.body)[1].control_id == "M1"
