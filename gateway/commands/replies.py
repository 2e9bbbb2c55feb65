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
    answers: str = ""
    """MSA-2 of a single acknowledgment."""


def judge(source: Input, received: Received) -> Judged:
    if source.form is Form.HL7V2:
        if not received.body:
            return Judged(True, "not answered")
        judged = judge_er7(received.body)
        if judged.answers and control_id(source.body) not in ("", judged.answers):
            return Judged(False, f"{judged.code}, but it answers another message")
        return judged
    if source.form is Form.FHIR:
        return _judge_fhir(received)
    return _judge_soap(received)


def judge_er7(reply: bytes) -> Judged:
    """By MSA-1, and for a query by QAK-2 too; the summary is in DSP-3."""
    rows = _rows(reply)
    if not rows or rows[0][0] not in ("MSH", "BHS", "FHS"):
        return Judged(False, "no reply" if not rows else "not ER7")
    acknowledgments = [row for row in rows if row[0] == "MSA" and len(row) > 1]
    codes = [row[1] for row in acknowledgments]
    codes += [row[2] for row in rows if row[0] == "QAK" and len(row) > 2]
    lines = [_unescaped(row[3]) if len(row) > 3 else "" for row in rows if row[0] == "DSP"]
    positive = bool(codes) and all(code in _POSITIVE or code == "OK" for code in codes)
    answers = acknowledgments[0][2] if len(acknowledgments) == 1 and len(acknowledgments[0]) > 2 else ""
    return Judged(positive, " ".join(codes) or "no MSA", "\n".join(lines), answers)


def control_id(payload: bytes) -> str:
    """MSH-10; empty for a batch."""
    rows = _rows(payload)
    return rows[0][9] if rows and rows[0][0] == "MSH" and len(rows[0]) > 9 else ""


def _rows(payload: bytes) -> list[list[str]]:
    segments = [segment for segment in payload.decode("utf-8", "replace").split("\r") if segment]
    return [segment.split(segments[0][3]) for segment in segments] if segments and segments[0][3:] else []


def _unescaped(text: str) -> str:
    """For people; the escape character is nearly always the standard one."""
    for escape, plain in (("\\F\\", "|"), ("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\E\\", "\\")):
        text = text.replace(escape, plain)
    return text


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
