"""Ways to know a partner that never hold: a proof that none of its listeners carries, a day that is past."""

from collections.abc import Iterator
from datetime import date

from gateway.settings.file import Path as KeyPath
from gateway.settings.identity import CERTIFICATE_KEYS, SECRET_KEYS, IdentifySettings
from gateway.settings.schema import ListenerSettings, Settings

_OVER_MLLP = {"sending_application", "sending_facility"}


def without_effect(settings: Settings, today: date) -> Iterator[tuple[KeyPath, str]]:
    for name, partner in settings.partners.items():
        usable = [each for each in settings.listeners if not each.partners or name in each.partners]
        for index, mapping in enumerate(partner.identify):
            path: KeyPath = ("partners", name, "identify", index)
            if mapping.expires is not None and mapping.expires < today:
                yield (*path, "expires"), "is past: the mapping holds no more"
            elif not any(_could_hold(mapping, listener) for listener in usable):
                yield path, "never holds: no listener that the partner may use carries all of it"


def _could_hold(mapping: IdentifySettings, listener: ListenerSettings) -> bool:
    if mapping.listener not in (None, listener.name):
        return False
    asked = mapping.model_fields_set
    has_certificates = listener.tls is not None and listener.tls.client_certificate != "none"
    is_http = listener.protocol == "http"
    return not (
        (asked & CERTIFICATE_KEYS and not has_certificates)
        or (asked & SECRET_KEYS and not is_http)
        or (asked & _OVER_MLLP and is_http)
    )
