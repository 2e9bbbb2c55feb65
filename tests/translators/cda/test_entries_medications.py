import pytest

from gateway.clinical import DetailName, FactKind, FactStatus, UnreadReason
from tests.translators.cda.made import TEMPLATE, details, fact, read_entries

LISINOPRIL = (
    '<code code="314076" codeSystem="2.16.840.1.113883.6.88" displayName="lisinopril 10 MG Oral Tablet"/>'
)
DOSED = '<doseQuantity value="1" unit="{tablet}"/>'


def consumable(inside: str) -> str:
    return f"<consumable><manufacturedProduct>{inside}</manufacturedProduct></consumable>"


def given(
    inside: str,
    *,
    code: str = LISINOPRIL,
    mood: str = "EVN",
    status: str = "active",
    attributes: str = "",
    template: str = "16",
) -> str:
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="{mood}" {attributes}><templateId root="{TEMPLATE}{template}"/>'
        f'<statusCode code="{status}"/>{consumable(f"<manufacturedMaterial>{code}</manufacturedMaterial>")}{inside}</substanceAdministration>'
    )


def test_a_medication_is_the_drug_with_how_it_is_taken() -> None:
    inside = (
        '<text><reference value="#row"/></text>'
        '<effectiveTime xsi:type="IVL_TS"><low value="20250102"/></effectiveTime>'
        '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="12" unit="h"/></effectiveTime>'
        f'<routeCode code="C38288" displayName="Oral"/>{DOSED}<maxDoseQuantity><numerator value="4"/><denominator value="1" unit="d"/></maxDoseQuantity>'
        '<precondition><criterion><code code="ASSERTION"/><value xsi:type="CD" code="1" displayName="headache"/></criterion></precondition>'
        '<entryRelationship typeCode="COMP"><substanceAdministration moodCode="EVN"><code code="76662-6"/><text>one tablet twice a day</text></substanceAdministration></entryRelationship>'
        '<entryRelationship typeCode="RSON"><observation moodCode="EVN"><code code="404684003"/><value xsi:type="CD" code="2" displayName="Hypertension"/></observation></entryRelationship>'
        f'<entryRelationship typeCode="REFR"><supply moodCode="INT"><templateId root="{TEMPLATE}17"/><repeatNumber value="2"/><quantity value="30" unit="{{tablet}}"/></supply></entryRelationship>'
    )
    found = fact("10160-0", given(inside))
    assert (found.kind, found.text) == (FactKind.MEDICATION, "lisinopril 10 MG Oral Tablet")
    assert (found.category, found.status, found.time, found.end) == (
        "statement",
        FactStatus.ACTIVE,
        "2025-01-02",
        "",
    )
    assert details(found) == [
        (DetailName.DOSE, "1 tablet"),
        (DetailName.ROUTE, "Oral"),
        (DetailName.FREQUENCY, "every 12 hours as needed for headache"),
        (DetailName.INSTRUCTIONS, "maximum 4 in 1 d"),
        (DetailName.INSTRUCTIONS, "one tablet twice a day"),
        (DetailName.QUANTITY, "30 tablet, fills: 2"),
        (DetailName.REASON, "Hypertension"),
    ]


@pytest.mark.parametrize(
    ("section", "mood", "status", "category", "read"),
    [
        ("10160-0", "EVN", "active", "statement", FactStatus.ACTIVE),
        ("10160-0", "EVN", "completed", "statement", FactStatus.COMPLETED),
        ("10160-0", "EVN", "aborted", "statement", FactStatus.STOPPED),
        ("10160-0", "EVN", "suspended", "statement", FactStatus.ON_HOLD),
        ("10160-0", "EVN", "ordered", "statement", FactStatus.UNKNOWN),
        ("10160-0", "INT", "active", "order", FactStatus.ACTIVE),
        ("10160-0", "RQO", "active", "order", FactStatus.ACTIVE),
        ("29549-3", "EVN", "completed", "administration", FactStatus.COMPLETED),
        ("18776-5", "INT", "active", "order", FactStatus.PLANNED),
        ("8648-8", "EVN", "active", "statement", FactStatus.ACTIVE),
    ],
)
def test_ordered_planned_given_and_taken_are_told_apart(
    section: str, mood: str, status: str, category: str, read: FactStatus
) -> None:
    found = fact(section, given(DOSED, mood=mood, status=status))
    assert (found.category, found.status) == (category, read)


def test_a_c32_status_observation_outranks_the_status_code() -> None:
    active = '<entryRelationship typeCode="REFR"><observation moodCode="EVN"><code code="33999-4"/><value xsi:type="CE" code="55561003" displayName="Active"/></observation></entryRelationship>'
    found = fact("10160-0", given(DOSED + active, status="completed"))
    assert (found.status, found.status_sent) == (FactStatus.ACTIVE, "status=Active")


def test_a_refused_medication_is_negated_with_its_reason() -> None:
    reason = '<entryRelationship typeCode="RSON"><observation moodCode="EVN"><code code="77301-0"/><value xsi:type="CD" code="105480006" displayName="Declined by patient"/></observation></entryRelationship>'
    found = fact("10160-0", given(reason, status="completed", attributes='negationInd="true"'))
    assert (found.text, found.negated, found.status) == (
        "lisinopril 10 MG Oral Tablet",
        True,
        FactStatus.NOT_DONE,
    )
    assert details(found) == [(DetailName.REASON, "Declined by patient")]


ANY_DRUG = '<code nullFlavor="OTH"><translation code="410942007" displayName="Drug or medicament"/></code>'


@pytest.mark.parametrize(
    ("section", "words", "text"),
    [
        ("10160-0", "No Medications", "known medications"),
        ("10160-0", "", "known medications"),
        ("29549-3", "", "medications administered"),
        ("10183-2", "No known discharge medications", "known discharge medications"),
    ],
)
def test_no_medications_at_all(section: str, words: str, text: str) -> None:
    said = f"<text>{words}</text>" if words else ""
    found = fact(section, given(said, code=ANY_DRUG, attributes='negationInd="true"'))
    assert (found.text, found.negated) == (text, True)


def test_a_list_of_medications_that_was_left_out_is_no_absence() -> None:
    entry = given(
        "<text>Medication excluded/not available</text>", code=ANY_DRUG, attributes='negationInd="true"'
    )
    reading = read_entries("10160-0", entry)
    assert reading.facts == []
    assert reading.unread[0].reason is UnreadReason.NO_INFORMATION


@pytest.mark.parametrize(
    ("product", "text"),
    [
        ("<manufacturedMaterial><code nullFlavor='UNK'/><name>Tylenol</name></manufacturedMaterial>", "Tylenol"),
        ("<manufacturedMaterial><name>Tylenol</name></manufacturedMaterial>", "Tylenol"),
        ("<manufacturedMaterial><code nullFlavor='OTH'><originalText>Echinacea tea</originalText></code></manufacturedMaterial>", "Echinacea tea"),
        ("<manufacturedLabeledDrug><code code='1' displayName='Aspirin'/></manufacturedLabeledDrug>", "Aspirin"),
        ("<manufacturedLabeledDrug nullFlavor='NA'/>", "trial drug, one a day"),
    ],
)  # fmt: skip
def test_a_drug_is_named_wherever_its_name_stands(product: str, text: str) -> None:
    entry = f'<substanceAdministration classCode="SBADM" moodCode="EVN"><text>trial drug, one a day</text>{consumable(product)}</substanceAdministration>'
    assert fact("10160-0", entry).text == text


def test_a_dose_that_stands_only_in_the_narrative_is_kept() -> None:
    narrative = '<table><tbody><tr ID="row"><td>Metoprolol</td><td>25 mg once daily</td></tr></tbody></table>'
    entry = given('<text><reference value="#row"/></text>', code='<code code="1" displayName="metoprolol"/>')
    assert details(fact("10160-0", entry, narrative)) == [
        (DetailName.INSTRUCTIONS, "Metoprolol | 25 mg once daily")
    ]


def test_a_dose_and_its_rate_are_one_detail() -> None:
    inside = '<doseQuantity><low value="1" unit="mg"/><high value="2" unit="mg"/></doseQuantity><rateQuantity value="100" unit="mL/h"/>'
    assert details(fact("10160-0", given(inside))) == [(DetailName.DOSE, "1-2 mg at 100 mL/h")]


def test_a_drug_is_given_in_its_vehicle_and_in_nothing_else() -> None:
    def participant(role: str, name: str) -> str:
        return f'<participant typeCode="CSM"><participantRole><code code="{role}"/><playingEntity><name>{name}</name></playingEntity></participantRole></participant>'

    found = fact(
        "10160-0",
        given(DOSED + participant("1", "Pharmacy") + participant("412307009", "Sodium chloride 0.9%")),
    )
    assert details(found)[1:] == [(DetailName.INSTRUCTIONS, "in Sodium chloride 0.9%")]


@pytest.mark.parametrize(
    ("criterion", "frequency"),
    [
        ('<code code="ASSERTION"/><value xsi:type="CD" code="1" displayName="pain"/>', "as needed for pain"),
        ('<code code="ASSERTION"/><text>wheezing</text>', "as needed for wheezing"),
        ('<code code="49727002" displayName="Cough"/>', "as needed for Cough"),
        ('<code code="ASSERTION"/>', "as needed"),
        ("", "as needed"),
    ],
)
def test_a_precondition_means_as_needed(criterion: str, frequency: str) -> None:
    found = fact("10160-0", given(f"{DOSED}<precondition><criterion>{criterion}</criterion></precondition>"))
    assert details(found)[1:] == [(DetailName.FREQUENCY, frequency)]


def test_the_medications_of_a_taper_are_facts_of_their_own() -> None:
    doses = (given(f'<doseQuantity value="{dose}"/>') for dose in (2, 1))
    parts = "".join(f"<component>{dose}</component>" for dose in doses)
    reading = read_entries(
        "10160-0",
        f'<organizer classCode="CLUSTER" moodCode="EVN"><statusCode code="active"/>{parts}</organizer>',
    )
    assert [(each.origin, each.details[0].text) for each in reading.facts] == [
        ("section[10160-0]/entry[1]/component[1]", "2"),
        ("section[10160-0]/entry[1]/component[2]", "1"),
    ]


def test_a_discharge_medication_is_read_through_its_act() -> None:
    act = f'<act classCode="ACT" moodCode="EVN"><templateId root="{TEMPLATE}35"/><code code="10183-2"/><entryRelationship typeCode="SUBJ">{given(DOSED)}</entryRelationship></act>'
    found = fact("10183-2", act)
    assert (found.text, found.origin) == ("lisinopril 10 MG Oral Tablet", "section[10183-2]/entry[1]")


def test_a_dispense_that_stands_alone_is_no_statement_that_it_is_taken() -> None:
    product = f"<product><manufacturedProduct><manufacturedMaterial>{LISINOPRIL}</manufacturedMaterial></manufacturedProduct></product>"
    entry = f'<supply classCode="SPLY" moodCode="EVN"><templateId root="{TEMPLATE}18"/><statusCode code="completed"/><quantity value="30"/>{product}</supply>'
    found = fact("10160-0", entry)
    assert (found.category, details(found)) == ("dispense", [(DetailName.QUANTITY, "dispensed 30")])


VACCINE = '<code code="88" codeSystem="2.16.840.1.113883.12.292" displayName="Influenza vaccine"/><lotNumberText>A7</lotNumberText>'


def test_an_immunization_has_its_lot_its_maker_and_what_it_did() -> None:
    maker = "<manufacturerOrganization><name>Vaccine Works</name></manufacturerOrganization>"
    entry = given(
        '<effectiveTime value="20251001"/><entryRelationship typeCode="CAUS"><observation moodCode="EVN"><code code="ASSERTION"/><value xsi:type="CD" code="1" displayName="Fever"/></observation></entryRelationship>',
        code=VACCINE,
        status="completed",
        template="52",
    ).replace("</manufacturedMaterial>", f"</manufacturedMaterial>{maker}")
    found = fact("11369-6", entry)
    assert (found.kind, found.text, found.status, found.time) == (
        FactKind.IMMUNIZATION, "Influenza vaccine", FactStatus.COMPLETED, "2025-10-01",
    )  # fmt: skip
    assert details(found) == [
        (DetailName.REACTION, "Fever"),
        (DetailName.LOT, "A7"),
        (DetailName.MANUFACTURER, "Vaccine Works"),
    ]


def test_a_refused_immunization_is_not_done_and_says_why() -> None:
    reason = f'<entryRelationship typeCode="RSON"><observation moodCode="EVN"><templateId root="{TEMPLATE}53"/><code code="PATOBJ" displayName="patient objection"/></observation></entryRelationship>'
    found = fact(
        "11369-6",
        given(reason, code=VACCINE, status="completed", attributes='negationInd="true"', template="52"),
    )
    assert (found.negated, found.status) == (True, FactStatus.NOT_DONE)
    assert (DetailName.REASON, "patient objection") in details(found)


@pytest.mark.parametrize(("mood", "read"), [("EVN", FactStatus.IN_PROGRESS), ("INT", FactStatus.PLANNED)])
def test_a_planned_immunization_was_not_given(mood: str, read: FactStatus) -> None:
    assert fact("18776-5", given("", code=VACCINE, mood=mood, template="120")).status is read


@pytest.mark.parametrize(
    ("name", "told"),
    [("Immunization education", ["Immunization education"]), ("Instructions", []), ("instruction", [])],
)
def test_an_instruction_without_text_tells_at_most_its_topic(name: str, told: list[str]) -> None:
    act = f'<entryRelationship typeCode="SUBJ"><act moodCode="INT"><templateId root="{TEMPLATE}20"/><code code="1" displayName="{name}"/></act></entryRelationship>'
    assert [text for _, text in details(fact("10160-0", given(DOSED + act)))[1:]] == told


def test_unknown_immunization_status_is_no_fact() -> None:
    reading = read_entries("11369-6", given("", code=VACCINE, attributes='nullFlavor="NI"', template="52"))
    assert reading.facts == []
    assert reading.unread[0].reason is UnreadReason.NO_INFORMATION
