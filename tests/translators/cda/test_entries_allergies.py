import pytest

from gateway.clinical import Certainty, DetailName, FactKind, FactStatus, UnreadReason
from tests.translators.cda.made import LOINC, SNOMED, TEMPLATE, details, fact, read_entries

DRUG_ALLERGY = f'<value xsi:type="CD" code="416098002" {SNOMED} displayName="Allergy to drug"/>'
ANY_ALLERGY = f'<value xsi:type="CD" code="419199007" {SNOMED} displayName="Allergy to substance"/>'
PENICILLIN = '<code code="7980" codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin"/>'


def allergy(
    inside: str, *, value: str = DRUG_ALLERGY, negated: str = "", concern: str = "active", beside: str = ""
) -> str:
    return (
        f'<act classCode="ACT" moodCode="EVN"><templateId root="{TEMPLATE}30"/><code code="CONC"/>'
        f'<statusCode code="{concern}"/><entryRelationship typeCode="SUBJ">'
        f'<observation classCode="OBS" moodCode="EVN" {negated}><templateId root="{TEMPLATE}7"/>'
        f'<code code="ASSERTION"/><statusCode code="completed"/>{value}{inside}</observation>'
        f"</entryRelationship>{beside}</act>"
    )


def substance(code: str) -> str:
    entity = f'<participantRole classCode="MANU"><playingEntity classCode="MMAT">{code}</playingEntity></participantRole>'
    return f'<participant typeCode="CSM">{entity}</participant>'


def nested(kind: str, inside: str) -> str:
    return f'<entryRelationship typeCode="{kind}" inversionInd="true"><observation classCode="OBS" moodCode="EVN">{inside}</observation></entryRelationship>'


SEVERE = nested(
    "SUBJ", f'<code code="SEV"/><value xsi:type="CD" code="24484000" {SNOMED} displayName="Severe"/>'
)
HIVES = nested(
    "MFST",
    f'<templateId root="{TEMPLATE}9"/><code code="ASSERTION"/><value xsi:type="CD" code="247472004" displayName="Hives"/>{SEVERE}',
)
STATUS = '<code code="33999-4"/><value xsi:type="CE" code="{0}" displayName="{1}"/>'


def test_an_allergy_is_its_substance_with_reactions_and_their_severity() -> None:
    critical = nested(
        "SUBJ",
        f'<code code="82606-5" {LOINC}/><value xsi:type="CD" code="CRITH" displayName="High criticality"/>',
    )
    found = fact("48765-2", allergy(critical + substance(PENICILLIN) + HIVES))
    assert (found.kind, found.text, found.negated) == (FactKind.ALLERGY, "Penicillin", False)
    assert [code.code for code in found.codes] == ["7980"]
    assert (found.category, found.status, found.status_sent) == (
        "drug",
        FactStatus.ACTIVE,
        "statusCode=active",
    )
    assert details(found) == [
        (DetailName.REACTION, "Hives"),
        (DetailName.SEVERITY, "severe"),
        (DetailName.CRITICALITY, "high"),
    ]
    assert found.origin == "section[48765-2]/entry[1]"


@pytest.mark.parametrize(
    ("value", "participant", "words", "text"),
    [
        (ANY_ALLERGY, "", "No Known Allergies", "known allergies"),
        (ANY_ALLERGY, substance('<code nullFlavor="NA"/>'), "", "known allergies"),
        (ANY_ALLERGY, substance('<code code="105590001" displayName="Substance"/>'), "", "known allergies"),
        (ANY_ALLERGY, "", "No Known Drug Allergies", "known drug allergies"),
        (DRUG_ALLERGY, substance('<code nullFlavor="NA"/>'), "No Known Allergies", "known drug allergies"),
        (DRUG_ALLERGY, "", "", "known drug allergies"),
        (f'<value xsi:type="CD" code="414285001" {SNOMED} displayName="Food allergy"/>', "", "", "known food allergies"),
        (ANY_ALLERGY, substance('<code nullFlavor="OTH"><originalText>No known allergies</originalText></code>'), "", "known allergies"),
    ],
)  # fmt: skip
def test_a_denied_allergy_to_nothing_in_particular_means_none_known(
    value: str, participant: str, words: str, text: str
) -> None:
    said = f"<text>{words}</text>" if words else ""
    found = fact("48765-2", allergy(said + participant, value=value, negated='negationInd="true"'))
    assert (found.text, found.negated) == (text, True)


def test_a_denied_allergy_to_something_denies_that_thing_only() -> None:
    peanut = substance('<code code="762952008" displayName="Peanut"/>')
    found = fact(
        "48765-2", allergy(f"<text>Not allergic to peanuts</text>{peanut}", negated='negationInd="true"')
    )
    assert (found.text, found.negated) == ("Peanut", True)


def test_an_excluded_list_is_not_an_absence_of_allergies() -> None:
    reading = read_entries(
        "48765-2",
        allergy(
            "<text>Allergy excluded/not available</text>", value=ANY_ALLERGY, negated='negationInd="true"'
        ),
    )
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [UnreadReason.NO_INFORMATION]


@pytest.mark.parametrize(
    ("concern", "times", "status", "read"),
    [
        ("active", "", "", FactStatus.ACTIVE),
        ("completed", "", "", FactStatus.UNKNOWN),
        ("completed", "<high value='2020'/>", "", FactStatus.RESOLVED),
        ("active", "<high value='2020'/>", "", FactStatus.ACTIVE),
        ("completed", "", STATUS.format("55561003", "Active"), FactStatus.ACTIVE),
        ("active", "", STATUS.format("73425007", "Inactive"), FactStatus.INACTIVE),
        ("active", "", STATUS.format("", "Resolved"), FactStatus.RESOLVED),
    ],
)
def test_an_allergy_is_only_over_when_its_source_says_so(
    concern: str, times: str, status: str, read: FactStatus
) -> None:
    inside = f"<effectiveTime><low value='2010'/>{times}</effectiveTime>{substance(PENICILLIN)}"
    found = fact("48765-2", allergy(inside + (nested("REFR", status) if status else ""), concern=concern))
    assert found.status is read


def test_an_allergy_that_was_ruled_out_is_denied() -> None:
    ruled_out = nested("REFR", STATUS.format("410516002", "Ruled out"))
    found = fact("48765-2", allergy(substance(PENICILLIN) + ruled_out))
    assert (found.text, found.negated, found.certainty) == ("Penicillin", True, Certainty.REFUTED)


def test_what_hangs_on_the_concern_belongs_to_its_allergy() -> None:
    comment = '<entryRelationship typeCode="SUBJ"><act moodCode="EVN"><code code="48767-8"/><text>since 2010</text></act></entryRelationship>'
    found = fact("48765-2", allergy(substance(PENICILLIN), beside=SEVERE + comment))
    assert details(found) == [(DetailName.SEVERITY, "severe"), (DetailName.COMMENT, "since 2010")]


def test_a_reaction_that_did_not_happen_is_not_said_to_have() -> None:
    denied = HIVES.replace('moodCode="EVN"', 'moodCode="EVN" negationInd="true"', 1)
    assert details(fact("48765-2", allergy(substance(PENICILLIN) + denied)))[0] == (
        DetailName.REACTION,
        "no Hives",
    )


def test_two_allergies_under_one_concern_have_places_of_their_own() -> None:
    latex = substance('<code displayName="Latex"/>')
    second = (
        '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">'
        f'<templateId root="{TEMPLATE}7"/><code code="ASSERTION"/>{DRUG_ALLERGY}{latex}'
        "</observation></entryRelationship>"
    )
    both = allergy(substance(PENICILLIN), beside=second)
    reading = read_entries("48765-2", both)
    assert [(each.text, each.origin) for each in reading.facts] == [
        ("Penicillin", "section[48765-2]/entry[1]/entryRelationship[1]"),
        ("Latex", "section[48765-2]/entry[1]/entryRelationship[2]"),
    ]


def test_a_substance_may_have_a_name_and_no_code() -> None:
    assert fact("48765-2", allergy(substance("<name>Shellfish</name>"))).text == "Shellfish"


def test_an_allergy_type_may_name_the_substance() -> None:
    value = f'<value xsi:type="CD" code="91936005" {SNOMED} displayName="Allergy to penicillin"/>'
    assert fact("48765-2", allergy("", value=value)).text == "Allergy to penicillin"


def test_an_intolerance_is_said_to_be_one() -> None:
    value = f'<value xsi:type="CD" code="59037007" {SNOMED} displayName="Intolerance to drug"/>'
    found = fact("48765-2", allergy(substance(PENICILLIN), value=value))
    assert (found.category, details(found)) == ("drug", [(DetailName.COMMENT, "intolerance")])


def test_an_allergy_to_nobody_knows_what_is_no_fact() -> None:
    reading = read_entries("48765-2", allergy(""))
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [UnreadReason.NO_INFORMATION]


@pytest.mark.parametrize("written", ["TRUE", "True", " true ", "1"])
def test_a_negation_is_read_however_it_is_spelled(written: str) -> None:
    found = fact("48765-2", allergy(substance(PENICILLIN), negated=f'negationInd="{written}"'))
    assert (found.text, found.negated) == ("Penicillin", True)


def test_a_negation_that_is_neither_true_nor_false_is_not_taken_for_false() -> None:
    reading = read_entries("48765-2", allergy(substance(PENICILLIN), negated='negationInd="yes"'))
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [UnreadReason.INVALID]


def test_what_a_negated_relationship_holds_is_not_said_of_the_patient() -> None:
    denied = allergy(substance(PENICILLIN)).replace('typeCode="SUBJ"', 'typeCode="SUBJ" negationInd="true"')
    reading = read_entries("48765-2", denied)
    assert reading.facts == []
    assert UnreadReason.INVALID in {each.reason for each in reading.unread}


@pytest.mark.parametrize(
    ("narrative", "read"),
    [
        ("NKA", ["known allergies"]),
        ("Patient denies any allergies", ["known allergies"]),
        ("", ["known allergies"]),
        ("Peanut causes hives", []),
    ],
)
def test_a_denial_of_all_allergies_never_denies_one_that_its_section_tells_of(
    narrative: str, read: list[str]
) -> None:
    denied = allergy(substance('<code nullFlavor="NA"/>'), value=ANY_ALLERGY, negated='negationInd="true"')
    reading = read_entries("48765-2", denied, text=narrative)
    assert [each.text for each in reading.facts if each.negated] == read
