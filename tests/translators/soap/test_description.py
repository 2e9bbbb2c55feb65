import pytest
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from gateway.request import Audience, Purpose
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    ADT,
    BOTH,
    NOW,
    V12,
    a_message,
    a_translator,
    body_of,
    echo_body,
    envelope,
    exchange,
    fault_detail,
    note_body,
    submission_body,
    summarize_body,
)
from translators.soap.description import describe
from translators.soap.services import IIS, NOTEREADER, SERVICES, SUMMARIZE
from translators.soap.to_error import Retry

URL = "https://gateway.example:8443"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
SOAP_WSDL = ("{http://schemas.xmlsoap.org/wsdl/soap/}", "{http://schemas.xmlsoap.org/wsdl/soap12/}")
FILES = {SUMMARIZE: "summarize.xsd", IIS: "iis.xsd", NOTEREADER: "notereader.xsd"}


def schema(service) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(describe(service, (("xsd", FILES[service]),), URL)))


def wsdl(service) -> etree._Element:
    return etree.fromstring(describe(service, (("wsdl", ""),), URL))


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.base)
def test_addresses_and_imports_are_those_of_the_configured_url(service):
    root = wsdl(service)
    locations = [address.get("location") for prefix in SOAP_WSDL for address in root.iter(f"{prefix}address")]
    assert locations and set(locations) == {URL + service.base}
    for imported in root.iter(f"{XSD}import"):
        assert imported.get("schemaLocation") == f"{URL}{service.base}?xsd={FILES[service]}"


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.base)
def test_operations_and_actions_are_those_that_are_dispatched(service):
    root = wsdl(service)
    actions = {
        operation.getparent().get("name"): operation.get("soapAction")
        for prefix in SOAP_WSDL
        for operation in root.iter(f"{prefix}operation")
    }
    assert actions == {operation.name: operation.action for operation in service.operations}
    stated = {
        value
        for output in root.iter(f"{WSDL}output")
        for name, value in output.attrib.items()
        if name.endswith("}Action")
    }
    assert stated <= {operation.reply_action for operation in service.operations}


def test_the_native_service_has_a_port_for_each_version():
    root = wsdl(SUMMARIZE)
    assert [len(list(root.iter(f"{prefix}address"))) for prefix in SOAP_WSDL] == [1, 1]


@pytest.mark.parametrize("query", [(("WSDL", ""),), (("Wsdl", "1"),), (("x", "y"), ("wsdl", ""))])
def test_the_query_may_be_in_any_case(query):
    assert describe(IIS, query, URL) == describe(IIS, (("wsdl", ""),), URL)


@pytest.mark.parametrize(
    "query",
    [
        (),
        (("xsd", ""),),
        (("xsd", "../iis.wsdl"),),
        (("xsd", "/etc/passwd"),),
        (("xsd", "notereader.xsd"),),
        (("xsd", "translator.py"),),
        (("disco", ""),),
    ],
)
def test_nothing_but_the_named_files_is_served(query):
    with pytest.raises(GatewayError) as caught:
        describe(IIS, query, URL)
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_description_is_never_taken_from_the_host_header():
    message = a_message("iis", b"", method="GET", host="attacker.example")
    translator = a_translator()
    reply = translator.describe(
        type(message)(
            **{name: getattr(message, name) for name in message.__slots__} | {"query": (("wsdl", ""),)}
        )
    )
    assert b"attacker" not in reply.body and b"http://gateway.example:8080/soap/iis" in reply.body
    assert reply.content_type == "text/xml; charset=utf-8"


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("service", "body"),
    [
        (SUMMARIZE, summarize_body()),
        (IIS, echo_body()),
        (IIS, submission_body(ADT)),
        (NOTEREADER, note_body()),
    ],
)
def test_what_is_sent_and_answered_is_valid_by_the_schema(service, body, version):
    valid = schema(service)
    valid.assertValid(etree.fromstring(body))
    reply = exchange(a_message(service.base.removeprefix("/soap/"), envelope(version, body), version))
    valid.assertValid(body_of(reply))


@pytest.mark.parametrize("kind", ErrorKind)
@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.base)
def test_every_fault_detail_is_valid_by_the_schema(service, kind):
    message = a_message(service.base.removeprefix("/soap/"), envelope(V12, "<x/>"), V12)
    reply = a_translator().to_error(message, None, GatewayError(kind, location="/Envelope"), NOW)
    schema(service).assertValid(fault_detail(reply))


@pytest.mark.parametrize(("name", "values"), [("Purpose", Purpose), ("Audience", Audience), ("Retry", Retry)])
def test_the_choices_of_the_schema_are_those_that_are_taken(name, values):
    root = etree.fromstring(describe(SUMMARIZE, (("xsd", "summarize.xsd"),), URL))
    stated = root.find(f"{XSD}simpleType[@name='{name}']").iter(f"{XSD}enumeration")
    assert [choice.get("value") for choice in stated] == [value.value for value in values]


def test_elements_of_the_cdc_schema_are_all_here_with_the_same_children():
    theirs = etree.parse(shared_data("wsdl") / "cdc-iis/schema/cdc-iis-2011.xsd").getroot()
    ours = etree.fromstring(describe(IIS, (("xsd", "iis.xsd"),), URL))
    assert shapes(ours) == shapes(theirs)


def test_elements_of_the_notereader_schema_are_all_here_with_the_same_children():
    theirs = (
        etree.parse(shared_data("wsdl") / "epic-notereader/epic_service.wsdl")
        .getroot()
        .find(f".//{XSD}schema")
    )
    ours = etree.fromstring(describe(NOTEREADER, (("xsd", "notereader.xsd"),), URL))
    assert shapes(ours) == shapes(theirs)


def shapes(root: etree._Element) -> dict[str, list[dict[str, str]]]:
    """Of each global element its children: name, type, occurrence, nillable."""
    types = {named.get("name"): named for named in root.findall(f"{XSD}complexType")}
    found = {}
    for element in root.findall(f"{XSD}element"):
        named = element.get("type", "").rpartition(":")[2]
        shape = types[named] if named else element.find(f"{XSD}complexType")
        found[element.get("name")] = [
            {
                "name": child.get("name"),
                "type": child.get("type").rpartition(":")[2],
                "minOccurs": child.get("minOccurs", "1"),
                "maxOccurs": child.get("maxOccurs", "1"),
                "nillable": child.get("nillable", "false"),
            }
            for child in shape.iter(f"{XSD}element")
        ]
    return found
