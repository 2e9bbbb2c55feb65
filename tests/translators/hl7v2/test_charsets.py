import pytest

from gateway.errors import ErrorKind, GatewayError
from translators.hl7v2.charsets import codec_of, decode

# Each of table 0211 with a text that it can hold.
TABLE_0211 = {
    "ASCII": "Mueller",
    "8859/1": "Müller",
    "8859/2": "Dvořák",
    "8859/3": "Ĉapek",
    "8859/4": "Kārlis",
    "8859/5": "Иванов",
    "8859/6": "محمد",
    "8859/7": "Παπαδόπουλος",
    "8859/8": "כהן",
    "8859/9": "Yıldız",
    "8859/15": "Œuvre 5 €",
    "ISO IR6": "Mueller",
    "ISO IR14": "ヤマダ",
    "ISO IR87": "山田",
    "ISO IR159": "丂",
    "GB 18030-2000": "张伟",
    "KS X 1001": "김철수",
    "BIG-5": "陳大文",
    "UNICODE": "Müller 山田",
    "UNICODE UTF-8": "Müller 山田",
}


@pytest.mark.parametrize(("name", "text"), TABLE_0211.items())
def test_each_character_set_of_table_0211_is_read(name: str, text: str) -> None:
    codec = codec_of(name.encode())
    assert codec is not None
    assert decode(text.encode(codec), name.encode())[0] == text


def test_a_japanese_message_names_what_it_switches_to() -> None:
    payload = "山田^太郎".encode("iso2022_jp")
    assert decode(payload, b"~ISO IR87")[0] == "山田^太郎"
    assert decode(payload, b"ASCII~ISO IR87")[0] == "山田^太郎"


@pytest.mark.parametrize(
    "name", ["ISO IR 999", "code1", "UNICODE UTF-16", "UNICODE UTF-32", "CNS 11643-1992"]
)
def test_a_character_set_that_is_not_read_is_refused_by_name(name: str) -> None:
    with pytest.raises(GatewayError) as raised:
        decode(b"text", name.encode())
    assert (raised.value.kind, raised.value.location) == (ErrorKind.UNSUPPORTED_ENCODING, "MSH-18")
    assert name in raised.value.detail


@pytest.mark.parametrize(("name", "payload"), [("ASCII", b"M\xfcller"), ("UNICODE UTF-8", b"M\xfcller")])
def test_bytes_that_are_not_of_the_declared_set_are_refused(name: str, payload: bytes) -> None:
    with pytest.raises(GatewayError) as raised:
        decode(payload, name.encode())
    assert (raised.value.kind, raised.value.location) == (ErrorKind.UNSUPPORTED_ENCODING, "MSH-18")


@pytest.mark.parametrize(
    ("payload", "text", "cautions"),
    [
        (b"Mueller", "Mueller", []),
        ("µmol".encode(), "µmol", ["charset-assumed"]),
        (b"\x93quoted\x94 \xb5mol", "“quoted” µmol", ["charset-assumed"]),
    ],
)
def test_an_undeclared_set_is_utf_8_then_windows_1252_and_said(
    payload: bytes, text: str, cautions: list[str]
) -> None:
    found, _, said = decode(payload, b"")
    assert (found, [each.code for each in said]) == (text, cautions)


def test_undeclared_bytes_of_no_known_set_are_refused() -> None:
    with pytest.raises(GatewayError) as raised:
        decode(b"\x81\x8d\x8f", b"")
    assert raised.value.location == "MSH-18"


def test_windows_quotes_under_a_latin_1_label_are_read_and_said() -> None:
    text, _, said = decode(b"\x93M\xfcller\x94", b"8859/1")
    assert (text, [each.code for each in said]) == ("“Müller”", ["charset-assumed"])


def test_control_characters_become_spaces_so_that_words_stay_apart() -> None:
    assert decode(b"page one\x0cpage two\x00\x1c", b"ASCII")[0] == "page one page two  "
