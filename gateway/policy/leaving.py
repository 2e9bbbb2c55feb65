"""What no rule can allow: labelled content off the premises, and receivers without an agreement. Pure."""

from gateway.policy.consent import ConsentVerdict, needs_consent
from gateway.policy.obligations import Obligations
from gateway.policy.rules import BackendFacts, Deidentify, Operation, RequestFacts, Sensitive
from gateway.policy.sensitive import Protected


def leaving(facts: RequestFacts, backend: BackendFacts, asked: Obligations) -> str:
    """Why this backend may not be given the request; empty where it may. `backend` is that of the day."""
    if backend.holds_content:
        return ""
    if facts.protected is Protected.EVERYTHING:
        return "labelled content may not leave the premises, and nothing is left without it"
    if facts.protected is Protected.PARTS and asked.sensitive is Sensitive.REFUSE:
        return "labelled content may not leave the premises"
    if not backend.baa and asked.deidentify is not Deidentify.SAFE_HARBOR:
        # 45 CFR 164.308(b), 164.502(e): what is de-identified is no protected health information.
        if backend.baa_expires is not None:
            return f"its business associate agreement ended on {backend.baa_expires}"
        return "there is no business associate agreement with it"
    return ""


def unconsented(facts: RequestFacts, required: frozenset[str]) -> str:
    """Why the patient's word keeps it back; empty where it does not, and in an emergency."""
    is_open = facts.operation is Operation.RECORD or facts.consent is ConsentVerdict.UNKNOWN
    if facts.break_glass or is_open:
        return ""
    if facts.consent is ConsentVerdict.DENY:
        return "a consent of the patient denies it"
    needed = needs_consent(required, facts.purpose_of_use, facts.substance_use)
    if needed and facts.consent is not ConsentVerdict.PERMIT:
        return "there is no consent of the patient, and policy requires one"
    return ""
