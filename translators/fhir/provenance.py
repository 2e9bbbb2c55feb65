"""Who made a summary, of what and under which rules: Device and Provenance of the reply.

The profiles are those of HL7 AI Transparency on FHIR, which is a ballot: its names stand here together,
to be changed together.
"""

from gateway.messages import GatewayIdentity
from gateway.summary import Answer, Summary
from translators.fhir.canonical import message_system, model_system, operation_canonical, policy_url
from translators.fhir.document_parts import FullUrls, Resource, Sources, instant
from translators.fhir.narrative import folded

AIAST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}

UNCERTREL = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "UNCERTREL",
    "display": "uncertain reliability",
}

DEIDENTIFY = {
    "system": "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
    "code": "deidentify",
    "display": "De-Identify (Anononymize) Record Lifecycle Event",  # spelled so there
}
DEID = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "DEID", "display": "deidentify"}
_METHODS = {
    "limited": "limited data set (45 CFR 164.514(e))",
    "safe_harbor": "safe harbor (45 CFR 164.514(b)(2))",
}

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_AI = "http://hl7.org/fhir/uv/aitransparency"
_AI_TYPES = f"{_AI}/CodeSystem/AIdeviceTypeCS"
_AI_KIND = f"{_AI}/StructureDefinition/aitransparency.AIKind"
_BY_RULES = ("Rule-Based-Systems", "Deterministic-AI", "Clinical-Documentation-and-Workflow")
_BY_MODEL = ("Large-Language-Models", "Non-Deterministic-AI", "Clinical-Documentation-and-Workflow")


def model_device(summary: Summary, identity: GatewayIdentity) -> Resource:
    """What wrote the summary (profile AI-Device)."""
    kinds = _BY_MODEL if summary.prompt_version else _BY_RULES
    served = folded(summary.model_served) or "unnamed"
    versions: list[Resource] = [{"value": served}]
    if summary.prompt_version:
        versions.append({"type": {"text": "prompt"}, "value": summary.prompt_version})
    notes = [f"Asked for as {summary.model_asked}, served by the backend {summary.backend}."]
    notes += [f"Region: {summary.region}."] if summary.region else []
    return {
        "resourceType": "Device",
        "meta": {"profile": [f"{_AI}/StructureDefinition/AI-Device"]},
        "extension": [
            {"url": _AI_KIND, "valueCodeableConcept": {"coding": [{"system": _AI_TYPES, "code": kind}]}}
            for kind in kinds
        ],
        "identifier": [{"system": model_system(identity), "value": f"{summary.backend}/{served}"}],
        "deviceName": [{"name": served, "type": "model-name"}],
        "type": {"coding": [{"system": _AI_TYPES, "code": "Artificial-Intelligence"}]},
        "version": versions,
        "note": [{"text": folded(text)} for text in notes],
    }


def gateway_device(identity: GatewayIdentity) -> Resource:
    return {
        "resourceType": "Device",
        "deviceName": [{"name": identity.name, "type": "user-friendly-name"}],
        "version": [{"value": identity.version}],
    }


def provenance(answer: Answer, identity: GatewayIdentity, names: FullUrls, sources: Sources) -> Resource:
    """Who made it, of what, and under which rules (profile AI-Provenance)."""
    request = answer.request
    evidence = [origin for statement in answer.summary.statements for origin in statement.evidence]
    received = {
        "identifier": {"system": message_system(identity), "value": request.id},
        "display": f"The message received ({request.message_type})",
    }
    inputs = (received, *sources.references_to(evidence))
    made: Resource = {
        "resourceType": "Provenance",
        "meta": {"profile": [f"{_AI}/StructureDefinition/AI-Provenance"]},
        "target": [names.reference("composition")],
        "occurredPeriod": {
            "start": instant(request.received_at),
            "end": instant(answer.generated_at),
        },
        "recorded": instant(answer.generated_at),
    }
    policies = [policy_url(identity, answer.policy_revision, rule) for rule in answer.rules]
    if answer.operation_version:
        policies.append(operation_canonical(identity, answer.operation_version))
    if policies:
        made["policy"] = policies
    return made | {
        "reason": [{"coding": [AIAST]}],
        "activity": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}]
        },
        "agent": [
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "author"}]},
                "role": [{"coding": [{"system": _AI_TYPES, "code": "Artificial-Intelligence"}]}],
                "who": names.reference("model"),
            },
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "assembler"}]},
                "who": names.reference("gateway"),
            },
        ],
        "entity": [
            *({"role": "source", "what": what} for what in inputs),
            *_deidentified(answer, names),
        ],
    }


def _deidentified(answer: Answer, names: FullUrls) -> list[Resource]:
    """What the model read instead of the record as it came, and who made that of it. The document itself has
    its identity again: no label or activity of the whole may say otherwise."""
    made = answer.deidentified
    if made is None:
        return []
    method = _METHODS[made.level]
    return [
        {
            "role": "derivation",
            "what": {"display": f"What the model read: the record received, without identity by {method}"},
            "agent": [
                {
                    "type": {"coding": [{"system": _PARTICIPANT, "code": "performer"}]},
                    "role": [
                        {
                            "coding": [DEIDENTIFY, DEID],
                            "text": f"{made.level}, as {', '.join(made.rules)} asks",
                        }
                    ],
                    "who": names.reference("gateway"),
                }
            ],
        }
    ]
