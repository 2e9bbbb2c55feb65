import pytest

from gateway.clinical import DetailName, FactKind, FactStatus, UnreadReason
from tests.translators.cda.made import TEMPLATE, details, fact, read_entries

COLONOSCOPY = '<code code="73761001" displayName="Colonoscopy"/>'
PACEMAKER = '<participant typeCode="DEV"><participantRole classCode="MANU"><playingDevice><code code="14106009" displayName="Cardiac pacemaker"/></playingDevice></participantRole></participant>'


def statement(
    name: str, inside: str, *, mood: str = "EVN", status: str = "", template: str = "", attributes: str = ""
) -> str:
    sent = f'<statusCode code="{status}"/>' if status else ""
    stamped = f'<templateId root="{TEMPLATE}{template}"/>' if template else ""
    return f'<{name} classCode="ACT" moodCode="{mood}" {attributes}>{stamped}{inside}{sent}</{name}>'


def test_a_procedure_is_its_code_with_place_and_method() -> None:
    inside = f'{COLONOSCOPY}<effectiveTime><low value="20260301"/><high value="20260301"/></effectiveTime><methodCode displayName="Fiberoptic"/><targetSiteCode displayName="Colon"/>'
    found = fact("47519-4", statement("procedure", inside, status="completed", template="14"))
    assert (found.kind, found.text, found.status) == (FactKind.PROCEDURE, "Colonoscopy", FactStatus.COMPLETED)
    assert (found.time, found.end) == ("2026-03-01", "")
    assert details(found) == [(DetailName.SITE, "Colon"), (DetailName.METHOD, "Fiberoptic")]


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("completed", FactStatus.COMPLETED),
        ("active", FactStatus.IN_PROGRESS),
        ("aborted", FactStatus.STOPPED),
        ("cancelled", FactStatus.CANCELLED),
        ("", FactStatus.UNKNOWN),
    ],
)
@pytest.mark.parametrize("form", ["procedure", "observation", "act"])
def test_a_procedure_of_any_form_has_its_own_status(form: str, status: str, read: FactStatus) -> None:
    found = fact("47519-4", statement(form, COLONOSCOPY, status=status))
    assert (found.kind, found.status) == (FactKind.PROCEDURE, read)


def test_a_procedure_that_was_refused_is_not_done() -> None:
    found = fact(
        "47519-4", statement("procedure", COLONOSCOPY, status="completed", attributes='negationInd="true"')
    )
    assert (found.text, found.negated, found.status) == ("Colonoscopy", True, FactStatus.NOT_DONE)


@pytest.mark.parametrize(
    ("narrative", "text"),
    [
        ("No Known Procedures", "known procedures"),
        (
            "<table><tbody><tr><td>Procedure</td><td>Date</td></tr><tr><td>No Known Procedures</td><td>Not applicable</td></tr></tbody></table>",
            "known procedures",
        ),
        ("Procedure excluded/not available", None),
        ("See the letter." * 30 + " No Known Procedures", None),  # too much for one entry to be about
        ("", None),
    ],
)
def test_a_denial_without_words_is_explained_by_its_section_or_by_nothing(
    narrative: str, text: str | None
) -> None:
    reading = read_entries(
        "47519-4",
        statement("procedure", '<code nullFlavor="UNK"/>', attributes='negationInd="true"'),
        text=narrative,
    )
    assert [each.text for each in reading.facts if each.negated] == ([text] if text else [])
    assert [each.reason for each in reading.unread] == ([] if text else [UnreadReason.NO_INFORMATION])


def test_a_section_in_words_never_names_what_is_not_denied() -> None:
    reading = read_entries(
        "47519-4", statement("procedure", '<code nullFlavor="UNK"/>'), text="Appendectomy in 2012"
    )
    assert reading.facts == []


def test_a_procedure_that_failed_says_so() -> None:
    failed = '<entryRelationship typeCode="SUBJ"><act moodCode="EVN"><code code="103709008" displayName="Failed attempted procedure"/></act></entryRelationship>'
    found = fact("47519-4", statement("procedure", COLONOSCOPY + failed, status="completed"))
    assert details(found) == [(DetailName.COMMENT, "Failed attempted procedure")]


def test_a_procedure_and_the_device_it_left_are_two_facts() -> None:
    reading = read_entries(
        "47519-4", statement("procedure", f'<code code="1" displayName="Implantation"/>{PACEMAKER}')
    )
    assert [(each.kind, each.text) for each in reading.facts] == [
        (FactKind.PROCEDURE, "Implantation"),
        (FactKind.DEVICE, "Cardiac pacemaker"),
    ]


def test_a_procedure_stands_though_its_device_is_unknown() -> None:
    unknown = PACEMAKER.replace("Cardiac pacemaker", "No information").replace("14106009", "")
    reading = read_entries(
        "47519-4", statement("procedure", f'<code code="1" displayName="Implantation"/>{unknown}')
    )
    assert [each.text for each in reading.facts] == ["Implantation"]
    assert [each.reason for each in reading.unread] == [UnreadReason.NO_INFORMATION]


def test_in_an_equipment_section_the_device_is_the_fact() -> None:
    found = fact("46264-8", statement("procedure", f'<code code="1" displayName="Implantation"/>{PACEMAKER}'))
    assert (found.kind, found.text) == (FactKind.DEVICE, "Cardiac pacemaker")


def test_no_implants_denies_implants_and_no_procedure() -> None:
    implant = PACEMAKER.replace("14106009", "40388003").replace("Cardiac pacemaker", "Implant")
    found = fact(
        "47519-4",
        statement(
            "procedure",
            f'<code code="71388002" displayName="Procedure"/>{implant}',
            attributes='negationInd="true"',
        ),
    )
    assert (found.kind, found.text, found.negated) == (FactKind.DEVICE, "implants", True)


def test_a_supply_is_a_device() -> None:
    product = '<participant typeCode="PRD"><participantRole><playingDevice><code code="87405001" displayName="Cane"/></playingDevice></participantRole></participant>'
    found = fact("46264-8", statement("supply", product, status="active", template="50"))
    assert (found.kind, found.text, found.status) == (FactKind.DEVICE, "Cane", FactStatus.ACTIVE)


def test_a_supply_without_a_device_is_its_product() -> None:
    product = "<product><manufacturedProduct><manufacturedMaterial><code code='337414009' displayName='Test strips'/></manufacturedMaterial></manufacturedProduct></product>"
    assert fact("46264-8", statement("supply", product, template="50")).text == "Test strips"


def test_an_act_that_only_points_to_a_document_is_no_fact() -> None:
    pointer = '<code code="DOCCLIN"/><reference typeCode="XCRPT"><externalDocument><code displayName="Letter"/></externalDocument></reference>'
    reading = read_entries("8648-8", statement("act", pointer))
    assert reading.facts == []
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.EXTERNAL, "document elsewhere: Letter")
    ]


def test_what_one_is_at_risk_for_stands_in_that_group() -> None:
    inner = f'<entryRelationship typeCode="REFR"><observation moodCode="EVN"><templateId root="{TEMPLATE}4"/><code code="281694009" displayName="At risk"/><value xsi:type="CD" code="1" displayName="Falls"/></observation></entryRelationship>'
    found = fact(
        "75310-3",
        statement("act", f'<code code="281694009" displayName="At risk for"/>{inner}', template="136"),
    )
    assert (found.text, found.value, found.group) == ("At risk", "Falls", "At risk for")


def test_an_encounter_has_its_place_its_reason_and_its_diagnoses() -> None:
    place = '<participant typeCode="LOC"><participantRole><playingEntity><name>Good Day Hospital</name></playingEntity></participantRole></participant>'
    reason = '<entryRelationship typeCode="RSON"><observation moodCode="EVN"><code code="404684003"/><value xsi:type="CD" code="1" displayName="Pneumonia"/></observation></entryRelationship>'
    diagnosis = f'<entryRelationship typeCode="SUBJ"><act moodCode="EVN"><code code="29308-4"/><entryRelationship typeCode="SUBJ"><observation moodCode="EVN"><templateId root="{TEMPLATE}4"/><code code="29308-4"/><value xsi:type="CD" code="42343007" displayName="CHF"/></observation></entryRelationship></act></entryRelationship>'
    inside = f'<code code="99238" displayName="Inpatient stay"/><effectiveTime><low value="20260301"/><high value="20260304"/></effectiveTime><sdtc:dischargeDispositionCode code="04" displayName="To rehab"/>{place}{reason}{diagnosis}'
    stay, dx = read_entries("46240-8", statement("encounter", inside, template="49")).facts
    assert (stay.kind, stay.text, stay.time, stay.end) == (
        FactKind.ENCOUNTER,
        "Inpatient stay",
        "2026-03-01",
        "2026-03-04",
    )
    assert details(stay) == [
        (DetailName.LOCATION, "Good Day Hospital"),
        (DetailName.REASON, "Pneumonia"),
        (DetailName.OUTCOME, "To rehab"),
    ]
    assert (dx.kind, dx.text, dx.category) == (FactKind.CONDITION, "CHF", "encounter-diagnosis")
    assert dx.origin == "section[46240-8]/entry[1]/entryRelationship[2]"


@pytest.mark.parametrize(
    ("form", "mood", "template", "kind"),
    [
        ("observation", "RQO", "44", FactKind.ORDER),
        ("observation", "INT", "", FactKind.ORDER),
        ("procedure", "RQO", "41", FactKind.ORDER),
        ("act", "INT", "39", FactKind.ORDER),
        ("act", "PRMS", "", FactKind.ORDER),
        ("encounter", "INT", "40", FactKind.APPOINTMENT),
        ("observation", "GOL", "121", FactKind.GOAL),
        ("observation", "GOL", "44", FactKind.GOAL),
    ],
)
def test_what_is_planned_is_not_said_to_have_happened(
    form: str, mood: str, template: str, kind: FactKind
) -> None:
    found = fact("18776-5", statement(form, COLONOSCOPY, mood=mood, status="new", template=template))
    assert (found.kind, found.text, found.status) == (kind, "Colonoscopy", FactStatus.PLANNED)


def test_an_active_plan_is_still_a_plan() -> None:
    assert (
        fact("18776-5", statement("procedure", COLONOSCOPY, mood="RQO", status="active")).status
        is FactStatus.PLANNED
    )


def test_a_goal_has_its_target() -> None:
    inside = '<code code="44616-1" displayName="Pulse oximetry"/><value xsi:type="IVL_PQ"><low value="92" unit="%"/></value>'
    found = fact("61146-7", statement("observation", inside, mood="GOL", status="active", template="121"))
    assert (found.text, found.value, found.unit, found.status) == (
        "Pulse oximetry",
        ">=92",
        "%",
        FactStatus.ACTIVE,
    )


def test_an_appointment_inside_an_empty_one_is_read() -> None:
    inner = '<entryRelationship typeCode="REFR"><encounter moodCode="EVN"><code code="1" displayName="Lung function test"/></encounter></entryRelationship>'
    found = fact("18776-5", statement("encounter", inner, mood="RQO", template="40"))
    assert (found.kind, found.text, found.status) == (
        FactKind.APPOINTMENT,
        "Lung function test",
        FactStatus.PLANNED,
    )


def test_an_instruction_is_what_was_said_and_not_done_by_being_written() -> None:
    inside = (
        '<code code="311401005" displayName="Patient education"/><text>Call when the fever returns.</text>'
    )
    found = fact("69730-0", statement("act", inside, mood="INT", status="completed", template="20"))
    assert (found.kind, found.text, found.status) == (
        FactKind.CARE_PLAN,
        "Call when the fever returns.",
        FactStatus.UNKNOWN,
    )


def test_a_concern_in_words_is_kept_in_words() -> None:
    inside = '<code code="75310-3" displayName="Health concern"/><text>Worried about falling.</text>'
    found = fact("75310-3", statement("act", inside, status="active", template="132"))
    assert (found.kind, found.text, found.status) == (
        FactKind.ASSESSMENT,
        "Worried about falling.",
        FactStatus.ACTIVE,
    )


def test_no_known_health_concerns_is_negated() -> None:
    inside = '<code code="75310-3" displayName="Health concern"/><text>No known health concerns</text>'
    found = fact(
        "75310-3", statement("act", inside, status="active", template="132", attributes='negationInd="true"')
    )
    assert (found.text, found.negated) == ("Health concern", True)


@pytest.mark.parametrize(
    ("section", "entry", "reason"),
    [
        ("18776-5", statement("act", COLONOSCOPY, mood="DEF"), UnreadReason.UNSUPPORTED),
        ("48768-6", statement("act", '<code code="48768-6"/>'), UnreadReason.UNSUPPORTED),
        ("85847-2", statement("organizer", '<code displayName="Care team"/>'), UnreadReason.UNSUPPORTED),
        ("10157-6", "<regionOfInterest classCode='ROIOVL' moodCode='EVN'/>", UnreadReason.UNSUPPORTED),
        ("47519-4", statement("procedure", COLONOSCOPY, status="nullified"), UnreadReason.WITHDRAWN),
        ("47519-4", statement("procedure", '<code nullFlavor="UNK"/>'), UnreadReason.NO_INFORMATION),
        ("47519-4", "<somethingElse/>", UnreadReason.UNSUPPORTED),
        ("47519-4", "", UnreadReason.INVALID),
        ("47519-4", "<templateId root='1.2'/>", UnreadReason.INVALID),
        ("11450-4", statement("act", '<code code="CONC"/>', template="3"), UnreadReason.INVALID),
    ],
)
def test_what_is_not_read_is_listed_with_why(section: str, entry: str, reason: UnreadReason) -> None:
    reading = read_entries(section, entry)
    assert reading.facts == []
    assert [(each.origin, each.reason) for each in reading.unread] == [
        (f"section[{section}]/entry[1]", reason)
    ]


def test_a_pointer_to_another_entry_is_not_read_twice() -> None:
    pointer = f'<entryRelationship typeCode="REFR"><act classCode="ACT" moodCode="EVN"><templateId root="{TEMPLATE}122"/><id root="1.2"/><code nullFlavor="NP"/></act></entryRelationship>'
    problem = f'<entryRelationship typeCode="REFR"><observation moodCode="EVN"><templateId root="{TEMPLATE}4"/><code code="29308-4"/><value xsi:type="CD" code="1" displayName="CHF"/></observation></entryRelationship>'
    reading = read_entries(
        "75310-3", statement("act", f'<code code="75310-3"/>{pointer}{problem}', template="132")
    )
    assert [(each.text, each.category) for each in reading.facts] == [("CHF", "health-concern")]
    assert reading.unread == []


@pytest.mark.parametrize(
    ("inner", "read"),
    [
        ('<encounter moodCode="EVN"><id root="1.2"/></encounter>', []),
        ('<encounter moodCode="EVN"><id root="1.2"/><code nullFlavor="NP"/></encounter>', []),
        ("<performer/>", []),
        ('<encounter moodCode="EVN"><id root="1.2"/><code code="1"/></encounter>', ["1"]),
        ('<encounter moodCode="EVN"><id root="1.2"/><code displayName="Visit"/></encounter>', ["Visit"]),
        (
            '<encounter moodCode="EVN"><id root="1.2"/><code><originalText>Call</originalText></code></encounter>',
            ["Call"],
        ),
        ('<encounter moodCode="EVN"><id root="1.2"/><text>Home visit</text></encounter>', ["Home visit"]),
    ],
)
def test_only_an_id_makes_a_pointer(inner: str, read: list[str]) -> None:
    organizer = f'<organizer classCode="CLUSTER" moodCode="EVN"><code displayName="Stay"/><component>{statement("procedure", COLONOSCOPY)}</component><component>{inner}</component></organizer>'
    reading = read_entries("8648-8", organizer)
    assert [each.text for each in reading.facts] == ["Colonoscopy", *read]
    assert {each.group for each in reading.facts} == {"Stay"}


def test_what_hangs_on_a_procedure_is_read_where_it_is_a_fact_and_told_where_it_is_not() -> None:
    def nested(kind: str, inside: str) -> str:
        return f'<entryRelationship typeCode="{kind}">{inside}</entryRelationship>'

    complication = f'<observation moodCode="EVN"><templateId root="{TEMPLATE}4"/><code code="29308-4"/><value xsi:type="CD" code="1" displayName="Bleeding"/></observation>'
    remark = '<observation moodCode="EVN"><code code="2" displayName="Bowel preparation"/><value xsi:type="CD" code="3" displayName="good"/></observation>'
    denied = '<observation moodCode="EVN" negationInd="true"><code code="ASSERTION"/><value xsi:type="CD" code="4" displayName="perforation"/></observation>'
    part = '<observation moodCode="EVN"><code code="5" displayName="Polyps"/><value xsi:type="INT" value="2"/></observation>'
    inside = (
        COLONOSCOPY
        + nested("COMP", complication)
        + nested("SUBJ", remark)
        + nested("SUBJ", denied)
        + nested("COMP", part)
    )
    reading = read_entries("47519-4", statement("procedure", inside))
    assert [(each.kind, each.text, each.origin[-20:]) for each in reading.facts] == [
        (FactKind.PROCEDURE, "Colonoscopy", "on[47519-4]/entry[1]"),
        (FactKind.CONDITION, "Bleeding", "entryRelationship[1]"),
    ]
    assert details(reading.facts[0]) == [
        (DetailName.COMMENT, "Bowel preparation: good"),
        (DetailName.COMMENT, "not perforation"),
        (DetailName.COMMENT, "Polyps: 2"),
    ]


def test_an_intervention_is_read_through() -> None:
    inner = f'<entryRelationship typeCode="REFR">{statement("procedure", COLONOSCOPY, mood="INT", status="active", template="41")}</entryRelationship>'
    found = fact("62387-6", statement("act", f'<code code="362956003"/>{inner}', mood="INT", template="131"))
    assert (found.kind, found.text) == (FactKind.ORDER, "Colonoscopy")


def test_one_bad_entry_does_not_cost_its_neighbours() -> None:
    good = statement("procedure", COLONOSCOPY, status="completed")
    reading = read_entries("47519-4", good, "<somethingElse/>", good, text="Colonoscopy twice")
    assert [each.origin for each in reading.facts] == [
        "section[47519-4]/entry[1]",
        "section[47519-4]/entry[3]",
    ]
    assert [each.origin for each in reading.unread] == ["section[47519-4]/entry[2]"]


def test_statements_nested_very_deep_are_read_without_a_fault() -> None:
    inside = COLONOSCOPY
    for _ in range(40):
        inside = f'<code code="CONC"/><entryRelationship typeCode="SUBJ">{statement("act", inside)}</entryRelationship>'
    assert read_entries("8648-8", statement("act", inside)).facts[0].text == "Colonoscopy"
