from hypothesis import given
from hypothesis import strategies as st

from tests.translators.cda.made import element
from translators.cda.narrative import Anchors, Narrative, render


def text(inside: str) -> str:
    return render(element(f"<text>{inside}</text>"))


def test_cells_of_a_row_are_never_glued() -> None:
    assert text("<table><tbody><tr><td>Aspirin</td><td>81 mg</td></tr></tbody></table>") == "Aspirin | 81 mg"


def test_a_table_keeps_its_caption_and_its_header_row() -> None:
    rows = "<thead><tr><th>Drug</th><th>Dose</th></tr></thead><tbody><tr><td>A</td><td>1</td></tr></tbody>"
    assert text(f"<table><caption>Medications</caption>{rows}</table>") == "Medications\nDrug | Dose\nA | 1"


def test_an_empty_cell_keeps_the_columns_apart() -> None:
    row = "<tr><td>Latex</td><td/><td>severe</td><td/></tr>"
    assert text(f"<table><tbody>{row}</tbody></table>") == "Latex | | severe"


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    rows = '<tr><td rowspan="2">Father</td><td>Stroke</td></tr><tr><td>Hypertension</td></tr>'
    assert text(f"<table><tbody>{rows}</tbody></table>") == "Father | Stroke\nFather | Hypertension"


def test_a_cell_that_spans_columns_leaves_the_next_under_its_heading() -> None:
    rows = '<tr><td colspan="2">CBC</td><td>x</td></tr><tr><td>WBC</td><td>6.8</td><td>y</td></tr>'
    assert text(f"<table><tbody>{rows}</tbody></table>") == "CBC | | x\nWBC | 6.8 | y"


def test_a_break_in_a_cell_does_not_break_its_row() -> None:
    row = "<tr><td>Onset 2014<br/>Resolved 2015</td><td><paragraph>a</paragraph><paragraph>b</paragraph></td></tr>"
    assert text(f"<table><tbody>{row}</tbody></table>") == "Onset 2014; Resolved 2015 | a; b"


def test_lists_paragraphs_and_breaks_are_lines() -> None:
    inside = "Before<list><caption>Plan</caption><item>one</item><item>two<br/>more</item></list><paragraph>After</paragraph>"
    assert text(inside) == "Before\nPlan\n- one\n- two\nmore\nAfter"


def test_an_ordered_list_keeps_its_numbers() -> None:
    assert text('<list listType="ordered"><item>a</item><item/><item>b</item></list>') == "1. a\n2. b"


def test_deleted_content_is_left_out_and_inserted_content_is_not() -> None:
    inside = (
        'Takes <content revised="delete">warfarin</content><content revised="insert">apixaban</content> daily'
    )
    assert text(inside) == "Takes apixaban daily"


def test_neighbouring_contents_are_words_of_their_own() -> None:
    assert text("<content>Gravity</content><content>1.015</content>") == "Gravity 1.015"


def test_a_styled_letter_stays_in_its_word() -> None:
    assert text('<content styleCode="Bold">P</content>atient') == "Patient"


def test_a_raised_number_is_an_exponent_and_a_raised_word_is_not() -> None:
    assert (
        text("6.8 x10<sup>9</sup>/L on the 1<sup>st</sup>, H<sub>2</sub>O") == "6.8 x10^9/L on the 1st, H2O"
    )


def test_footnotes_media_and_links_leave_their_words() -> None:
    inside = 'A<footnote ID="f">B</footnote> <linkHtml href="http://x">C</linkHtml> <renderMultiMedia referencedObject="m"/>'
    assert text(inside) == "A [footnote: B] C [media]"


def test_the_white_space_of_the_source_is_folded() -> None:
    assert text("  one\n   two\u00a0three ") == "one two three"


def test_a_hostile_table_does_not_grow() -> None:
    cells = f'<td rowspan="50000" colspan="50000">{"x" * 60}</td>' * 100
    rendered = text(f"<table><tbody><tr>{cells}</tr>{'<tr/>' * 1000}</tbody></table>")
    assert len(rendered) < 40_000


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1), min_size=1),
        min_size=1,
    )
)
def test_every_word_of_every_cell_is_there(rows: list[list[str]]) -> None:
    inside = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    assert text(f"<table><tbody>{inside}</tbody></table>").split("\n") == [" | ".join(row) for row in rows]


def test_a_reference_finds_its_own_section_first() -> None:
    body = element(
        '<b><text><content ID="a1">first</content></text><text><content ID="a1">second</content></text></b>'
    )
    first, second = body
    anchors = Anchors(body)
    for own, words in ((first, "first"), (second, "second")):
        narrative = Narrative(own, anchors)
        target = narrative.find("#a1")
        assert target is not None
        assert narrative.text(target) == words


def test_a_reference_reaches_other_sections_and_may_dangle() -> None:
    body = element('<b><text/><text><content ID="a2">there</content></text></b>')
    narrative = Narrative(body[0], Anchors(body))
    found = narrative.find("#a2")
    assert found is not None
    assert narrative.text(found) == "there"
    assert narrative.find("#nowhere") is None
    assert narrative.find("") is None
