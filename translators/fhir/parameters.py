"""The inputs of `$summarize`, one table: by it they are read, and of it the published definition is made."""

from dataclasses import dataclass

from gateway.request import Audience, Purpose


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input of the operation."""

    name: str
    type: str
    most: str = "1"
    """`1` or `*`; none is required by itself."""
    documentation: str = ""

    @property
    def is_primitive(self) -> bool:
        """May be sent as a query parameter (R4, "Executing an Operation Synchronously")."""
        return self.type not in ("Resource", "Reference", "Coding")


PARAMETERS: dict[str, Parameter] = {
    each.name: each
    for each in (
        Parameter(
            "resource",
            "Resource",
            documentation="What is to be summarized: a Bundle of any type, a Composition, DocumentReference,"
            " DiagnosticReport, Binary with text, C-CDA or HL7 v2, or any single resource. The only resource"
            " among the inputs, so that it may be the body itself.",
        ),
        Parameter(
            "patient",
            "id",
            documentation="The Patient whom the content must be about. Content is never fetched by it.",
        ),
        Parameter(
            "identifier",
            "string",
            documentation="An identifier (`system|value`) that the Patient in the content must have.",
        ),
        Parameter(
            "document",
            "Reference",
            "*",
            "A document that stands in the Bundle; documents elsewhere are not fetched.",
        ),
        Parameter("start", "date", documentation="Care on or after this date; what lasts until then counts."),
        Parameter("end", "date", documentation="Care on or before this date."),
        Parameter("_since", "instant", documentation="Only resources last updated at or after this instant."),
        Parameter("_type", "code", "*", "Only resources of these types."),
        Parameter("purpose", "code", documentation=" | ".join(Purpose)),
        Parameter(
            "purposeOfUse",
            "Coding",
            "*",
            "v3-ActReason: TREAT | ETREAT | BTG | HPAYMT | HOPERAT | PATRQT | HRESCH; policy checks it.",
        ),
        Parameter("audience", "code", documentation=" | ".join(Audience)),
        Parameter("language", "code", documentation="BCP 47; else the Accept-Language header, else English."),
        Parameter(
            "maxLength", "positiveInt", documentation="Upper bound of the summary's text in characters."
        ),
        Parameter(
            "profile",
            "canonical",
            documentation="A profile wanted for the Composition. None but the plain document is offered.",
        ),
        Parameter(
            "model", "string", documentation="The model preferred. Policy decides; the reply names it."
        ),
        Parameter(
            "operationVersion",
            "string",
            documentation="The version of this operation, of those that the CapabilityStatement lists;"
            " else the caller's own or the default. One that is not served is refused.",
        ),
        Parameter(
            "evidence",
            "boolean",
            documentation="Whether the Composition's sections refer to the input's entries. Default true.",
        ),
    )
}
