"""The operator's partners and token issuers as what callers are known by."""

from collections.abc import Callable
from ipaddress import ip_network

from gateway.identity.fetching import HttpFetch
from gateway.identity.identification import Identification
from gateway.identity.introspection import Introspection
from gateway.identity.issued_keys import IssuedKeys
from gateway.identity.issuer_keys import KeysAtUrl, KeysInFile
from gateway.identity.partners import Partner, PartnerTable, ReturnRoute
from gateway.identity.token_checks import KeyedIssuer, TokenChecks
from gateway.identity.tokens import Issuer
from gateway.identity.username_tokens import UsernameSecret
from gateway.messages import SmartServer
from gateway.settings.consents import consent_source
from gateway.settings.identity import IdentifySettings, TokenIssuerSettings
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
        consents=consent_source(partner.consent),
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
        token_issuer=given.token_issuer,
        token_client=given.token_client,
        network=ip_network(given.network) if given.network else None,
        listener=given.listener,
        expires=given.expires,
    )


def token_checks(settings: Settings, monotonic: Callable[[], float], operation_scope: str) -> TokenChecks:
    """Raises `OSError` or `ValueError` for a file that cannot be used. `operation_scope`: where an issuer
    names none."""
    keyed, introspected, close = [], [], []
    for name, given in settings.token_issuers.items():
        issuer = _issuer_of(name, given, operation_scope)
        fetch = HttpFetch(given.ca)
        close.append(fetch.close)
        if given.introspection is not None:
            asked = given.introspection
            login = (asked.client_id, asked.client_secret.get_secret_value())
            introspected.append(Introspection(issuer, asked.url, login, fetch, monotonic))
        elif given.jwks_url is not None:
            keyed.append(KeyedIssuer(issuer, KeysAtUrl(given.jwks_url, fetch, monotonic)))
        elif given.jwks_file is not None:
            keyed.append(KeyedIssuer(issuer, KeysInFile(given.jwks_file)))
    return TokenChecks(keyed, introspected, close)


def _issuer_of(name: str, given: TokenIssuerSettings, operation_scope: str) -> Issuer:
    return Issuer(
        name=name,
        url=given.issuer,
        audiences=given.audience,
        algorithms=given.algorithms,
        skew_s=given.skew_s,
        operation_scopes=given.scopes or (operation_scope,),
    )


def smart_of(settings: Settings) -> SmartServer | None:
    """The first issuer that clients can find by what we publish; None where there is none."""
    for given in settings.token_issuers.values():
        if given.token_endpoint is not None:
            return SmartServer(
                issuer=given.issuer,
                token_endpoint=given.token_endpoint,
                jwks_url=given.jwks_url or "",
                introspection_endpoint=given.introspection.url if given.introspection else "",
                algorithms=given.algorithms,
                scopes=given.scopes,
            )
    return None
