"""HL7 tables as the gateway means them. A code that is not in its table is UNKNOWN, never assumed.

`WITHDRAWN` marks the codes by which a sender takes back what it said: such an entry is no fact.
"""

from enum import Enum

from gateway.clinical import Certainty, FactStatus
from gateway.request import Purpose


class Withdrawal(Enum):
    WITHDRAWN = "withdrawn"


WITHDRAWN = Withdrawal.WITHDRAWN
Standing = FactStatus | Withdrawal

OBSERVATION: dict[str, Standing] = {  # OBX-11, table 0085
    "A": FactStatus.CORRECTED,  # amended
    "B": FactStatus.CORRECTED,  # appended report
    "C": FactStatus.CORRECTED,
    "D": WITHDRAWN,  # deletes the observation
    "F": FactStatus.FINAL,
    "I": FactStatus.REGISTERED,  # specimen in laboratory, results pending
    "N": FactStatus.NOT_DONE,  # not asked
    "O": FactStatus.UNKNOWN,  # order detail description only
    "P": FactStatus.PRELIMINARY,
    "R": FactStatus.PRELIMINARY,  # entered, not verified
    "S": FactStatus.PARTIAL,
    "U": FactStatus.FINAL,  # changed to final without sending the value again
    "V": FactStatus.FINAL,  # verified
    "W": WITHDRAWN,  # original was wrong, such as of another patient
    "X": FactStatus.CANCELLED,  # cannot be obtained
}

REPORT: dict[str, Standing] = {  # OBR-25, table 0123; D and W of table 0085 are sent there, too
    "A": FactStatus.PARTIAL,
    "C": FactStatus.CORRECTED,
    "D": WITHDRAWN,
    "F": FactStatus.FINAL,
    "I": FactStatus.REGISTERED,
    "M": FactStatus.CORRECTED,
    "N": FactStatus.REGISTERED,  # procedure done, results pending
    "O": FactStatus.REGISTERED,
    "P": FactStatus.PRELIMINARY,
    "R": FactStatus.PRELIMINARY,  # stored, not verified
    "S": FactStatus.REGISTERED,
    "W": WITHDRAWN,
    "X": FactStatus.CANCELLED,
    "Y": FactStatus.UNKNOWN,
    "Z": FactStatus.UNKNOWN,
}

ORDER: dict[str, Standing] = {  # ORC-5, table 0038
    "A": FactStatus.ACTIVE,  # some results available
    "CA": FactStatus.CANCELLED,
    "CM": FactStatus.COMPLETED,
    "DC": FactStatus.STOPPED,
    "ER": WITHDRAWN,  # error, order not found
    "HD": FactStatus.ON_HOLD,
    "IP": FactStatus.ACTIVE,
    "RP": FactStatus.STOPPED,  # replaced
    "SC": FactStatus.ACTIVE,  # in process, scheduled
}

ORDER_CONTROL: dict[str, Standing] = {  # ORC-1, table 0119; only where ORC-5 is empty
    "NW": FactStatus.ACTIVE,
    "OK": FactStatus.ACTIVE,
    "NA": FactStatus.ACTIVE,
    "RO": FactStatus.ACTIVE,
    "XO": FactStatus.ACTIVE,
    "XX": FactStatus.ACTIVE,
    "XR": FactStatus.ACTIVE,
    "UX": FactStatus.ACTIVE,
    "RF": FactStatus.ACTIVE,
    "AF": FactStatus.ACTIVE,
    "RL": FactStatus.ACTIVE,
    "OE": FactStatus.ACTIVE,
    "OR": FactStatus.ACTIVE,
    "UC": FactStatus.ACTIVE,  # unable to cancel
    "UD": FactStatus.ACTIVE,  # unable to discontinue
    "UH": FactStatus.ACTIVE,  # unable to hold
    "CA": FactStatus.CANCELLED,  # a request; but the sender wants it no more
    "OC": FactStatus.CANCELLED,
    "CR": FactStatus.CANCELLED,
    "DF": FactStatus.CANCELLED,  # refill denied
    "UA": FactStatus.CANCELLED,  # unable to accept
    "DC": FactStatus.STOPPED,
    "OD": FactStatus.STOPPED,
    "DR": FactStatus.STOPPED,
    "RP": FactStatus.STOPPED,
    "RU": FactStatus.STOPPED,
    "RQ": FactStatus.STOPPED,
    "HD": FactStatus.ON_HOLD,
    "OH": FactStatus.ON_HOLD,
    "HR": FactStatus.ON_HOLD,
    "FU": FactStatus.COMPLETED,
    "OF": FactStatus.COMPLETED,
}

DOCUMENT: dict[str, Standing] = {  # TXA-17, table 0271
    "AU": FactStatus.FINAL,
    "LA": FactStatus.FINAL,
    "DI": FactStatus.PRELIMINARY,
    "DO": FactStatus.PRELIMINARY,
    "IN": FactStatus.PARTIAL,
    "IP": FactStatus.IN_PROGRESS,
    "PA": FactStatus.PRELIMINARY,
    "CA": WITHDRAWN,
    "OB": WITHDRAWN,
}

AVAILABILITY: dict[str, Standing] = {  # TXA-19, table 0273
    "CA": WITHDRAWN,  # deleted
    "OB": WITHDRAWN,  # obsolete
    "UN": WITHDRAWN,  # not available for patient care
}

ADMINISTRATION: dict[str, FactStatus] = {  # RXA-20, table 0322
    "CP": FactStatus.COMPLETED,
    "PA": FactStatus.COMPLETED,
    "RE": FactStatus.NOT_DONE,
    "NA": FactStatus.NOT_DONE,
}

DIAGNOSIS_TYPE: dict[str, tuple[str, Certainty | None]] = {  # DG1-6, table 0052
    "A": ("admission-diagnosis", None),
    "W": ("encounter-diagnosis", Certainty.PROVISIONAL),
    "F": ("encounter-diagnosis", Certainty.CONFIRMED),
}

PROBLEM_CONFIRMATION: dict[str, Certainty] = {  # PRB-13: user-defined; the words that feeds send
    "CONFIRMED": Certainty.CONFIRMED,
    "C": Certainty.CONFIRMED,
    "PROVISIONAL": Certainty.PROVISIONAL,
    "P": Certainty.PROVISIONAL,
    "PRELIMINARY": Certainty.PROVISIONAL,
    "WORKING": Certainty.PROVISIONAL,
    "DIFFERENTIAL": Certainty.DIFFERENTIAL,
    "UNCONFIRMED": Certainty.UNCONFIRMED,
    "U": Certainty.UNCONFIRMED,
    "SUSPECTED": Certainty.UNCONFIRMED,
    "PROBABLE": Certainty.UNCONFIRMED,
    "POSSIBLE": Certainty.UNCONFIRMED,
    "R/O": Certainty.DIFFERENTIAL,
    "RULE OUT": Certainty.DIFFERENTIAL,
    "REFUTED": Certainty.REFUTED,
    "RULED OUT": Certainty.REFUTED,
    "ABSENT": Certainty.REFUTED,
    "KNOWN ABSENT": Certainty.REFUTED,
    "NOT PRESENT": Certainty.REFUTED,
    "NEGATED": Certainty.REFUTED,
    "NEGATIVE": Certainty.REFUTED,
}

LIFE_CYCLE: dict[str, Standing] = {  # PRB-14, GOL-18: user-defined
    "ACTIVE": FactStatus.ACTIVE,
    "A": FactStatus.ACTIVE,
    "RECURRENCE": FactStatus.ACTIVE,
    "RELAPSE": FactStatus.ACTIVE,
    "INACTIVE": FactStatus.INACTIVE,
    "I": FactStatus.INACTIVE,
    "REMISSION": FactStatus.INACTIVE,
    "RESOLVED": FactStatus.RESOLVED,
    "R": FactStatus.RESOLVED,
    "COMPLETED": FactStatus.COMPLETED,
    "ACHIEVED": FactStatus.COMPLETED,
    "CANCELLED": FactStatus.CANCELLED,
    "CANCELED": FactStatus.CANCELLED,
    "ON HOLD": FactStatus.ON_HOLD,
    "DELETED": WITHDRAWN,
    "ERRONEOUS": WITHDRAWN,
    "ENTERED IN ERROR": WITHDRAWN,
    "ENTERED-IN-ERROR": WITHDRAWN,
}

ALLERGY_STANDING: dict[str, tuple[Standing, Certainty | None]] = {  # IAM-17, table 0438
    "C": (FactStatus.UNKNOWN, Certainty.CONFIRMED),
    "I": (FactStatus.INACTIVE, Certainty.CONFIRMED),
    "P": (FactStatus.UNKNOWN, Certainty.UNCONFIRMED),
    "S": (FactStatus.UNKNOWN, Certainty.UNCONFIRMED),
    "U": (FactStatus.UNKNOWN, Certainty.UNCONFIRMED),
    "D": (FactStatus.UNKNOWN, Certainty.UNCONFIRMED),  # doubt raised
    "E": (WITHDRAWN, None),
}

ALLERGEN_TYPE: dict[str, str] = {  # AL1-2, IAM-2, table 0127
    "DA": "drug",
    "DRUG": "drug",
    "FA": "food",
    "FOOD": "food",
    "EA": "environment",
    "AA": "environment",
    "PA": "environment",
    "LA": "environment",
    "MA": "other",
    "MC": "other",
}

SEVERITY: dict[str, str] = {  # AL1-4, IAM-4, table 0128; U says nothing
    "SV": "severe",
    "MO": "moderate",
    "MI": "mild",
    "U": "",
}

APPOINTMENT: dict[str, Standing] = {  # SCH-25, AIS-10, table 0278
    "BOOKED": FactStatus.PLANNED,
    "PENDING": FactStatus.PLANNED,
    "WAITLIST": FactStatus.PLANNED,
    "OVERBOOK": FactStatus.PLANNED,
    "STARTED": FactStatus.IN_PROGRESS,
    "COMPLETE": FactStatus.COMPLETED,
    "CANCELLED": FactStatus.CANCELLED,
    "CANCELED": FactStatus.CANCELLED,
    "DC": FactStatus.STOPPED,
    "NOSHOW": FactStatus.NOT_DONE,
    "DELETED": WITHDRAWN,
}

APPOINTMENT_EVENT: dict[str, Standing] = {  # SIU trigger events, where no status is sent
    "S12": FactStatus.PLANNED,
    "S13": FactStatus.PLANNED,
    "S14": FactStatus.PLANNED,
    "S15": FactStatus.CANCELLED,
    "S16": FactStatus.STOPPED,
    "S17": WITHDRAWN,
    "S26": FactStatus.NOT_DONE,
}

REFERRAL: dict[str, FactStatus] = {  # RF1-1, table 0283
    "A": FactStatus.ACTIVE,  # accepted
    "P": FactStatus.PLANNED,  # pending
    "R": FactStatus.CANCELLED,  # rejected
    "E": FactStatus.STOPPED,  # expired
}

PATIENT_CLASS: dict[str, str] = {  # PV1-2, table 0004, to v3-ActCode
    "E": "EMER",
    "I": "IMP",
    "O": "AMB",
    "P": "PRENC",
    "R": "AMB",
    "B": "IMP",
}

ENCOUNTER_EVENT: dict[str, str] = {  # MSH-9.2 of ADT
    "A01": "in-progress",
    "A02": "in-progress",
    "A03": "finished",
    "A04": "in-progress",
    "A05": "planned",
    "A06": "in-progress",
    "A07": "in-progress",
    "A10": "in-progress",
    "A11": "cancelled",
    "A13": "in-progress",  # cancels a discharge
    "A14": "planned",
    "A23": "cancelled",  # deletes the visit
    "A27": "cancelled",
    "A38": "cancelled",
}

SEX: dict[str, str] = {  # PID-8, table 0001
    "F": "female",
    "M": "male",
    "O": "other",
    "A": "other",
    "N": "other",
    "U": "unknown",
}

DOCUMENT_TYPE: dict[str, tuple[str, str]] = {  # TXA-2, table 0270: title, and LOINC of the document
    "AR": ("Autopsy report", "18743-5"),
    "CD": ("Cardiodiagnostics", ""),
    "CN": ("Consultation", "11488-4"),
    "DI": ("Diagnostic imaging", "18748-4"),
    "DS": ("Discharge summary", "18842-5"),
    "ED": ("Emergency department report", "34111-5"),
    "HP": ("History and physical examination", "34117-2"),
    "OP": ("Operative report", "11504-8"),
    "PC": ("Psychiatric consultation", ""),
    "PH": ("Psychiatric history and physical examination", ""),
    # PN is a procedure note by the table and a progress note in many feeds: its title stays as sent.
    "PR": ("Progress note", "11506-3"),
    "SP": ("Surgical pathology", "11526-1"),
    "TS": ("Transfer summary", "18761-7"),
}

REPORT_PART: dict[str, str] = {  # suffix of OBX-3 (2.3 section 7.1.4): what part of a report a text is
    "ADT": "Addendum",
    "ANT": "",
    "CNP": "Consultant's comment",
    "DEV": "Device",
    "GDT": "",
    "IMP": "Impression",
    "REC": "Recommendation",
    "TCM": "Technician's comment",
}

PURPOSE_OF_EVENT: dict[str, Purpose] = {
    "A03": Purpose.DISCHARGE,
    "A16": Purpose.DISCHARGE,
}

PURPOSE_OF_TYPE: dict[str, Purpose] = {  # MSH-9.1; every other type is longitudinal
    "ADT": Purpose.HANDOFF,
    "ORU": Purpose.RESULTS,
    "OUL": Purpose.RESULTS,
    "OPU": Purpose.RESULTS,
    "ORF": Purpose.RESULTS,
    "REF": Purpose.REFERRAL,
    "RRI": Purpose.REFERRAL,
    "RPA": Purpose.REFERRAL,
    "MDM": Purpose.LONGITUDINAL,
}
