"""QuestionnaireResponse, ClinicalImpression and Specimen: answers, a judgement, what was taken."""

from collections.abc import Iterator

from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus, UnreadReason
from translators.fhir.attached import read_attachment
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import amount_of, comments, detail, measure_text, unit_of
from translators.fhir.elements import (
    child,
    children,
    choice,
    coding,
    concept,
    concepts,
    number,
    string,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.observations import specimen_text
from translators.fhir.scope import Scope

_RESPONSE = {  # questionnaire-answers-status
    "in-progress": FactStatus.IN_PROGRESS,
    "completed": FactStatus.COMPLETED,
    "amended": FactStatus.CORRECTED,
    "stopped": FactStatus.STOPPED,
}

_IMPRESSION = {"in-progress": FactStatus.IN_PROGRESS, "completed": FactStatus.COMPLETED}


def read_questionnaire_response(entry: Entry, scope: Scope) -> None:
    """One fact for each question that was answered."""
    resource = entry.resource
    sent = string(resource, "status")
    title = _title(resource)
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", title)
    status = _RESPONSE.get(sent, FactStatus.UNKNOWN)
    time = scope.date(entry, resource, "authored")
    for place, item, group in _walk(resource, entry.origin, title):
        value, unit = _answer(entry, scope, item, place, status)
        question = words(item, "text") or string(item, "linkId")
        if value and question:
            scope.add(
                ClinicalFact(
                    kind=FactKind.ASSESSMENT,
                    text=question,
                    value=value,
                    unit=unit,
                    time=time,
                    status=status,
                    status_sent=f"status={sent}" if sent else "",
                    group=group,
                    origin=place,
                )
            )
        elif value:
            scope.leave_out(place, UnreadReason.INVALID, "an answer without its question")
    return scope.narrative(entry, status)


def _title(resource: Element) -> str:
    """The questionnaire's name, where the sender gives it beside the canonical URL."""
    shown = child(resource, "_questionnaire") or {}
    texts = (
        words(each, "valueString")
        for each in children(shown, "extension")
        if string(each, "url") == "http://hl7.org/fhir/StructureDefinition/display"
    )
    return next((text for text in texts if text), "")


def _walk(holder: Element, origin: str, group: str) -> Iterator[tuple[str, Element, str]]:
    """Every item with its place and the heading it stands under."""
    for index, item in enumerate(children(holder, "item")):
        place = f"{origin}.item[{index}]"
        yield place, item, group
        answers = children(item, "answer")
        heading = group if answers else words(item, "text") or group
        yield from _walk(item, place, heading)
        for number_of, answer in enumerate(answers):
            yield from _walk(answer, f"{place}.answer[{number_of}]", group)


def _answer(entry: Entry, scope: Scope, item: Element, place: str, status: FactStatus) -> tuple[str, str]:
    """All answers of a question as one value, and the unit of a single quantity."""
    answers = children(item, "answer")
    if len(answers) == 1 and choice(answers[0], "value") == "valueQuantity":
        quantity = child(answers[0], "valueQuantity") or {}
        return amount_of(quantity), unit_of(quantity)
    texts = []
    for index, answer in enumerate(answers):
        name = choice(answer, "value")
        if name == "valueAttachment":
            attachment = child(answer, name) or {}
            read_attachment(entry, scope, attachment, f"{place}.answer[{index}]", status=status)
        else:
            texts.append(_answer_text(answer, name))
    return "; ".join(text for text in texts if text), ""


def _answer_text(answer: Element, name: str) -> str:
    if name == "valueCoding":
        return coding(answer, name).text
    if name == "valueReference":
        return words(child(answer, name) or {}, "display")
    if name in ("valueUri", "valueDate"):
        return string(answer, name)
    if name == "valueDecimal":
        return number(answer, name)
    return measure_text(answer, "value")


def read_clinical_impression(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    title = code.text or "Clinical impression"
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    status = _IMPRESSION.get(sent, FactStatus.UNKNOWN)
    time = scope.time(entry, "effective")[0] or scope.date(entry, resource, "date")
    for name in ("description", "summary"):
        scope.note(entry, f"{entry.origin}.{name}", string(resource, name), status, title=title, time=time)
    for index, remark in enumerate(comments(resource)):
        scope.note(entry, f"{entry.origin}.note[{index}]", remark.text, status, title=title, time=time)
    found = [
        (f"finding[{index}]", concept(each, "itemCodeableConcept"), words(each, "basis"), "finding")
        for index, each in enumerate(children(resource, "finding"))
    ]
    found += [
        (f"prognosisCodeableConcept[{index}]", each, "", "prognosis")
        for index, each in enumerate(concepts(resource, "prognosisCodeableConcept"))
    ]
    for name, judged, basis, category in found:
        if judged.text:
            scope.add(
                ClinicalFact(
                    kind=FactKind.ASSESSMENT,
                    text=judged.text,
                    codes=judged.codes,
                    time=time,
                    status=status,
                    status_sent=f"status={sent}" if sent else "",
                    category=category,
                    group=title,
                    details=detail(DetailName.REASON, basis),
                    origin=f"{entry.origin}.{name}",
                )
            )
    return scope.narrative(entry, status)


def read_specimen(entry: Entry, scope: Scope) -> None:
    """A specimen that no Observation sent with it refers to."""
    resource = entry.resource
    text = specimen_text(resource)
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", text)
    if not text:
        return scope.leave_out(entry.origin, UnreadReason.NO_INFORMATION, "Specimen without type")
    collection = child(resource, "collection") or {}
    return scope.add(
        ClinicalFact(
            kind=FactKind.SPECIMEN,
            text=text,
            codes=concept(resource, "type").codes,
            time=scope.date(entry, collection, "collectedDateTime"),
            status_sent=f"status={sent}" if sent else "",
            details=(*detail(DetailName.SITE, concept(collection, "bodySite").text), *comments(resource)),
            origin=entry.origin,
        )
    )
