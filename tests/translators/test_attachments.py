"""Text out of HTML and XHTML documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.attachments import Attachments, html_to_text, rtf_to_plain

XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?><html><body><p>No fever</p></body></html>', "No fever"),
        (f"{XHTML}<p>No\n   known\tallergies</p></div>", "No known allergies"),
        (f"{XHTML}<table>\n<tr>\n <td>K</td>\n <td>6.8</td>\n</tr>\n</table></div>", "K | 6.8"),
        (f"{XHTML}<pre>first\nsecond</pre></div>", "first\nsecond"),
        (f"{XHTML}a&#1;b\x02c</div>", "a b c"),
    ],
)
def test_line_breaks_of_markup_are_not_line_breaks_of_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


PIECES = st.sampled_from(["<p>", "</p>", "<td>", "&#2;", "\x00", "<br/>", "<pre>", "<?x", "<![CDATA[", "]]>"])


@given(st.lists(PIECES | st.text(max_size=5), max_size=12))
def test_no_markup_raises(pieces: list[str]) -> None:
    html_to_text("".join(pieces))


def test_a_page_declared_as_application_xhtml_is_read() -> None:
    reading = Attachments({}).read(b"<html><p>Clear lungs.</p></html>", "application/xhtml", "OBX[1]-5")
    assert [note.text for note in reading.notes] == ["Clear lungs."]


@pytest.mark.parametrize("tag", ["del", "s", "strike"])
def test_what_was_struck_out_is_not_read_as_if_it_stood(tag: str) -> None:
    markup = f"<p>Allergies: <{tag}>Penicillin <b>severe</b></{tag}> none<{tag}> </{tag}></p>"
    assert html_to_text(markup) == "Allergies: [deleted: Penicillin severe] none"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1 Allergies: {\strike Penicillin} none}", "Allergies: [deleted: Penicillin] none"),
        (rb"{\rtf1 \deleted Penicillin \b severe\b0\deleted0  none}", "[deleted: Penicillin severe] none"),
        (rb"{\rtf1 \strike Penicillin\plain  none}", "[deleted: Penicillin] none"),
        (rb"{\rtf1\strike0 Penicillin\par}", "Penicillin"),
    ],
)
def test_what_was_struck_out_of_rtf_is_marked(rtf: bytes, text: str) -> None:
    assert " ".join(rtf_to_plain(rtf).split()) == text
