import base64
import zlib

import pytest

from gateway.clinical import UnreadReason
from tests.translators.cda.made import element
from translators.cda.embedded import read_embedded

NOTE = "The patient is well.\nNo fever."
DEFLATED = zlib.compressobj(wbits=-15)
RAW_DEFLATE = DEFLATED.compress(NOTE.encode()) + DEFLATED.flush()


def carried(content: bytes, attributes: str) -> str:
    return f'<text representation="B64" {attributes}>{base64.encodebytes(content).decode()}</text>'


@pytest.mark.parametrize(
    "xml",
    [
        carried(NOTE.encode(), 'mediaType="text/plain"'),
        carried(NOTE.encode("latin-1"), 'mediaType="text/plain" charset="iso-8859-1"'),
        carried(RAW_DEFLATE, 'mediaType="text/plain" compression="DF"'),
        carried(zlib.compress(NOTE.encode()), 'mediaType="text/plain" compression="DF"'),
        carried(zlib.compress(NOTE.encode()), 'mediaType="text/plain" compression="ZL"'),
        carried(zlib.compress(NOTE.encode(), wbits=31), 'mediaType="text/plain" compression="GZ"'),
        carried(b"<p>The patient is well.</p><p>No fever.</p>", 'mediaType="text/html"'),
        carried(rb"{\rtf1 The patient is well.\par No fever.}", 'mediaType="text/rtf"'),
        f"<text>{NOTE}</text>",
        f'<text mediaType="text/plain">{NOTE}</text>',
    ],
)
def test_text_of_any_wrapping_becomes_a_note(xml: str) -> None:
    reading = read_embedded(element(xml), "nonXMLBody", title="Letter", section="34133-9")
    assert [(note.text, note.title, note.section, note.origin) for note in reading.notes] == [
        (NOTE, "Letter", "34133-9", "nonXMLBody")
    ]
    assert reading.unread == []


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (carried(b"%PDF-1.7 ...", 'mediaType="application/pdf"'), UnreadReason.BINARY),
        (carried(b"\xff\xd8\xff", 'mediaType="image/jpeg"'), UnreadReason.BINARY),
        (carried(NOTE.encode(), ""), UnreadReason.BINARY),  # base64 of no declared type: not guessed
        (carried(b"%PDF-1.7 ...", 'mediaType="text/plain"'), UnreadReason.INVALID),
        (carried(RAW_DEFLATE, 'mediaType="text/plain" compression="Z9"'), UnreadReason.INVALID),
        (carried(RAW_DEFLATE[:10], 'mediaType="text/plain" compression="DF"'), UnreadReason.INVALID),
        (carried(b"not deflate", 'mediaType="text/plain" compression="DF"'), UnreadReason.INVALID),
        ('<text representation="B64" mediaType="text/plain">&amp;&amp;&amp;</text>', UnreadReason.INVALID),
        ('<text mediaType="application/pdf"><reference value="letter.pdf"/></text>', UnreadReason.EXTERNAL),
        ('<text><reference value="https://example.org/x"/></text>', UnreadReason.EXTERNAL),
        ('<text representation="B64" mediaType="text/plain"/>', UnreadReason.NO_INFORMATION),
    ],
)
def test_what_has_no_text_is_listed_with_why(xml: str, reason: UnreadReason) -> None:
    reading = read_embedded(element(xml), "nonXMLBody")
    assert reading.notes == []
    assert [(each.origin, each.reason) for each in reading.unread] == [("nonXMLBody", reason)]


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(40_000_000))
    reading = read_embedded(element(carried(bomb, 'mediaType="text/plain" compression="ZL"')), "nonXMLBody")
    assert [each.what for each in reading.unread] == ["text/plain: it is too large when decompressed"]
