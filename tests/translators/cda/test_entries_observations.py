import base64

import pytest

from gateway.clinical import DetailName, FactKind, FactStatus, UnreadReason
from tests.translators.cda.made import LOINC, TEMPLATE, details, fact, read_entries

POTASSIUM = f'<code code="2823-3" {LOINC} displayName="Potassium"/>'


def observation(
    inside: str,
    *,
    code: str = POTASSIUM,
    status: str = "completed",
    template: str = "2",
    attributes: str = "",
) -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}><templateId root="{TEMPLATE}{template}"/>{code}'
        f'<statusCode code="{status}"/>{inside}</observation>'
    )


def panel(
    *components: str, inside: str = "", code: str = '<code code="24323-8" displayName="Metabolic panel"/>'
) -> str:
    parts = "".join(f"<component>{each}</component>" for each in components)
    return f'<organizer classCode="BATTERY" moodCode="EVN"><templateId root="{TEMPLATE}1"/>{code}<statusCode code="completed"/>{inside}{parts}</organizer>'


HIGH = (
    '<effectiveTime value="202603011030-0500"/><value xsi:type="PQ" value="6.80" unit="mmol/L"/>'
    '<interpretationCode code="hh"/><interpretationCode code="A"/><referenceRange><observationRange>'
    '<text>normal</text><value xsi:type="IVL_PQ"><low value="3.5" unit="mmol/L"/><high value="5.1" unit="mmol/L"/></value>'
    "</observationRange></referenceRange>"
)


def test_a_result_is_read_whole() -> None:
    specimen = '<specimen><specimenRole><specimenPlayingEntity><code code="1" displayName="Serum"/></specimenPlayingEntity></specimenRole></specimen>'
    found = fact("30954-2", panel(observation(HIGH), inside=specimen))
    assert (found.kind, found.text, found.value, found.unit) == (
        FactKind.RESULT,
        "Potassium",
        "6.80",
        "mmol/L",
    )
    assert (found.flag, found.reference_range) == ("HH,A", "3.5-5.1")
    assert (found.time, found.status) == ("2026-03-01T10:30-05:00", FactStatus.FINAL)
    assert (found.group, found.origin) == ("Metabolic panel", "section[30954-2]/entry[1]/component[1]")
    assert details(found) == [(DetailName.SPECIMEN, "Serum")]


@pytest.mark.parametrize(("high", "end"), [("20260301", ""), ("20260302", "2026-03-02")])
def test_an_end_is_said_where_it_is_not_the_start(high: str, end: str) -> None:
    times = f'<effectiveTime><low value="20260301"/><high value="{high}"/></effectiveTime>'
    assert fact("30954-2", panel(observation(f'{times}<value xsi:type="PQ" value="4"/>'))).end == end


def test_a_result_without_a_time_has_its_panels() -> None:
    found = fact(
        "30954-2",
        panel(observation('<value xsi:type="PQ" value="4"/>'), inside='<effectiveTime value="20260301"/>'),
    )
    assert found.time == "2026-03-01"


@pytest.mark.parametrize(
    ("status", "value", "read"),
    [
        ("completed", '<value xsi:type="PQ" value="4"/>', FactStatus.FINAL),
        ("active", '<value xsi:type="PQ" value="4"/>', FactStatus.PRELIMINARY),
        ("active", "", FactStatus.REGISTERED),
        ("cancelled", "", FactStatus.CANCELLED),
        ("aborted", '<value xsi:type="PQ" nullFlavor="NI"/>', FactStatus.CANCELLED),
        ("", '<value xsi:type="PQ" value="4"/>', FactStatus.UNKNOWN),
        ("in-limbo", '<value xsi:type="PQ" value="4"/>', FactStatus.UNKNOWN),
    ],
)
def test_nothing_defaults_to_final(status: str, value: str, read: FactStatus) -> None:
    assert fact("30954-2", panel(observation(value, status=status))).status is read


@pytest.mark.parametrize(
    ("ranges", "read"),
    [
        ('<observationRange><text>(3.8-10.8)</text></observationRange>', "3.8-10.8"),
        ('<observationRange><value xsi:type="IVL_PQ"><high value="5.0" inclusive="false"/></value></observationRange>', "<5.0"),
        ('<observationRange><value xsi:type="CD" code="1" displayName="Not detected"/></observationRange>', "Not detected"),
        (
            '<observationRange><value xsi:type="IVL_PQ"><low value="80"/><high value="140"/></value><interpretationCode code="N"/></observationRange>|'
            '<observationRange><value xsi:type="IVL_PQ"><low value="140"/><high value="500"/></value><interpretationCode code="H"/></observationRange>',
            "80-140",
        ),
        (
            '<observationRange><text>low under 1</text><interpretationCode code="L"/></observationRange>|'
            '<observationRange><text>high over 9</text><interpretationCode code="H"/></observationRange>',
            "low under 1; high over 9",
        ),
        ("", ""),
    ],
)  # fmt: skip
def test_the_reference_range_is_the_normal_one(ranges: str, read: str) -> None:
    written = "".join(f"<referenceRange>{each}</referenceRange>" for each in ranges.split("|") if each)
    assert (
        fact("30954-2", panel(observation(f'<value xsi:type="PQ" value="4"/>{written}'))).reference_range
        == read
    )


def test_a_result_whose_value_stands_only_in_the_narrative_has_it() -> None:
    narrative = '<table><tbody><tr ID="r1"><td>Potassium</td><td>4.4 mmol/L</td></tr></tbody></table>'
    entry = panel(observation('<text><reference value="#r1"/></text><value xsi:type="PQ" nullFlavor="UNK"/>'))
    assert fact("30954-2", entry, narrative).value == "4.4 mmol/L"


def test_a_result_without_any_value_is_no_result() -> None:
    narrative = '<content ID="r1">Potassium</content>'
    entry = panel(observation('<text><reference value="#r1"/></text><value xsi:type="PQ" nullFlavor="UNK"/>'))
    reading = read_entries("30954-2", entry, text=narrative)
    assert reading.facts == []
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.NO_INFORMATION, "no value of Potassium")
    ]


def test_a_masked_value_is_said_to_be_masked() -> None:
    reading = read_entries("30954-2", panel(observation('<value xsi:type="PQ" nullFlavor="MSK"/>')))
    assert [each.reason for each in reading.unread] == [UnreadReason.MASKED]


def test_the_unit_of_a_value_in_words_stands_beside_it() -> None:
    unit = '<entryRelationship typeCode="COMP"><observation moodCode="EVN"><code code="246514001"/><value xsi:type="CD" code="mg/dL"/></observation></entryRelationship>'
    found = fact("30954-2", panel(observation(f'<value xsi:type="ST">Unable to calculate</value>{unit}')))
    assert (found.value, found.unit) == ("Unable to calculate", "mg/dL")


def test_a_report_carried_as_base64_is_the_value() -> None:
    carried = base64.b64encode(b"Heart enlarged.\nLungs clear.").decode()
    found = fact(
        "30954-2",
        panel(
            observation(f'<value xsi:type="ED" mediaType="text/plain" representation="B64">{carried}</value>')
        ),
    )
    assert found.value == "Heart enlarged.\nLungs clear."


def test_a_pdf_as_the_value_is_listed_and_the_result_is_not_invented() -> None:
    carried = base64.b64encode(b"%PDF-1.7").decode()
    reading = read_entries(
        "30954-2",
        panel(
            observation(
                f'<value xsi:type="ED" mediaType="application/pdf" representation="B64">{carried}</value>'
            )
        ),
    )
    assert reading.facts == []
    assert {each.reason for each in reading.unread} == {UnreadReason.BINARY, UnreadReason.NO_INFORMATION}


def test_a_denied_result_keeps_its_value_and_its_denial() -> None:
    found = fact(
        "30954-2",
        panel(
            observation(
                '<value xsi:type="CD" code="1" displayName="Detected"/>', attributes='negationInd="true"'
            )
        ),
    )
    assert (found.text, found.value, found.negated) == ("Potassium", "Detected", True)


def test_the_panels_own_procedure_is_not_a_procedure_of_the_patient() -> None:
    taken = f'<procedure classCode="PROC" moodCode="EVN"><templateId root="{TEMPLATE}14"/><code code="1" displayName="Metabolic panel"/></procedure>'
    reading = read_entries("30954-2", panel(taken, observation(HIGH)))
    assert [each.kind for each in reading.facts] == [FactKind.RESULT]


def test_a_panel_without_results_says_so() -> None:
    reading = read_entries("30954-2", panel())
    assert reading.facts == []
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.NO_INFORMATION, "Metabolic panel without results")
    ]


@pytest.mark.parametrize(
    ("section", "code", "kind"),
    [
        ("8716-3", POTASSIUM, FactKind.VITAL_SIGN),
        ("30954-2", f'<code code="8480-6" {LOINC} displayName="Systolic"/>', FactKind.VITAL_SIGN),
        ("30954-2", POTASSIUM, FactKind.RESULT),
        ("8648-8", POTASSIUM, FactKind.RESULT),
    ],
)
def test_a_vital_sign_is_one_by_its_section_or_its_code(section: str, code: str, kind: FactKind) -> None:
    assert fact(section, panel(observation('<value xsi:type="PQ" value="4"/>', code=code))).kind is kind


SMOKING = f'<code code="72166-2" {LOINC} displayName="Tobacco smoking status"/>'
PREGNANCY = '<value xsi:type="CD" code="77386006" displayName="Pregnancy"/>'


def test_social_history_is_a_question_and_its_answer() -> None:
    found = fact(
        "29762-2",
        observation(
            '<value xsi:type="CD" code="8517006" displayName="Ex-smoker"/>', code=SMOKING, template="78"
        ),
    )
    assert (found.kind, found.text, found.value) == (
        FactKind.SOCIAL_HISTORY,
        "Tobacco smoking status",
        "Ex-smoker",
    )


@pytest.mark.parametrize(("attributes", "negated"), [("", False), ('negationInd="true"', True)])
def test_an_assertion_is_about_what_it_asserts(attributes: str, negated: bool) -> None:
    found = fact(
        "29762-2",
        observation(PREGNANCY, code='<code code="ASSERTION"/>', template="38", attributes=attributes),
    )
    assert (found.text, found.value, found.negated) == ("Pregnancy", None, negated)


@pytest.mark.parametrize(
    "entry",
    [
        observation(PREGNANCY, code='<code code="ASSERTION"/>', attributes='nullFlavor="UNK"'),
        observation('<value xsi:type="CD" nullFlavor="NI"/>', code='<code code="ASSERTION"/>', template="38"),
    ],
)
def test_what_is_unknown_is_not_asserted(entry: str) -> None:
    reading = read_entries("29762-2", entry)
    assert reading.facts == []
    assert reading.unread[0].reason is UnreadReason.NO_INFORMATION


def test_a_question_without_a_name_is_called_by_its_row() -> None:
    narrative = '<table><tbody><tr ID="q"><td>Do you have a job?</td><td>Yes</td></tr></tbody></table>'
    entry = observation(
        '<text><reference value="#q"/></text><value xsi:type="ST">Yes</value>',
        code=f'<code code="96444-5" {LOINC}/>',
        template="38",
    )
    found = fact("29762-2", entry, narrative)
    assert (found.text, found.value) == ("Do you have a job?", "Yes")


def test_the_items_of_a_scale_are_facts_in_its_group() -> None:
    item = observation(
        '<value xsi:type="INT" value="3"/><value xsi:type="CO" code="LA1" displayName="To voice"/>',
        code='<code code="9267-6" displayName="Eye opening"/>',
        template="86",
    )
    scale = observation(
        f'<value xsi:type="INT" value="9"/><entryRelationship typeCode="COMP">{item}</entryRelationship>',
        code='<code code="35088-4" displayName="Glasgow coma scale"/>',
        template="69",
    )
    whole, part = read_entries("47420-5", scale).facts
    assert (whole.kind, whole.text, whole.value) == (FactKind.FUNCTIONAL_STATUS, "Glasgow coma scale", "9")
    assert (part.text, part.value, part.group) == ("Eye opening", "3", "Glasgow coma scale")
    assert details(part) == [(DetailName.COMMENT, "To voice")]


@pytest.mark.parametrize(
    ("null", "reason"),
    [("UNK", UnreadReason.NO_INFORMATION), ("NI", UnreadReason.NO_INFORMATION), ("MSK", UnreadReason.MASKED)],
)
def test_a_question_without_an_answer_is_no_fact(null: str, reason: UnreadReason) -> None:
    reading = read_entries(
        "29762-2", observation(f'<value xsi:type="CD" nullFlavor="{null}"/>', code=SMOKING, template="78")
    )
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [reason]


def test_a_scale_without_a_score_is_no_fact_and_its_items_are() -> None:
    item = observation(
        '<value xsi:type="INT" value="3"/>',
        code='<code code="9267-6" displayName="Eye opening"/>',
        template="86",
    )
    scale = observation(
        f'<value xsi:type="INT" nullFlavor="UNK"/><entryRelationship typeCode="COMP">{item}</entryRelationship>',
        code='<code code="35088-4" displayName="Glasgow coma scale"/>',
        template="69",
    )
    found = fact("47420-5", scale)
    assert (found.text, found.group) == ("Eye opening", "Glasgow coma scale")


OF_MOTHER = '<subject><relatedSubject classCode="PRS"><code displayName="mother"/></relatedSubject></subject>'


def test_the_results_of_a_relative_are_not_the_patients() -> None:
    found = fact("30954-2", panel(observation('<value xsi:type="PQ" value="4"/>'), inside=OF_MOTHER))
    assert (found.kind, details(found)) == (FactKind.FAMILY_HISTORY, [(DetailName.RELATIONSHIP, "mother")])


def test_the_concern_about_a_relative_is_not_the_patients() -> None:
    problem = '<entryRelationship typeCode="SUBJ"><observation moodCode="EVN"><code code="55607006"/><value xsi:type="CD" code="1" displayName="Epilepsy"/></observation></entryRelationship>'
    act = f'<act classCode="ACT" moodCode="EVN"><templateId root="{TEMPLATE}3"/><statusCode code="active"/>{OF_MOTHER}{problem}</act>'
    found = fact("11450-4", act)
    assert (found.kind, found.text, details(found)) == (
        FactKind.FAMILY_HISTORY,
        "Epilepsy",
        [(DetailName.RELATIONSHIP, "mother")],
    )


def test_what_else_a_relative_had_is_listed_and_not_read() -> None:
    entry = f'<procedure classCode="PROC" moodCode="EVN"><code code="1" displayName="Mastectomy"/>{OF_MOTHER}</procedure>'
    reading = read_entries("47519-4", entry)
    assert reading.facts == []
    assert [(each.reason, each.what) for each in reading.unread] == [(UnreadReason.UNSUPPORTED, "Mastectomy")]


def relatives(inside: str) -> str:
    subject = '<subject><relatedSubject classCode="PRS"><code code="FTH" displayName="father"/><subject><name>Karl Winterfeld</name></subject></relatedSubject></subject>'
    return f'<organizer classCode="CLUSTER" moodCode="EVN"><templateId root="{TEMPLATE}45"/><statusCode code="completed"/>{subject}<component>{inside}</component></organizer>'


def test_family_history_says_whose_it_is_without_a_name() -> None:
    age = '<entryRelationship typeCode="SUBJ"><observation moodCode="EVN"><code code="445518008"/><value xsi:type="PQ" value="57" unit="a"/></observation></entryRelationship>'
    death = f'<entryRelationship typeCode="CAUS"><observation moodCode="EVN"><templateId root="{TEMPLATE}47"/><code code="ASSERTION"/><value xsi:type="CD" code="419099009" displayName="Dead"/></observation></entryRelationship>'
    entry = relatives(
        observation(
            f'<value xsi:type="CD" code="22298006" displayName="Myocardial infarction"/>{age}{death}',
            code='<code code="64572001" displayName="Disease"/>',
            template="46",
        )
    )
    found = fact("10157-6", entry)
    assert (found.kind, found.text, found.status) == (
        FactKind.FAMILY_HISTORY,
        "Myocardial infarction",
        FactStatus.COMPLETED,
    )
    assert details(found) == [
        (DetailName.RELATIONSHIP, "father"),
        (DetailName.ONSET, "at age 57 years"),
        (DetailName.OUTCOME, "cause of death (Dead)"),
    ]
    assert "Winterfeld" not in repr(found)


def test_a_denied_disease_in_the_family_is_negated() -> None:
    entry = relatives(
        observation(
            '<value xsi:type="CD" code="195967001" displayName="Asthma"/>',
            code='<code code="64572001"/>',
            template="46",
            attributes='negationInd="true"',
        )
    )
    found = fact("10157-6", entry)
    assert (found.text, found.negated) == ("Asthma", True)


def test_an_advance_directive_is_about_something_and_points_elsewhere() -> None:
    inside = '<value xsi:type="CD" code="304253006" displayName="Do not resuscitate"/><reference typeCode="REFR"><externalDocument><code displayName="Living will"/></externalDocument></reference>'
    reading = read_entries(
        "42348-3",
        observation(
            inside, code='<code code="304251008" displayName="Resuscitation status"/>', template="48"
        ),
    )
    found = reading.facts[0]
    assert (found.kind, found.text, found.value) == (
        FactKind.DIRECTIVE,
        "Resuscitation status",
        "Do not resuscitate",
    )
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.EXTERNAL, "document elsewhere: Living will")
    ]


def test_a_time_that_is_none_is_left_out_with_a_caution() -> None:
    reading = read_entries(
        "30954-2", panel(observation('<effectiveTime value="200130311"/><value xsi:type="PQ" value="4"/>'))
    )
    assert reading.facts[0].time == ""
    assert [(each.code, each.location) for each in reading.warnings] == [
        ("time-unreadable", "section[30954-2]/entry[1]/component[1]")
    ]
