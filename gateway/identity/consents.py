"""Where the consents of a partner's patients come from, as was agreed with the partner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.clinical import Consent, Identifier


@dataclass(frozen=True, slots=True)
class ConsentSource:
    """Where a partner's consents come from. A consent that came with the message is heard when it denies,
    wherever they come from; when it permits, only where `trusts_message`."""

    trusts_message: bool = False
    on_file: Mapping[str, tuple[Consent, ...]] | None = None
    """By the patient's number."""

    def about(self, identifiers: Iterable[Identifier]) -> tuple[Consent, ...]:
        found = self.on_file or {}
        return tuple(
            consent
            for each in identifiers
            for consent in found.get(each.value, ())
            if not (consent.system and each.system) or consent.system == each.system
        )


NO_SOURCE = ConsentSource()
