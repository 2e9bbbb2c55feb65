"""What a model may see of a patient: identity out before the prompt, back into the answer."""

from gateway.deidentify.deidentify import Deidentified, deidentify

__all__ = ["Deidentified", "deidentify"]
