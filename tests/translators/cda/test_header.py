import pytest

from gateway.clinical import Address, Identifier, Name, Participant, Reading
from gateway.errors import ErrorKind, GatewayError
from tests.translators.cda.made import PATIENT, document, section
from translators.cda.reader import read_cda


def read(header: str) -> Reading:
    return read_cda(document(section("8648-8", text="x"), header=header))


def patient(inside: str, role: str = "") -> str:
    return f"<recordTarget><patientRole>{role}<patient>{inside}</patient></patientRole></recordTarget>"


def person(family: str, given: str = "Ana") -> str:
    return f"<assignedPerson><name><given>{given}</given><family>{family}</family></name></assignedPerson>"


def test_the_patient_is_read_whole() -> None:
    role = (
        '<id root="1.2" extension="MRN-7"/><id nullFlavor="NI"/><addr use="HP"><streetAddressLine>1 Elm</streetAddressLine>'
        "<city>Bend</city></addr><telecom value='tel:+1(555)1' use='HP'/><telecom nullFlavor='UNK'/>"
    )
    inside = (
        '<name use="L"><given>Vera</given><given>M</given><family>Winterfeld</family></name><name use="SRCH"><family>Vogel</family></name>'
        '<administrativeGenderCode code="F"/><birthTime value="195803140930-0500"/>'
        "<languageCommunication><languageCode code='de'/></languageCommunication>"
        "<languageCommunication><languageCode code='en-US'/><preferenceInd value='true'/></languageCommunication>"
    )
    read_patient = read(patient(inside, role)).patient
    assert read_patient.identifiers == (Identifier(value="MRN-7", system="1.2"),)
    assert read_patient.names == (Name(family="Winterfeld", given=("Vera", "M")), Name(family="Vogel"))
    assert (read_patient.birth_date, read_patient.sex, read_patient.language) == (
        "1958-03-14",
        "female",
        "en-US",
    )
    assert read_patient.addresses == (Address(lines=("1 Elm",), city="Bend"),)
    assert read_patient.telecoms == ("+1(555)1",)
    assert read_patient.deceased == ""


@pytest.mark.parametrize(
    ("sent", "sex"),
    [
        ('code="M"', "male"),
        ('code="UN"', "other"),
        ('nullFlavor="UNK"', "unknown"),
        ('code="zzz"', ""),
        ('nullFlavor="NI"', ""),
    ],
)
def test_a_sex_is_said_only_where_it_is_known(sent: str, sex: str) -> None:
    assert read(patient(f"<administrativeGenderCode {sent}/>")).patient.sex == sex


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ('<sdtc:deceasedInd value="true"/>', "true"),
        ('<sdtc:deceasedInd value="false"/>', ""),
        ('<sdtc:deceasedInd value="true"/><sdtc:deceasedTime value="20260301"/>', "2026-03-01"),
        ("", ""),
    ],
)
def test_a_death_is_read_with_its_date(sent: str, read_as: str) -> None:
    assert read(patient(sent)).patient.deceased == read_as


def test_without_a_preferred_language_the_first_counts() -> None:
    languages = "".join(
        f"<languageCommunication><languageCode code='{each}'/></languageCommunication>"
        for each in ("de", "en")
    )
    assert read(patient(languages)).patient.language == "de"


def test_guardians_and_contacts_stand_with_the_patient() -> None:
    guardian = "<guardian><code displayName='Power of attorney'/><telecom value='tel:2'/><guardianPerson><name><given>Boris</given></name></guardianPerson></guardian>"
    contact = '<participant typeCode="IND"><associatedEntity classCode="{0}">{1}<associatedPerson><name><given>Martha</given></name></associatedPerson></associatedEntity></participant>'
    header = (
        patient(guardian)
        + contact.format("NOK", "") * 2
        + contact.format("ECON", "<code displayName='Sister'/>")
        + contact.format("LIC", "")
    )
    contacts = read(header).patient.contacts
    assert [(each.name.given, each.relationship) for each in contacts] == [
        (("Boris",), "Power of attorney"),
        (("Martha",), "next of kin"),
        (("Martha",), "Sister"),
    ]
    assert contacts[0].telecoms == ("2",)


def test_a_masked_identifier_is_said_to_be_masked() -> None:
    reading = read(patient("", '<id nullFlavor="MSK"/>'))
    assert [(each.origin, each.reason.value) for each in reading.unread] == [("recordTarget", "masked")]


def test_a_document_about_two_patients_is_refused() -> None:
    with pytest.raises(GatewayError) as caught:
        read(PATIENT + PATIENT)
    assert (caught.value.kind, caught.value.location) == (ErrorKind.SEVERAL_PATIENTS, "recordTarget[2]")


def test_a_document_without_a_patient_is_read_with_a_caution() -> None:
    reading = read("")
    assert [each.code for each in reading.warnings] == ["patient-missing"]
    assert reading.notes


ENCOUNTER = (
    "<componentOf><encompassingEncounter><id root='1.2' extension='V9'/><code code='99213' displayName='Office visit'>"
    "<translation code='AMB' codeSystem='2.16.840.1.113883.5.4'/></code>"
    "<effectiveTime><low value='20260301'/><high value='20260302'/></effectiveTime>"
    "<dischargeDispositionCode code='01' displayName='Home'/>"
    f"<responsibleParty><assignedEntity>{person('Resp')}</assignedEntity></responsibleParty>"
    f"<encounterParticipant typeCode='ATND'><assignedEntity>{person('Atnd')}</assignedEntity></encounterParticipant>"
    f"<encounterParticipant typeCode='XYZ'><assignedEntity>{person('Other')}</assignedEntity></encounterParticipant>"
    "<location><healthCareFacility><location><name>Ward 3</name></location></healthCareFacility></location>"
    "</encompassingEncounter></componentOf>"
)


def test_the_encounter_is_that_of_the_header() -> None:
    more = (
        f"<author><assignedAuthor>{person('Auth')}</assignedAuthor></author><author><assignedAuthor><assignedAuthoringDevice/></assignedAuthor></author>"
        f"<documentationOf><serviceEvent><performer typeCode='PRF'><functionCode code='PCP'/><assignedEntity>{person('Prim')}</assignedEntity></performer></serviceEvent></documentationOf>"
    )
    encounter = read(PATIENT + more + ENCOUNTER).encounter
    assert encounter is not None
    assert encounter.visit_numbers == (Identifier(value="V9", system="1.2", type="VN"),)
    assert (encounter.encounter_class, encounter.type) == ("AMB", "Office visit")
    assert (encounter.start, encounter.end) == ("2026-03-01", "2026-03-02")
    assert (encounter.location, encounter.disposition) == ("Ward 3", "Home")
    assert encounter.origin == "componentOf/encompassingEncounter"
    assert [(each.role, each.name.family) for each in encounter.participants] == [
        ("responsible", "Resp"),
        ("attending", "Atnd"),
        ("xyz", "Other"),
        ("primary care", "Prim"),
        ("author", "Auth"),
    ]
    assert encounter.participants[0] == Participant(
        role="responsible", name=Name(family="Resp", given=("Ana",))
    )


def test_a_document_outside_an_encounter_has_none() -> None:
    assert read(PATIENT).encounter is None


def test_names_and_addresses_sent_as_nulls_are_nobodys() -> None:
    reading = read(
        patient('<name nullFlavor="UNK"/>', '<addr nullFlavor="UNK"><city nullFlavor="UNK"/></addr>')
    )
    assert (reading.patient.names, reading.patient.addresses) == ((), ())
