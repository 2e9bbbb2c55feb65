"""The operator's partners as the values by which callers are known."""

from ipaddress import ip_network

from gateway.identity.identification import Identification
from gateway.identity.issued_keys import IssuedKeys
from gateway.identity.partners import Partner, PartnerTable, ReturnRoute
from gateway.identity.username_tokens import UsernameSecret
from gateway.settings.identity import IdentifySettings
from gateway.settings.schema import PartnerSettings, Settings


def partner_table(settings: Settings, issued: IssuedKeys | None = None) -> PartnerTable:
    return PartnerTable(
        {name: partner_of(name, partner) for name, partner in settings.partners.items()},
        {listener.name: listener.partners for listener in settings.listeners},
        issued,
    )


def partner_of(name: str, partner: PartnerSettings) -> Partner:
    return Partner(
        name=name,
        identifications=tuple(identification_of(each) for each in partner.identify),
        purpose_of_use=partner.purpose_of_use,
        summarizes=partner.hl7v2.summarize,
        transient_failure=partner.hl7v2.transient_failure,
        enhanced_acknowledgment=partner.hl7v2.acknowledgment == "enhanced",
        returns=ReturnRoute(*partner.returns.mllp, partner.returns.message) if partner.returns else None,
    )


def identification_of(given: IdentifySettings) -> Identification:
    wsse = given.wsse
    return Identification(
        sending_application=given.sending_application,
        sending_facility=given.sending_facility,
        client_certificate=given.client_certificate,
        client_certificate_pattern=given.client_certificate_pattern,
        client_certificate_san=given.client_certificate_san,
        api_key_sha256=given.api_key_sha256,
        username=given.username,
        password_sha256=given.password_sha256,
        wsse=UsernameSecret(wsse.username, wsse.password.get_secret_value()) if wsse else None,
        network=ip_network(given.network) if given.network else None,
        listener=given.listener,
        expires=given.expires,
    )
