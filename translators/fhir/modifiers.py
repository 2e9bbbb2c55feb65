"""What may change the meaning of everything around it: modifier extensions and implicit rules.

A receiver that does not know a modifier extension must not use the resource (FHIR R4 2.4.0.1).
"""

from gateway.errors import ErrorKind, GatewayError
from translators.fhir.elements import child, children, concept, string
from translators.fhir.json_guard import Element

EXPOSURE_RISK = "http://hl7.org/fhir/StructureDefinition/allergyintolerance-substanceExposureRisk"
"""Stands in place of AllergyIntolerance.code: a substance, and whether it is known to be a risk."""

_UNDERSTOOD = {("AllergyIntolerance", EXPOSURE_RISK)}


def check_modifiers(resource: Element) -> None:
    """Raises `GatewayError` when the resource holds, however deep, a modifier extension not known here."""
    kind = string(resource, "resourceType")
    pending: list[object] = [resource]
    while pending:
        node = pending.pop()
        if type(node) is list:
            pending += node
        elif type(node) is dict:
            if "modifierExtension" in node:
                _check(node, kind, is_root=node is resource)
            # A contained resource is checked with its own type.
            pending += [
                value for name, value in node.items() if name not in ("contained", "modifierExtension")
            ]


_TURNED_IN_OTHER_VERSIONS: dict[str, tuple[str, ...]] = {  # DSTU2 and STU3
    "CarePlan": ("prohibited",),
    "FamilyMemberHistory": ("notDone",),
    "Immunization": ("wasNotGiven", "notGiven"),
    "MedicationAdministration": ("wasNotGiven", "notGiven"),
    "MedicationDispense": ("notDoneCodeableConcept", "notDoneReference"),
    "MedicationStatement": ("wasNotTaken", "taken"),
    "Procedure": ("notPerformed", "notDone"),
    "ProcedureRequest": ("doNotPerform",),
}
_TAKEN_BACK_IN_OTHER_VERSIONS = {"AllergyIntolerance": "status", "Goal": "status"}
_OF_OTHER_VERSIONS = _TURNED_IN_OTHER_VERSIONS.keys() | _TAKEN_BACK_IN_OTHER_VERSIONS.keys()


def check_other_versions(resource: Element) -> None:
    """Raises `GatewayError` for elements of other versions of FHIR that deny or take back the resource.

    Who does not know them reads "not given" as "given": systems send what they have under R4's name.
    """
    kind = string(resource, "resourceType")
    if kind not in _OF_OTHER_VERSIONS:
        return
    holders = [resource]
    if kind == "CarePlan":
        holders += [found for each in children(resource, "activity") if (found := child(each, "detail"))]
    denied = [
        name
        for holder in holders
        for name in _TURNED_IN_OTHER_VERSIONS.get(kind, ())
        if holder.get(name) not in (None, False, "y")
    ]
    status = _TAKEN_BACK_IN_OTHER_VERSIONS.get(kind, "")
    if status and resource.get(status) in ("refuted", "entered-in-error"):
        denied.append(status)
    if denied:
        raise GatewayError(
            ErrorKind.INVALID_VALUE,
            location=denied[0],
            public=f"its {denied[0]}, which is of another version of FHIR, denies it",
        )


def _check(node: Element, kind: str, *, is_root: bool) -> None:
    for extension in children(node, "modifierExtension"):
        if not is_root or (kind, string(extension, "url")) not in _UNDERSTOOD:
            public = "it has a modifier extension that is not known here"
            raise GatewayError(ErrorKind.INVALID_VALUE, location="modifierExtension", public=public)


def exposure_risk(resource: Element) -> tuple[Element, bool] | None:
    """The holder of the substance, and whether it is denied to be a risk; None without the extension."""
    for extension in children(resource, "modifierExtension"):
        if string(extension, "url") != EXPOSURE_RISK:
            continue
        parts = {string(each, "url"): each for each in children(extension, "extension")}
        substance, risk = parts.get("substance"), parts.get("exposureRisk")
        codes = [code.code for code in concept(risk, "valueCodeableConcept").codes] if risk else []
        if substance is None or codes not in (["known-reaction-risk"], ["no-known-reaction-risk"]):
            raise GatewayError(ErrorKind.INVALID_VALUE, location="modifierExtension")
        return {"code": child(substance, "valueCodeableConcept")}, codes[0].startswith("no-")
    return None
