"""Words that show what a sentence of a note is about: one pass over the sentence finds every cue."""

from typing import Any

import re2

_TABLE: tuple[tuple[str, float, str], ...] = (
    # name, weight of a sentence that has it, pattern (letter case does not matter)
    (
        "negation",
        0.5,
        (
            r"\b(no|not|non|none|nor|never|without|w/o|denie[sd]|deny|denying|denial|negative|neg"
            r"|absent|absence|neither|cannot|unable|refuse[sd]?|refusal|decline[sd]|free of"
            r"|rule[sd]? out|r/o|exclude[sd]?|unremarkable|resolved|discontinued|stopped|held|nkda"
            r"|nka)\b|n['’]t\b"
        ),
    ),
    (
        "doubt",
        0.5,
        (
            r"\b(concern(ing)? for|possibl[ey]|probabl[ey]|suspect(ed)?|suspicious for|suspicion"
            r"|questionable|rule out|r/o|differential|cannot exclude|may represent|versus|vs)\b|\?"
        ),
    ),
    (
        "diagnosis",
        1.5,
        (
            r"\b(diagnos\w+|impression|assessment|consistent with|compatible with|due to|secondary to"
            r"|likely|found to have|history of|presents? with|presented with|admitted (for|with)"
            r"|complains of|transferred)\b"
        ),
    ),
    (
        "danger",
        2.0,
        (
            r"\b(cardiac arrest|arrest|sepsis|septic|shock|intubat\w+|icu|intensive care|transfus\w+"
            r"|bleed\w*|hemorrhag\w+|haemorrhag\w+|stroke|infarct\w*|stemi|nstemi|embol\w+|overdose"
            r"|suicid\w+|homicid\w+|self[- ]harm|respiratory failure|anaphyla\w+|emergen\w+"
            r"|critical\w*|unresponsive|seizure\w*|malignan\w+|metasta\w+|carcinoma|cancer|perforat\w+"
            r"|dissection|fall|falls|fell|hypoxi\w+|hypotensi\w+|code blue|rapid response|died"
            r"|deceased|death|pregnan\w+|mrsa|neutropeni\w+|torsion|compartment syndrome)\b"
        ),
    ),
    (
        "change",
        1.0,
        (
            r"\b(worsen\w*|improv\w+|deteriorat\w+|increas\w+|decreas\w+|new|newly|resolved"
            r"|recurren\w+|progress\w*|stable|unchanged|elevated|complicat\w+|recover\w+)\b"
        ),
    ),
    (
        "treatment",
        1.0,
        (
            r"\b(start(ed)?|stop(ped)?|discontinu\w+|held|hold|increase[sd]?|switch\w*|prescri\w+"
            r"|administer\w*|treat\w*|underwent|surgery|operat\w+|anticoag\w+|antibiotic\w*|insulin"
            r"|opioid\w*|dose|dosing|taper\w*|resume[sd]?|continue[sd]?|placed|drain\w*|dialysis"
            r"|oxygen)\b|\b\d+(\.\d+)? ?(mg|mcg|units?|ml)\b"
        ),
    ),
    (
        "follow_up",
        1.5,
        (
            r"\b(follow[- ]?up|follow up|return (to|if|for)|recheck\w*|repeat|pending|await\w*"
            r"|appointment|refer\w*|schedul\w+|should|recommend\w*|advise[sd]?|instruct\w*|call (your"
            r"|the|if)|monitor\w*|outpatient|plan)\b"
        ),
    ),
    (
        "allergy",
        3.0,
        r"\b(allerg(y|ies)|allergic to|allergic reaction|nkda|nka|anaphyla\w+ (to|after|with))\b",
    ),
    (
        "code_status",
        4.0,
        (
            r"\b(code status|dnr|dni|dnar|do not (attempt )?(resuscitate|intubate)|full code"
            r"|comfort (care|measures)|hospice|polst|molst|advance directive\w*|health care proxy"
            r"|living will)\b"
        ),
    ),
    (
        "family",
        0.0,
        (
            r"\b(mother|father|brother|sister|son|daughter|wife|husband|aunt|uncle|grand(mother|father|son"
            r"|daughter|parents?)|cousin|siblings?|parents?|mom|dad|spouse|partner|donor|family)\b"
        ),
    ),
    ("measure", 0.5, r"\d"),
    ("emptiness", -3.0, r"^no\b.*\b(recorded|on file)\b|\bno (\w+ )*data\b"),
    (
        "formality",
        -4.0,
        (
            r"\b(electronically signed|signed by|dictat\w+|transcri\w+|page \d+|thank you|fax"
            r"|phone|telephone|copyright|confidential|disclaimer|reviewed by|authenticated"
            r"|please note|voice recognition|sincerely|dear|all questions|verbal consent|insurance"
            r"|(lab|laboratory|medical) director|clia)\b"
            r"|\bcc:|\bjob #"
        ),
    ),
)

WEIGHTS: tuple[float, ...] = tuple(weight for _, weight, _ in _TABLE)
_BIT: dict[str, int] = {name: 1 << index for index, (name, _, _) in enumerate(_TABLE)}
NEGATION, DOUBT, FAMILY = _BIT["negation"], _BIT["doubt"], _BIT["family"]
ALLERGY, CODE_STATUS = _BIT["allergy"], _BIT["code_status"]
FORMALITY, EMPTINESS = _BIT["formality"], _BIT["emptiness"]


def _compiled() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    patterns = re2.Set.SearchSet(options)
    for _, _, pattern in _TABLE:
        patterns.Add(pattern)
    patterns.Compile()
    return patterns


_PATTERNS: Any = _compiled()


def cues_of(text: str) -> int:
    """The cues of a sentence as bits: `cues & NEGATION`."""
    bits = 0
    for index in _PATTERNS.Match(text.encode("utf-8", "replace")) or ():
        bits |= 1 << index
    return bits


def weight_of(cues: int) -> float:
    """The sum of the weights of the cues that are there."""
    return sum(weight for index, weight in enumerate(WEIGHTS) if cues >> index & 1)
