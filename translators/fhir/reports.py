"""DiagnosticReport and Media: conclusions, attached documents, and the results that belong together."""

from gateway.clinical import ClinicalFact, FactKind, FactStatus
from gateway.errors import GatewayError
from translators.fhir.attached import read_attachment
from translators.fhir.bundle import Entry, Graph
from translators.fhir.datatypes import comments
from translators.fhir.elements import Concept, child, children, concept, concepts, string
from translators.fhir.observations import OBSERVATION_STATUS
from translators.fhir.scope import Scope
from translators.terminology.code_systems import LOINC

_MEMBERS = {"DiagnosticReport": "result", "Observation": "hasMember"}


def panels_of(graph: Graph) -> dict[str, str]:
    """The text of the panel or report that each Observation belongs to, by the Observation's origin.

    An Observation that is both in a report and in a panel belongs to the panel, which is nearer to it.
    """
    found: dict[str, str] = {}
    for holder_type in _MEMBERS:
        for entry in graph.entries:
            if entry.type == holder_type:
                _gather(entry, graph, found)
    return found


def _gather(entry: Entry, graph: Graph, found: dict[str, str]) -> None:
    try:
        members = children(entry.resource, _MEMBERS[entry.type])
        panel = concept(entry.resource, "code").text if members else ""
        for member in members:
            target = graph.resolve(member, entry)
            if target and panel:
                found[target.origin] = panel
    except GatewayError:
        return  # its own reader says what is wrong with it


def read_report(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    status = OBSERVATION_STATUS.get(sent, FactStatus.UNKNOWN)
    start, end = scope.time(entry, "effective")
    loinc = loinc_of(code)
    origin = f"{entry.origin}.conclusion"
    scope.note(
        entry, origin, string(resource, "conclusion"), status, title=code.text, section=loinc, time=start
    )
    remarks = comments(resource)
    for index, each in enumerate(concepts(resource, "conclusionCode")):
        if each.text:
            scope.add(
                ClinicalFact(
                    kind=FactKind.RESULT,
                    text=code.text or entry.type,
                    codes=code.codes,
                    value=each.text,
                    time=start,
                    end=end,
                    status=status,
                    status_sent=f"status={sent}" if sent else "",
                    details=remarks,
                    origin=f"{entry.origin}.conclusionCode[{index}]",
                )
            )
    scope.say_missing(entry, children(resource, "result"), f"results of {code.text or 'a report'}")
    scope.narrative(entry, status)
    for index, form in enumerate(children(resource, "presentedForm")):
        place = f"{entry.origin}.presentedForm[{index}]"
        read_attachment(entry, scope, form, place, title=code.text, section=loinc, status=status, time=start)
    return None


def read_media(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    kind = next((each.text for each in (concept(resource, "modality"), concept(resource, "type"))), "")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", kind)
    for index, remark in enumerate(comments(resource)):
        scope.note(entry, f"{entry.origin}.note[{index}]", remark.text, FactStatus.UNKNOWN, title=kind)
    content = child(resource, "content") or {}
    read_attachment(entry, scope, content, f"{entry.origin}.content", title=kind)
    return None


def loinc_of(code: Concept) -> str:
    return next((each.code for each in code.codes if each.system == LOINC), "")
