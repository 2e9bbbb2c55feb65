"""What an access token may do here, by the scopes it was granted. Pure.

SMART defines no scopes for operations, so either is enough: the operation's own scope (its
OperationDefinition's URL or an alias), or data scopes that cover every kind of resource in the content.
"""

import re
from collections.abc import Iterable

from gateway.clinical import FactKind
from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.request import SummarizationRequest
from gateway.values import carrier

# v1 says read, write or *; v2 the letters of CRUDS in this order and no other. A scope that is narrowed by
# `?param=value` or bound to one patient or user is narrower than what is asked, so it does not count.
_SYSTEM_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]+)\.(read|\*|(?=.)c?ru?d?s?)")
EVERY_TYPE = "*"

TYPES: dict[FactKind, str] = {
    FactKind.CONDITION: "Condition",
    FactKind.ALLERGY: "AllergyIntolerance",
    FactKind.MEDICATION: "MedicationRequest",
    FactKind.RESULT: "Observation",
    FactKind.VITAL_SIGN: "Observation",
    FactKind.PROCEDURE: "Procedure",
    FactKind.IMMUNIZATION: "Immunization",
    FactKind.ENCOUNTER: "Encounter",
    FactKind.ORDER: "ServiceRequest",
    FactKind.APPOINTMENT: "Appointment",
    FactKind.GOAL: "Goal",
    FactKind.CARE_PLAN: "CarePlan",
    FactKind.SOCIAL_HISTORY: "Observation",
    FactKind.FAMILY_HISTORY: "FamilyMemberHistory",
    FactKind.FUNCTIONAL_STATUS: "Observation",
    FactKind.DEVICE: "Device",
    FactKind.DIRECTIVE: "Consent",
    FactKind.SPECIMEN: "Specimen",
    FactKind.ASSESSMENT: "Observation",
}
"""The resource type in which each kind of fact is at home, whichever protocol it came by. What has none
takes a scope for every type."""


@carrier
class Grant:
    """What the scopes of one token allow."""

    operation: bool
    """To summarize, whatever the content."""
    types: frozenset[str]
    """Resource types that it may read."""
    wanted: str = ""
    """The scope by which everything would be allowed: callers are told."""

    def check(self, request: SummarizationRequest | None) -> None:
        """Raises `FORBIDDEN`. None: a stored summary is asked for, whose content may be of any type."""
        if self.operation or EVERY_TYPE in self.types:
            return
        missing = ({EVERY_TYPE} if request is None else types_of(request)) - self.types
        if missing:
            detail = f"no scope for {', '.join(sorted(missing))}"
            public = "The access token's scopes do not cover this"
            raise GatewayError(
                ErrorKind.FORBIDDEN,
                detail,
                public=public,
                denial=Denial.INSUFFICIENT_SCOPE,
                scope=self.wanted,
            )


def grant_of(scopes: Iterable[str], operations: tuple[str, ...]) -> Grant:
    """`operations`: the scopes of which any one allows to summarize; the first is told to callers."""
    granted = tuple(scopes)
    found = (_SYSTEM_SCOPE.fullmatch(scope) for scope in granted)
    return Grant(
        operation=not set(operations).isdisjoint(granted),
        types=frozenset(match[1] for match in found if match),
        wanted=operations[0] if operations else "system/*.rs",
    )


def types_of(request: SummarizationRequest) -> frozenset[str]:
    types = {TYPES.get(fact.kind, EVERY_TYPE) for fact in request.facts}
    if request.notes:
        types.add("DocumentReference")
    if request.encounter is not None:
        types.add("Encounter")
    if request.patient.identifiers or request.patient.names:
        types.add("Patient")
    return frozenset(types)
