"""Who the caller says it is: a WS-Security UsernameToken (text or digest), or HTTP authorization.

Signatures, encryption and SAML are not processed here: a header that holds one is not understood, and the
caller hears so when it insists. Whether a digest fits, and whether its nonce is new, is judged elsewhere.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.errors import ErrorKind
from gateway.messages import Claims, PasswordDigest
from translators.soap import names
from translators.soap.faults import FaultCode, SoapError

SECURITY = f"{{{names.WSSE}}}Security"
_USERNAME_TOKEN = f"{{{names.WSSE}}}UsernameToken"
_USERNAME = f"{{{names.WSSE}}}Username"
_PASSWORD = f"{{{names.WSSE}}}Password"
_NONCE = f"{{{names.WSSE}}}Nonce"
_TIMESTAMP = f"{{{names.WSU}}}Timestamp"
_CREATED = f"{{{names.WSU}}}Created"
_EXPIRES = f"{{{names.WSU}}}Expires"

_SKEW = timedelta(seconds=60)
_TTL = timedelta(seconds=300)
"""So long a UsernameToken may be used from its Created on: WSS4J's own time."""
_MOST_NONCE_CHARACTERS = 256


def is_understood(security: etree._Element) -> bool:
    """Whether everything in a `wsse:Security` header is of the kinds that are processed here."""
    for child in security:
        if child.tag == _TIMESTAMP:
            continue
        if child.tag != _USERNAME_TOKEN:
            return False
        for password in child.iterchildren(_PASSWORD):
            if _type_of(password) not in (names.PLAIN_TEXT, names.DIGEST):
                return False
    return True


def _type_of(password: etree._Element) -> str:
    """Some senders qualify the attribute, some leave it out: BSP R4201 wants it, WSS 1.0 does not."""
    return password.get("Type") or password.get(f"{{{names.WSSE}}}Type") or names.PLAIN_TEXT


def token_claims(blocks: Sequence[etree._Element], received_at: datetime) -> Claims | None:
    """The claims of the UsernameToken among header blocks that are understood. Raises `SoapError`."""
    headers = [block for block in blocks if block.tag == SECURITY and is_understood(block)]
    if not headers:
        return None
    if len(headers) > 1:
        raise _refusal("InvalidSecurity", "More than one Security header is meant for this receiver")
    for timestamp in headers[0].iterchildren(_TIMESTAMP):
        _check_times(timestamp, received_at)
    tokens = list(headers[0].iterchildren(_USERNAME_TOKEN))
    if not tokens:
        return None
    if len(tokens) > 1:
        raise _refusal("InvalidSecurity", "More than one UsernameToken was sent")
    return _claims_of(tokens[0], received_at)


def _claims_of(token: etree._Element, received_at: datetime) -> Claims:
    username, password = _only(token, _USERNAME).strip(), _only(token, _PASSWORD)
    nonces, created = list(token.iterchildren(_NONCE)), list(token.iterchildren(_CREATED))
    if len(nonces) > 1 or len(created) > 1:  # BSP R4225, R4223
        raise _refusal("InvalidSecurityToken", "The UsernameToken has more than one Nonce or Created")
    created_at = _time(token, _CREATED)
    if created_at is not None:
        _check_age(created_at, received_at)
    if _type_of(next(token.iterchildren(_PASSWORD))) == names.PLAIN_TEXT:
        return Claims(username=username, password=password, login="username-token")
    if not nonces or created_at is None:
        raise _refusal("InvalidSecurityToken", "A password digest needs a Nonce and a Created")
    digest = PasswordDigest(password.strip(), _nonce(nonces[0]), created[0].text or "", created_at)
    return Claims(username=username, login="username-token", digest=digest)


def _nonce(element: etree._Element) -> bytes:
    """Base64, with or without an EncodingType, perhaps in lines."""
    text = "".join((element.text or "").split())
    try:
        nonce = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refusal("InvalidSecurityToken", "The Nonce is not base64") from error
    if not nonce or len(text) > _MOST_NONCE_CHARACTERS:
        raise _refusal("InvalidSecurityToken", "The Nonce is empty or too long")
    return nonce


def _check_age(created_at: datetime, received_at: datetime) -> None:
    age_s = int((received_at - created_at).total_seconds())
    if created_at + _TTL + _SKEW < received_at:
        raise _refusal("MessageExpired", f"The UsernameToken was created {age_s} s before it came")
    if created_at - _SKEW > received_at:
        raise _refusal("InvalidSecurity", f"The UsernameToken was created {-age_s} s in the future")


def http_claims(headers: Mapping[str, str]) -> Claims:
    """The claims of `Authorization` (Bearer, or Basic of RFC 7617) or `X-API-Key`; empty without one."""
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "bearer" and credentials:
        return Claims(api_key=credentials)
    if scheme.lower() == "basic":
        try:
            user_pass = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return Claims()
        username, colon, password = user_pass.partition(":")
        return Claims(username=username, password=password, login="basic") if colon else Claims()
    return Claims(api_key=headers.get("x-api-key") or None)


def _only(token: etree._Element, tag: str) -> str:
    found = list(token.iterchildren(tag))
    name = etree.QName(tag).localname
    if not found or not found[0].text:
        raise _refusal("InvalidSecurityToken", f"The UsernameToken has no {name}")
    if len(found) > 1:  # BSP R4222, R4223
        raise _refusal("InvalidSecurityToken", f"The UsernameToken has more than one {name}")
    return found[0].text


def _check_times(timestamp: etree._Element, received_at: datetime) -> None:
    expires = _time(timestamp, _EXPIRES)
    if expires is not None and expires + _SKEW < received_at:
        late_s = int((received_at - expires).total_seconds())
        raise _refusal("MessageExpired", f"The Security Timestamp expired {late_s} s before it came")
    created = _time(timestamp, _CREATED)
    if created is not None and created - _SKEW > received_at:
        early_s = int((created - received_at).total_seconds())
        raise _refusal("InvalidSecurity", f"The Security Timestamp was created {early_s} s in the future")


def _time(timestamp: etree._Element, tag: str) -> datetime | None:
    written = (timestamp.findtext(tag) or "").strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise _refusal("InvalidSecurity", "A time of the Security header cannot be read") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refusal(code: str, public: str) -> SoapError:
    return SoapError(
        ErrorKind.UNAUTHENTICATED,
        location="/Envelope/Header/Security",
        public=public,
        code=FaultCode.SENDER,
        subcodes=(f"{{{names.WSSE}}}{code}",),
        problem_header=SECURITY,
    )
