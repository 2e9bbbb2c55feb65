import pytest

from gateway.clinical import Certainty, DetailName, FactKind, FactStatus, UnreadReason
from tests.translators.cda.made import SNOMED, TEMPLATE, details, fact, read_entries

ASTHMA = f'<value xsi:type="CD" code="195967001" {SNOMED} displayName="Asthma"/>'
STATUS = '<entryRelationship typeCode="REFR"><observation moodCode="EVN"><code code="33999-4"/><value xsi:type="CE" code="{0}" displayName="x"/></observation></entryRelationship>'


def observation(inside: str, attributes: str = "") -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}><templateId root="{TEMPLATE}4"/>'
        f'<code code="55607006" {SNOMED} displayName="Problem"/><statusCode code="completed"/>{inside}</observation>'
    )


def concern(inside: str, *, status: str = "active", attributes: str = "", template: str = "3") -> str:
    return (
        f'<act classCode="ACT" moodCode="EVN"><templateId root="{TEMPLATE}{template}"/><code code="CONC"/>'
        f'<statusCode code="{status}"/><entryRelationship typeCode="SUBJ">{observation(inside, attributes)}'
        "</entryRelationship></act>"
    )


def test_a_problem_is_the_value_of_its_observation() -> None:
    found = fact("11450-4", concern(f'<effectiveTime><low value="2014"/></effectiveTime>{ASTHMA}'))
    assert (found.kind, found.text, found.time) == (FactKind.CONDITION, "Asthma", "2014")
    assert (found.category, found.status) == ("problem-list", FactStatus.ACTIVE)


@pytest.mark.parametrize(
    ("status", "times", "standing", "read"),
    [
        ("active", "", "", FactStatus.ACTIVE),
        ("completed", "", "", FactStatus.UNKNOWN),  # only that nobody follows it any more
        ("active", '<high value="2015"/>', "", FactStatus.RESOLVED),
        ("active", '<high nullFlavor="UNK"/>', "", FactStatus.ACTIVE),
        ("completed", '<high nullFlavor="UNK"/>', "", FactStatus.RESOLVED),
        ("active", '<high nullFlavor="NI"/>', "", FactStatus.ACTIVE),
        ("completed", "", "55561003", FactStatus.ACTIVE),
        ("active", "", "413322009", FactStatus.RESOLVED),
        ("active", "", "73425007", FactStatus.INACTIVE),
        ("suspended", "", "", FactStatus.UNKNOWN),
    ],
)
def test_a_problem_is_over_by_its_end_or_its_own_status(
    status: str, times: str, standing: str, read: FactStatus
) -> None:
    inside = f'<effectiveTime><low value="2014"/>{times}</effectiveTime>{ASTHMA}'
    found = fact("11450-4", concern(inside + (STATUS.format(standing) if standing else ""), status=status))
    assert found.status is read


@pytest.mark.parametrize(
    ("entry", "sent"),
    [
        (concern(ASTHMA), "statusCode=active"),
        (concern(ASTHMA + STATUS.format("55561003")), "status=x"),
        (concern(ASTHMA, status=""), ""),
        (observation(ASTHMA), ""),
    ],
)
def test_the_status_is_kept_as_it_was_sent(entry: str, sent: str) -> None:
    assert fact("11450-4", entry).status_sent == sent


def test_a_status_in_words_counts_as_its_code() -> None:
    in_words = STATUS.replace('code="{0}" displayName="x"', 'displayName="Ruled out"')
    found = fact("11450-4", concern(ASTHMA + in_words))
    assert (found.negated, found.certainty) == (True, Certainty.REFUTED)


def test_a_problem_to_be_ruled_out_and_one_that_was_are_not_the_same() -> None:
    to_be = fact("11450-4", concern(ASTHMA + STATUS.format("415684004")))
    was = fact("11450-4", concern(ASTHMA + STATUS.format("410516002")))
    assert (to_be.negated, to_be.certainty) == (False, Certainty.DIFFERENTIAL)
    assert (was.negated, was.certainty) == (True, Certainty.REFUTED)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ASTHMA, "Asthma"),
        ('<value xsi:type="CD" code="55607006" displayName="Problem"/>', "known problems"),
        ('<value xsi:type="CD" nullFlavor="NA"/>', "known problems"),
    ],
)
def test_a_denied_problem_is_negated(value: str, text: str) -> None:
    found = fact("11450-4", concern(value, attributes='negationInd="true"'))
    assert (found.text, found.negated) == (text, True)


def test_no_current_problems_by_its_own_code_is_negated() -> None:
    found = fact(
        "11450-4",
        concern(f'<value xsi:type="CD" code="160245001" {SNOMED} displayName="No current problems"/>'),
    )
    assert (found.text, found.negated) == ("current problems or disability", True)


@pytest.mark.parametrize(
    ("template", "section", "category"),
    [
        ("3", "11450-4", "problem-list"),
        ("3", "11348-0", "past-history"),
        ("80", "46240-8", "encounter-diagnosis"),
        ("33", "11535-2", "discharge-diagnosis"),
        ("34", "46241-6", "admission-diagnosis"),
        ("34", "8648-8", "admission-diagnosis"),
        ("65", "10219-4", "preoperative-diagnosis"),
    ],
)
def test_the_section_or_the_act_tells_when_a_diagnosis_was_made(
    template: str, section: str, category: str
) -> None:
    assert fact(section, concern(ASTHMA, template=template)).category == category


def test_severity_site_side_rank_and_age_stand_beside_the_problem() -> None:
    def nested(code: str, value: str) -> str:
        return f'<entryRelationship typeCode="SUBJ"><observation moodCode="EVN"><code code="{code}"/>{value}</observation></entryRelationship>'

    value = (
        '<value xsi:type="CD" code="1" displayName="Fracture"><qualifier><name code="272741003"/>'
        '<value xsi:type="CD" code="7771000" displayName="Left"/></qualifier></value>'
        '<targetSiteCode code="2" displayName="Radius"/>'
    )
    more = (
        nested("263486008", '<value xsi:type="INT" value="1"/>')
        + nested("445518008", '<value xsi:type="PQ" value="57" unit="a"/>')
        + nested("SEV", f'<value xsi:type="CD" code="6736007" {SNOMED}/>')
    )
    assert details(fact("11450-4", concern(value + more))) == [
        (DetailName.SEVERITY, "moderate"),
        (DetailName.RANK, "1"),
        (DetailName.SITE, "Radius"),
        (DetailName.LATERALITY, "Left"),
        (DetailName.ONSET, "at age 57 years"),
    ]


def test_a_denied_concern_around_a_problem_is_not_guessed_at() -> None:
    denied = concern(ASTHMA).replace('moodCode="EVN"', 'moodCode="EVN" negationInd="true"', 1)
    reading = read_entries("11450-4", denied)
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [UnreadReason.INVALID]


def test_being_at_risk_of_a_disease_is_not_having_it() -> None:
    risk = concern('<value xsi:type="CD" code="363346000" displayName="Cancer"/>').replace(
        f'code="55607006" {SNOMED} displayName="Problem"', f'code="281694009" {SNOMED} displayName="At risk"'
    )
    found = fact("75310-3", risk)
    assert (found.kind, found.text, found.value) == (FactKind.ASSESSMENT, "At risk", "Cancer")


def test_a_relatives_problem_is_not_the_patients() -> None:
    of_father = concern(
        f'{ASTHMA}<subject><relatedSubject classCode="PRS"><code displayName="father"/></relatedSubject></subject>'
    )
    found = fact("11450-4", of_father)
    assert (found.kind, details(found)) == (FactKind.FAMILY_HISTORY, [(DetailName.RELATIONSHIP, "father")])


def test_a_withdrawn_concern_is_listed_with_what_it_was() -> None:
    reading = read_entries("11450-4", observation(ASTHMA).replace('code="completed"', 'code="nullified"'))
    assert reading.facts == []
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.WITHDRAWN, "statusCode=nullified Asthma")
    ]


def test_a_masked_problem_is_listed_as_masked() -> None:
    reading = read_entries("11450-4", concern('<value xsi:type="CD" nullFlavor="MSK"/>'))
    assert [each.reason for each in reading.unread] == [UnreadReason.MASKED]


def _qualified(name: str, value: str) -> str:
    said = f'<qualifier><name code="{name}" displayName="context"/><value code="{value}" displayName="so"/></qualifier>'
    return ASTHMA.replace("/>", f">{said}</value>")


def test_a_finding_context_that_denies_turns_the_problem_round() -> None:
    found = fact("11450-4", concern(_qualified("408729009", "410516002")))
    assert (found.text, found.negated, found.certainty) == ("Asthma", True, Certainty.REFUTED)


def test_what_qualifies_a_problem_in_another_way_is_told_beside_it() -> None:
    found = fact("11450-4", concern(_qualified("408729009", "410590009")))
    assert (found.negated, details(found)) == (False, [(DetailName.COMMENT, "context: so")])


def test_a_status_in_words_that_are_not_known_is_told_and_not_taken_for_active() -> None:
    found = fact("11450-4", concern(ASTHMA + STATUS.format("1").replace('"x"', '"Not present"')))
    assert (found.status, found.status_sent) == (FactStatus.UNKNOWN, "status=Not present")
    assert details(found) == [(DetailName.COMMENT, "status: Not present")]
