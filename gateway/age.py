"""How old a patient is said to be, so that the birth date itself need not be told."""

from datetime import date

from gateway.clinical import Patient

OLDEST_TOLD = 89
"""Years. Above it an age makes a person known (45 CFR 164.514(b)(2)(i)(C))."""

_FIRST = {4: "-01-01", 7: "-01"}
"""What a date of so many characters lacks."""


def person(patient: Patient, encounter_start: str, received: date) -> str:
    """`67-year-old woman`, `woman aged 90 or older`, `patient`, and `, deceased`; the sex only as it was
    said: `patient (sex: other)`."""
    years, age = _age(patient, encounter_start, received)
    child = years is not None and years < 18
    noun = {"female": "girl" if child else "woman", "male": "boy" if child else "man"}.get(
        patient.sex, "patient"
    )
    if noun == "patient" and patient.sex not in ("", "unknown"):
        noun = f"patient (sex: {patient.sex})"
    if years is None:
        said = noun
    elif years > OLDEST_TOLD:
        said = f"{noun} aged 90 or older"
    else:
        said = f"{age} {noun}"
    return said + (", deceased" if patient.deceased and patient.deceased != "false" else "")


def completed_years(patient: Patient, day: date) -> int | None:
    """Of a living patient on that day, else at death; None when the birth date is not told."""
    return _age(patient, "", day)[0]


def age_is_told(patient: Patient, encounter_start: str, received: date) -> str:
    """A birth date that is not the patient's and gives, on the day of receipt, the age that `person`
    tells; of those aged 90 or more, and of whom only the year is known, a year."""
    years, _ = _age(patient, encounter_start, received)
    if years is None:
        return ""
    if years > OLDEST_TOLD:
        return str(received.year - OLDEST_TOLD - 1)
    born, day = _date(patient.birth_date), _date(encounter_start) or received
    day = min(day, _date(patient.deceased) or day)
    if born is None or len(patient.birth_date) < 10:
        return str(received.year - (day.year - int(patient.birth_date[:4])))
    if years >= 2:
        return received.replace(year=received.year - years, day=min(received.day, 28)).isoformat()
    return (received - (day - born)).isoformat()


def _age(patient: Patient, encounter_start: str, received: date) -> tuple[int | None, str]:
    """Completed years and the words for them, on the day of the encounter, else of receipt, else of death."""
    born = _date(patient.birth_date)
    day = _date(encounter_start) or received
    day = min(day, _date(patient.deceased) or day)
    if born is None or day < born:
        return None, ""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if len(patient.birth_date) < 10:
        return years, f"about {day.year - born.year}-year-old" if years > 1 else "infant"
    if years >= 2:
        return years, f"{years}-year-old"
    if day == born:
        return 0, "newborn"
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return years, f"{months}-month-old" if months >= 1 else f"{(day - born).days}-day-old"


def _date(iso: str) -> date | None:
    """The day, or the first day of a month or year told alone."""
    if not iso:
        return None
    rest = _FIRST.get(len(iso), "")
    try:
        return date.fromisoformat(iso[:10] + rest)
    except ValueError:
        return None
