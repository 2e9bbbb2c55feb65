import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.hl7v2.delimiters import ABSENT, STANDARD, Delimiters, delimiters_of
from translators.hl7v2.escapes import escaper, unescaper

unescape = unescaper(STANDARD, "utf-8")
escape = escaper(STANDARD)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a\\F\\b", "a|b"),
        ("a\\S\\b", "a^b"),
        ("a\\T\\b", "a&b"),
        ("a\\R\\b", "a~b"),
        ("a\\E\\b", "a\\b"),
        ("\\H\\bold\\N\\", "bold"),
        ("one\\.br\\two", "one\ntwo"),
        ("one\\.sp\\two", "one\ntwo"),
        ("one\\.sp2\\two", "one\n\ntwo"),
        ("one\\.sp+2\\two", "one\n\ntwo"),
        ("a\\.sk3\\b", "a   b"),
        ("\\.in+4\\text", "text"),
        ("\\.ti-2\\text", "text"),
        ("\\.fi\\a\\.nf\\b", "ab"),
        ("\\.ce\\Title", "\nTitle"),
        ("\\X0D\\", "\n"),
        ("a\\X0D0A\\b", "a\nb"),
        ("a\\X000d\\b", "a\nb"),
        ("\\XC3A9\\t\\XC3A9\\", "été"),
        ("\\XE9\\", "\\XE9\\"),  # not of the message's character set
        ("\\X4\\", "\\X4\\"),
        ("\\Z1\\", "\\Z1\\"),
        ("\\Zlocal\\F\\Zend\\", "\\Zlocal\\F\\Zend\\"),
        ("\\q\\", "\\q\\"),
        ("C:\\new\\file\\F\\x", "C:\\new\\file|x"),
        ("50\\", "50\\"),
        ("\\", "\\"),
        ("\\\\", "\\\\"),
        ("\\E\\.br\\", "\\.br\\"),
        ("\\M2442\\;3ED\\C2842\\ Taro", "山田 Taro"),
        ("\\C2842\\plain", "plain"),
        ("\\MFFFF\\x", "\\MFFFF\\x"),
        ("\\.sp9999\\x", "\n" * 10 + "x"),
        ("\\.sk9999\\x", " " * 80 + "x"),
    ],
)
def test_each_escape_sequence_reads_as_it_is_meant(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


def test_an_escape_sequence_cannot_smuggle_in_a_control_character() -> None:
    assert unescape("a\\X0B\\b\\X1C0D\\") == "a b \n"


def test_delimiters_of_the_message_hold_for_its_escapes() -> None:
    other = Delimiters("*", "#", "%", "!", "$", ABSENT)
    assert unescaper(other, "utf-8")("a!F!b!S!c!T!d!R!e!E!f") == "a*b#c$d%e!f"


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc"))),
    st.sampled_from(["^~\\&", "^~\\&#", "$%!*", "!#/@+"]),
)
def test_what_is_escaped_reads_as_it_was(text: str, encoding: str) -> None:
    delimiters = delimiters_of("|", encoding)
    sent = escaper(delimiters)(text)
    assert unescaper(delimiters, "utf-8")(sent) == text
    for delimiter in (delimiters.field, delimiters.component, delimiters.repetition, delimiters.subcomponent):
        assert delimiter not in sent


@given(st.text())
def test_nothing_that_is_escaped_can_end_a_segment(text: str) -> None:
    assert not set(escape(text)) & set("\r\n\x0b\x1c\x00|^~&")


@given(st.text(st.sampled_from("\\XCMZ.brsp0129AFSTREHN|^~& \n"), max_size=60))
def test_no_text_makes_it_raise_or_grow_without_bound(text: str) -> None:
    assert len(unescape(text)) <= max(20, 20 * len(text))


def test_a_message_without_an_escape_character_keeps_its_text() -> None:
    lacking = delimiters_of("|", "^~")
    assert escaper(lacking)("a|b^c\nd") == "a b c d"
