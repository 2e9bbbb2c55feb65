"""Right statements made wrong, one thing at a time, always the same way for the same text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from hashlib import sha256

from gateway.clinical import ClinicalFact, ClinicalNote, Encounter
from gateway.request import SummarizationRequest

Corruption = Callable[[str, str], str | None]
"""(statement, all that its evidence says in small letters) -> the wrong statement; None: not applicable."""

_LOOK_ALIKES = """
hydralazine hydroxyzine|metoprolol metoclopramide|prednisone prednisolone|furosemide torsemide|lisinopril losartan
|metformin metronidazole|warfarin rivaroxaban|amlodipine amiodarone|atorvastatin rosuvastatin|clonidine clonazepam
|ceftriaxone cefazolin|azithromycin erythromycin|penicillin penicillamine|codeine morphine|ibuprofen ketorolac
|acetaminophen acetazolamide|ondansetron granisetron|oxycodone hydrocodone|allopurinol febuxostat|colchicine cyclosporine
|naproxen nabumetone|sertraline cetirizine|trazodone tramadol|bupropion buspirone|amoxicillin ampicillin|apixaban edoxaban
|aspirin clopidogrel|alteplase tenecteplase|ciprofloxacin levofloxacin|nitrofurantoin norfloxacin|tiotropium ipratropium
|albuterol salmeterol|ferrous folic|heparin enoxaparin|insulin glipizide|simvastatin pravastatin|omeprazole pantoprazole
|levothyroxine liothyronine|gabapentin pregabalin|citalopram escitalopram|lorazepam alprazolam|vancomycin clindamycin
|lasix luvox|zoloft zyprexa|tylenol tegretol|advil ativan|zofran zantac|norvasc navane|bactrim biaxin|clopidogrel cilostazol
|digoxin doxepin|fluticasone budesonide|montelukast zafirlukast|carvedilol captopril|hydrochlorothiazide chlorthalidone
|sulfamethoxazole sulfasalazine|trimethoprim triamterene|loratadine lorazepam|fexofenadine famotidine|methotrexate metolazone
|alendronate risedronate|tamsulosin terazosin|enoxaparin dalteparin|cefazolin cefuroxime|verapamil valsartan|torsemide bumetanide
"""
_PAIRS = dict(
    pair
    for row in _LOOK_ALIKES.replace("\n", "").split("|")
    for pair in (row.split(), row.split()[::-1])
    if row.strip()
)
_UNITS = {
    "mg": "mcg", "mcg": "mg", "g": "mg", "mmol/L": "mg/dL", "mg/dL": "mmol/L", "mL": "L", "kg": "lb", "g/dL": "g/L",
    "pg/mL": "ng/mL", "ng/mL": "pg/mL", "mEq": "mg", "mm[Hg]": "cm", "units": "mL", "mIU/L": "mIU/mL", "K/uL": "g/L",
    "micrograms": "milligrams", "grams": "kilograms", "liters": "milliliters", "lb": "kg", "mmHg": "kPa",
    "10*3/uL": "10*6/uL", "10*9/L": "10*12/L", "umol/L": "mmol/L", "µmol/L": "mmol/L", "fL": "pL", "cm": "mm",
    "kg/m2": "g/m2", "[lb_av]": "kg", "[in_us]": "cm", "U/L": "mg/L", "Cel": "[degF]", "x10*9/L": "x10*12/L",
}  # fmt: skip
_FREQUENCIES = {
    "twice daily": "four times daily", "twice a day": "three times a day", "two times a day": "once a day", "BID": "QID",
    "once daily": "three times daily", "once a day": "twice a day", "every 6 hours": "every 2 hours", "every day": "every week",
    "every six hours": "every three hours", "every 8 hours": "every 4 hours", "q6h": "q2h", "q4h": "q12h", "daily": "weekly",
    "every four hours": "every eight hours", "nightly": "every morning", "each morning": "at bedtime", "every 24 hours": "every 8 hours",
    "2 times a day": "4 times a day", "at bedtime": "three times a day", "4 times a day": "once a day", "3 times a day": "once a day",
    "every 12 hours": "every 4 hours", "every other day": "twice a day",
}  # fmt: skip
_NEGATIONS = (
    # pattern, what takes its place; the first that fits
    (r"\bis not allergic to\b", "is allergic to"),
    (r"\bis allergic to\b", "is not allergic to"),
    (r"^Allergic to\b", "Not allergic to"),
    (r"^No known drug allergies", "Drug allergies are known"),
    (r"^No allergy to\b", "Allergy to"),
    (r"^Not given: ", "Given: "),
    (r"^Not done: ", "Done: "),
    (r"^Not taking: ", "Taking: "),
    (r"^Ruled out: ", "Confirmed: "),
    (r"\bwas ruled out\b", "was confirmed"),
    (r"\bwas excluded\b", "was confirmed"),
    (r"\bwas not given\b", "was given"),
    (r"\bwas not administered\b", "was administered"),
    (r"\bwas not performed\b", "was performed"),
    (r"\bwas not required\b", "was required"),
    (r"\bwas not detected\b", "was detected"),
    (r"\bwas negative\b", "was positive"),
    (r"\bwas positive\b", "was negative"),
    (r"\bnon-reactive\b", "reactive"),
    (r"\bdenies\b", "reports"),
    (r"\bdeclined\b", "received"),
    (r"\bshowed no\b", "showed"),
    (r"^No (?!known)", "There is "),
    (r"\bhas no\b", "has"),
    (r"\bno longer takes\b", "takes"),
    (r"\bdoes not have\b", "has"),
    (r"\bhas never smoked\b", "smokes"),
    (r"\bThere (was|were) no\b", r"There \1"),
    (r"\bdoes not drink\b", "drinks"),
    (r"\bwithout\b", "with"),
    (r"\b([Hh]e|[Ss]he) takes\b", r"\1 does not take"),
    (
        r"\b([Hh]e|[Ss]he) (also )?has\b(?! (a|an|the|his|her|had|been|never|no|not|type|stage)\b)",
        r"\1 has no",
    ),
    (r"\b([Hh]e|[Ss]he) has (a|an) ", r"\1 has no "),
    (r"\b([Hh]e|[Ss]he) had a\b", r"\1 had no"),
    (r"^Takes\b", "Does not take"),
    (r"\bwas given\b", "was not given"),
    (r"\bwas stopped\b", "was continued"),
    (r"\bwas discontinued\b", "was continued"),
    (r"\bcauses\b", "does not cause"),
)
_AFFIRMED_LINE = re.compile(r"^[A-Z][a-z]+( [a-z]+)?[ :(]")
_MONTHS = "January February March April May June July August September October November December".split()
_INVENTED = (
    "chronic kidney disease", "hypothyroidism", "pneumonia", "atrial fibrillation", "lung cancer", "cirrhosis",
    "rheumatoid arthritis", "epilepsy", "deep vein thrombosis", "hepatitis C", "schizophrenia", "glaucoma",
    "pancreatitis", "psoriasis", "sepsis", "anemia", "migraine", "endometriosis", "a hip fracture", "cholecystectomy",
)  # fmt: skip


def pick(text: str, number: int) -> int:
    """The same for the same text."""
    return int.from_bytes(sha256(text.encode()).digest()[:4]) % number


def evidence_text(request: SummarizationRequest, evidence: tuple[str, ...]) -> str:
    """All that the named places say."""
    sources = [*request.facts, *request.notes, *([request.encounter] if request.encounter else [])]
    named = [each for each in sources if each.origin in evidence]
    return " ".join(piece for each in named for piece in _pieces(each)).lower()


def _pieces(source: ClinicalFact | ClinicalNote | Encounter) -> Iterator[str]:
    for each in fields(source):
        value = getattr(source, each.name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield " ".join(str(getattr(part, "text", getattr(part, "display", ""))) for part in value)


_FIGURE = re.compile(
    r"(?<![\w./:,-])\d[\d,]*(?:\.\d+)?(?![\w/:]|[.,-]\d|-\w)(?!\s*(?:results?|items?|entr|other|further|earlier|of \d))"
)


def _figures(text: str) -> list[re.Match[str]]:
    def is_of_a_date(found: re.Match[str]) -> bool:
        before = text[max(0, found.start() - 12) : found.start()].split()
        after = text[found.end() : found.end() + 12].split()
        return any(word.strip(",.(") in _MONTHS for word in (*before[-2:], *after[:1])) or bool(
            re.fullmatch(r"(19|20)\d\d", found[0])
        )

    return [found for found in _FIGURE.finditer(text) if found.start() > 0 and not is_of_a_date(found)]


def _is_new(figure: str, known: str) -> bool:
    return not re.search(
        rf"(?<![\d.]){re.escape(figure.replace(',', '').rstrip('.'))}(?:\.0*)?(?!\d|\.\d)",
        known.replace(",", ""),
    )


def _with(text: str, found: re.Match[str], new: str) -> str:
    return text[: found.start()] + new + text[found.end() :]


def digit(text: str, known: str) -> str | None:
    figures = _figures(text)
    if not figures:
        return None
    found = figures[pick(text, len(figures))]
    places = [index for index, each in enumerate(found[0]) if each.isdigit()]
    place = places[pick(text + "d", len(places))]
    for step in range(1, 9):
        new = found[0][:place] + str((int(found[0][place]) + step) % 10) + found[0][place + 1 :]
        if _is_new(new.lstrip("0") or "0", known) and not new.startswith("0"):
            return _with(text, found, new)
    return None


def decimal_shift(text: str, known: str) -> str | None:
    figures = [each for each in _figures(text) if "," not in each[0]]
    if not figures:
        return None
    found = figures[pick(text + "s", len(figures))]
    value = float(found[0])
    for factor in (10, 0.1, 100):
        new = f"{value * factor:.6f}".rstrip("0").rstrip(".")
        if value and _is_new(new, known):
            return _with(text, found, new)
    return None


def unit(text: str, known: str) -> str | None:
    for right, wrong in sorted(_UNITS.items(), key=lambda each: -len(each[0])):
        found = re.search(rf"(?<=\d)( ?){re.escape(right)}(?![\w/])", text)
        if found and wrong.lower() not in known:
            return text[: found.start()] + found[1] + wrong + text[found.end() :]
    return None


def day(text: str, known: str) -> str | None:
    for found in re.finditer(r"\b(\d{4})-(\d\d)-(\d\d)\b", text):
        year, month, of_month = map(int, found.groups())
        for new in (
            f"{year}-{month % 12 + 1:02}-{of_month:02}",
            f"{year}-{month:02}-{of_month % 28 + 1:02}",
            f"{year - 1}-{month:02}-{of_month:02}",
        )[pick(text, 3) :]:
            if new not in known:
                return _with(text, found, new)
    for month_name in _MONTHS:
        found = re.search(rf"\b{month_name} \d+|\b\d+ {month_name}", text)
        if found:
            other = _MONTHS[(_MONTHS.index(month_name) + 4) % 12]
            return text.replace(month_name, other)
    return None


def drug(text: str, known: str) -> str | None:
    for word in re.findall(r"[A-Za-z]{5,}", text):
        other = _PAIRS.get(word.lower())
        if other and other not in known:
            return text.replace(word, other.capitalize() if word[0].isupper() else other)
    return None


def negation(text: str, known: str) -> str | None:
    for pattern, instead in _NEGATIONS:
        made = re.sub(pattern, instead, text, count=1)
        if made != text:
            return made
    return None


def side(text: str, known: str) -> str | None:
    swap = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    found = re.search(r"\b(left|right)\b", text, re.IGNORECASE)
    if (
        not found
        or (found[0].lower() == "right" and "right-handed" in text)
        or swap.get(found[0], "").lower() in known
    ):
        return None
    return _with(text, found, swap[found[0]])


def frequency(text: str, known: str) -> str | None:
    for right, wrong in sorted(_FREQUENCIES.items(), key=lambda each: -len(each[0])):
        found = re.search(rf"(?<![\w-]){re.escape(right)}(?!\w)", text)
        if found:
            return _with(text, found, wrong)
    return None


def invented(text: str, known: str) -> str | None:
    problem = _INVENTED[pick(text, len(_INVENTED))]
    if any(word in known for word in problem.split() if len(word) > 3):
        return None
    return f"{text.rstrip('.')}, with {problem}."


CORRUPTIONS: dict[str, Corruption] = {
    "number: digit": digit,
    "number: decimal point": decimal_shift,
    "number: unit": unit,
    "number: date": day,
    "number: frequency": frequency,
    "drug": drug,
    "negation": negation,
    "side": side,
    "invented": invented,
}


def denied_line(text: str) -> str | None:
    """A line of the built-in summary that affirms, denied: `Asthma (active)` as `No Asthma (active)`."""
    return (
        f"No {text}"
        if _AFFIRMED_LINE.match(text)
        and not re.match(
            r"(No|Not|None|Former|Never|Resolved|Stopped|Ruled|Inactive|On hold|Provisional|Unconfirmed|Man|Woman|Planned|Suspected|Cancelled|Completed)\b",
            text,
        )
        else None
    )
