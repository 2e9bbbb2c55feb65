"""The WSDL and XSD of each service, with the addresses at which this gateway is really reached."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources

from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from gateway.versions import OperationVersions, life_told
from translators.soap.services import IIS, NOTEREADER, SUMMARIZE, Service

_DOCUMENTATION = "{http://schemas.xmlsoap.org/wsdl/}documentation"
_XS_IMPORT = "{http://www.w3.org/2001/XMLSchema}import"
_ADDRESSES = (
    "{http://schemas.xmlsoap.org/wsdl/soap/}address",
    "{http://schemas.xmlsoap.org/wsdl/soap12/}address",
)

_FILES: dict[str, tuple[str, str]] = {
    SUMMARIZE.base: ("summarize.wsdl", "summarize.xsd"),
    IIS.base: ("iis.wsdl", "iis.xsd"),
    NOTEREADER.base: ("notereader.wsdl", "notereader.xsd"),
}


def versions_told(operation: OperationVersions, moment: datetime) -> str:
    """Those of `$summarize` that live, the default first, with what is to be known of their lives."""
    day = operation.day_of(moment)
    living = operation.living(day)
    lives = [life_told(each, day) for each in living]
    names = ", ".join(each.version + (" (default)" * (each.version == operation.default)) for each in living)
    return " ".join([f"Versions of the operation: {names}.", *(life for life in lives if life)])


def describe(
    service: Service, query: Sequence[tuple[str, str]], public_url: str, versions: str = ""
) -> bytes:
    """The file that `?wsdl` or `?xsd=name` asks for. Raises `GatewayError`.

    `public_url` comes from configuration, never from a Host header: a proxy's name for us, or a forged
    one, would send clients elsewhere. `versions`: what is to be told of those of `$summarize`.
    """
    wsdl, xsd = _FILES[service.base]
    for key, name in query:
        if key.lower() == "wsdl":
            location = public_url.rstrip("/") + service.base
            return _wsdl(wsdl, location, versions if service is SUMMARIZE else "")
        if key.lower() == "xsd" and name == xsd:
            return _packaged(xsd)
    raise GatewayError(
        ErrorKind.NOT_FOUND,
        public="Messages are sent here by POST; ?wsdl gives the description of the service",
    )


@lru_cache(maxsize=16)
def _wsdl(name: str, location: str, versions: str) -> bytes:
    """Both imports and addresses are absolute: clients differ in how they resolve relative ones."""
    root = etree.fromstring(_packaged(name), etree.XMLParser(resolve_entities=False, no_network=True))
    for address in root.iter(*_ADDRESSES):
        address.set("location", location)
    for schema in root.iter(_XS_IMPORT):
        schema.set("schemaLocation", f"{location}?xsd={schema.get('schemaLocation')}")
    documentation = root.find(_DOCUMENTATION)
    if versions and documentation is not None:
        documentation.text = f"{documentation.text} {versions}"
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


@cache
def _packaged(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()
