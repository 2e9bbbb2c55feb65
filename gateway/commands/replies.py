"""What a reply says, for `replay`: whether it is positive, its code, and the summary in it as text."""

import base64
import json
from dataclasses import dataclass

from lxml import etree

from gateway.commands.inputs import Form, Input
from gateway.commands.senders import Received
from translators.attachments import html_to_text
from translators.cda.reader import read_cda

_POSITIVE = frozenset({"AA", "CA"})
_SUMMARIZE = "{urn:ehr-gateway:summarize:1}"


@dataclass(frozen=True, slots=True)
class Judged:
    """How a message was answered."""

    positive: bool
    code: str
    summary: str = ""


def judge(source: Input, received: Received) -> Judged:
    if source.form is Form.HL7V2:
        return judge_er7(received.body)
    if source.form is Form.FHIR:
        return _judge_fhir(received)
    return _judge_soap(received)


def judge_er7(reply: bytes) -> Judged:
    """By MSA-1, and for a query by QAK-2 too; the summary is in DSP-3."""
    text = reply.decode("utf-8", "replace")
    segments = [segment for segment in text.split("\r") if segment]
    if not segments or not segments[0].startswith(("MSH", "BHS", "FHS")):
        return Judged(False, "no reply" if not segments else "not ER7")
    separator = segments[0][3]
    rows = [segment.split(separator) for segment in segments]
    codes = [row[1] for row in rows if row[0] == "MSA" and len(row) > 1]
    codes += [row[2] for row in rows if row[0] == "QAK" and len(row) > 2]
    lines = [row[3] if len(row) > 3 else "" for row in rows if row[0] == "DSP"]
    positive = bool(codes) and all(code in _POSITIVE or code == "OK" for code in codes)
    return Judged(positive, " ".join(codes) or "no MSA", "\n".join(lines))


def _judge_fhir(received: Received) -> Judged:
    code = str(received.status)
    try:
        resource = json.loads(received.body)
    except ValueError:
        return Judged(False, f"{code} not JSON")
    if resource.get("resourceType") == "OperationOutcome":
        issues = [issue.get("code", "") for issue in resource.get("issue", [])]
        return Judged(200 <= received.status < 300, f"{code} {' '.join(issues)}".strip())
    composition = resource["entry"][0]["resource"] if resource.get("resourceType") == "Bundle" else {}
    sections = [
        f"{section.get('title', '')}\n{html_to_text(section['text']['div'])}"
        for section in composition.get("section", [])
        if "text" in section
    ]
    return Judged(200 <= received.status < 300, code, "\n".join(sections))


def _judge_soap(received: Received) -> Judged:
    code = str(received.status)
    try:
        root = etree.fromstring(received.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return Judged(False, f"{code} not XML")
    body = root.find("{*}Body")
    content = body[0] if body is not None and len(body) else root
    if etree.QName(content).localname == "Fault":
        faultcode = content.findtext("faultcode") or content.findtext("{*}Code/{*}Value") or ""
        return Judged(False, f"{code} {faultcode}")
    carried = content.findtext("{*}return")
    if carried is not None:
        inner = judge_er7(carried.replace("\n", "\r").encode())
        is_echo = not carried.startswith("MSH")
        return Judged(is_echo or inner.positive, f"{code} {'echo' if is_echo else inner.code}", inner.summary)
    error = content.findtext(".//{*}Error")
    if error:
        return Judged(False, f"{code} {error}")
    return Judged(received.status == 200, code, _soap_summary(content))


def _soap_summary(content: etree._Element) -> str:
    statements = [
        f"{statement.findtext(f'{_SUMMARIZE}text')} [{' '.join(_texts(statement, 'evidence'))}]"
        for statement in content.iter(f"{_SUMMARIZE}statement")
    ]
    if statements:
        return "\n".join(statements)
    document = content.findtext(".//{*}Document")
    if document is None:
        return ""
    notes = read_cda(base64.b64decode(document), "").notes
    return "\n".join(note.text for note in notes if "AI-generated" in note.title)


def _texts(element: etree._Element, name: str) -> list[str]:
    return [found.text or "" for found in element.iter(f"{_SUMMARIZE}{name}")]
