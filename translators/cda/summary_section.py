"""The section that holds a summary in a CDA document: narrative, and one Note Activity by a device."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from gateway.summary import REVIEW_NOTICE, Answer, Statement
from gateway.summary_text import heading, marked
from translators.cda.evidence import Source
from translators.cda.tags import SECTION, Element, v3
from translators.terminology.code_systems import BY_OID, LOINC

TITLE = "AI-generated summary, not reviewed"

_LOINC_OID = next(oid for oid, uri in BY_OID.items() if uri == LOINC)
# "Summary of episode note": 51848-0 (assessment) would give a model's words out as a clinician's.
_SECTION_CODE, _SECTION_NAME = "34133-9", "Summary of episode note"
_NOTES_SECTION = "2.16.840.1.113883.10.20.22.2.65"
_NOTE_ACTIVITY = "2.16.840.1.113883.10.20.22.4.202"
_AUTHOR_PARTICIPATION = "2.16.840.1.113883.10.20.22.4.119"
_ENTRY_REFERENCE = "2.16.840.1.113883.10.20.22.4.122"
_RELEASE = "2016-11-01"
_SOFTWARE = "EHR Summarization Gateway"

# XML 1.0, 2.2: what a document may not hold even escaped. Models and messages do send such characters.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def summary_section(
    parent: Element, answer: Answer, sources: Mapping[str, Source], identifier: str
) -> Element:
    """The section, under `parent`. `identifier` begins every ID in it and occurs nowhere else."""
    section = _element(parent, SECTION)
    _template(section, _NOTES_SECTION, _RELEASE)
    _code(section, _SECTION_CODE, _SECTION_NAME)
    _element(section, v3("title"), TITLE)
    _narrative(section, answer, sources, identifier)
    if answer.request.labels.confidentiality:
        code = answer.request.labels.confidentiality
        _element(section, v3("confidentialityCode"), code=code, codeSystem="2.16.840.1.113883.5.25")
    add_author(section, answer)
    _note_activity(_element(section, v3("entry"), typeCode="DRIV"), answer, sources, identifier)
    return section


def add_author(parent: Element, answer: Answer) -> Element:
    """The device that wrote the summary: this gateway with the model that answered."""
    summary = answer.summary
    model = f"{summary.model_served} ({summary.backend})"
    author = _element(parent, v3("author"))
    _template(author, _AUTHOR_PARTICIPATION)
    _element(author, v3("time"), value=timestamp(answer.generated_at))
    assigned = _element(author, v3("assignedAuthor"))
    _element(assigned, v3("id"), root=_device_id(summary.backend, summary.model_served))
    _element(assigned, v3("addr"), nullFlavor="NA")
    _element(assigned, v3("telecom"), nullFlavor="NA")
    authoring = _element(assigned, v3("assignedAuthoringDevice"))
    _element(authoring, v3("manufacturerModelName"), model)
    _element(authoring, v3("softwareName"), f"{_SOFTWARE}, model {model}")
    return author


@lru_cache(maxsize=64)
def _device_id(backend: str, model: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:ehr-gateway:device:{backend}:{model}"))


def timestamp(moment: datetime) -> str:
    """A TS, `20260314093015+0000`."""
    return moment.strftime("%Y%m%d%H%M%S%z")


def _narrative(section: Element, answer: Answer, sources: Mapping[str, Source], identifier: str) -> None:
    text = _element(section, v3("text"), ID=identifier)
    _element(text, v3("paragraph"), REVIEW_NOTICE, styleCode="Bold")
    if not answer.summary.statements:
        for line in answer.summary.text.splitlines():
            if line.strip() and line != REVIEW_NOTICE:
                _element(text, v3("paragraph"), line)
    current, items = None, text
    for number, statement in enumerate(answer.summary.statements, 1):
        if statement.section is not current:
            current = statement.section
            items = _element(text, v3("list"))
            _element(items, v3("caption"), heading(statement.section, answer.request.task.audience))
        item = _element(items, v3("item"), ID=f"{identifier}-{number}")
        _say(item, statement, sources)
    for notice in answer.notices:
        _element(text, v3("paragraph"), notice.text)
    _element(text, v3("paragraph"), _made_by(answer), styleCode="Italics")


_LINK, _CONTENT = v3("linkHtml"), v3("content")


def _say(item: Element, statement: Statement, sources: Mapping[str, Source]) -> None:
    """The statement, then where it comes from; a link where the document's narrative says it too."""
    _write_lines(item, marked(statement))
    before = next(item.iterchildren(reversed=True), None)
    for origin in statement.evidence:
        anchor = sources[origin].anchor if origin in sources else ""
        shown = f"[{origin}]"
        if anchor:
            link = _element(item, _LINK, shown, href=f"#{anchor}")
        else:
            link = _element(item, _CONTENT, shown, styleCode="Italics")
        if before is None:
            item.text = f"{item.text or ''} "
        else:
            before.tail = f"{before.tail or ''} "
        before = link


def _write_lines(item: Element, text: str) -> None:
    first, *others = _clean(text).split("\n")
    item.text = first
    for line in others:
        _element(item, v3("br")).tail = line


def _made_by(answer: Answer) -> str:
    summary = answer.summary
    asked = f", asked for as {summary.model_asked}" if summary.model_asked != summary.model_served else ""
    when = answer.generated_at.isoformat(timespec="seconds")
    return f"Written by {_SOFTWARE} with model {summary.model_served} ({summary.backend}){asked} on {when}."


def _note_activity(entry: Element, answer: Answer, sources: Mapping[str, Source], identifier: str) -> None:
    act = _element(entry, v3("act"), classCode="ACT", moodCode="EVN")
    _template(act, _NOTE_ACTIVITY, _RELEASE)
    code = _code(act, "34109-9", "Note")
    _code(code, _SECTION_CODE, _SECTION_NAME, tag="translation")
    _element(_element(act, v3("text")), v3("reference"), value=f"#{identifier}")
    _element(act, v3("statusCode"), code="completed")
    _element(act, v3("effectiveTime"), value=timestamp(answer.generated_at))
    add_author(act, answer)
    cited = dict.fromkeys(origin for statement in answer.summary.statements for origin in statement.evidence)
    referred = (sources[origin] for origin in cited if origin in sources)
    for source in dict.fromkeys((each.root, each.extension) for each in referred if each.root):
        _entry_reference(act, *source)


def _entry_reference(act: Element, root: str, extension: str) -> None:
    relationship = _element(act, v3("entryRelationship"), typeCode="REFR")
    reference = _element(relationship, v3("act"), classCode="ACT", moodCode="EVN")
    _template(reference, _ENTRY_REFERENCE)
    identifier = _element(reference, v3("id"), root=root)
    if extension:
        identifier.set("extension", extension)
    _element(reference, v3("code"), nullFlavor="NP")
    _element(reference, v3("statusCode"), code="completed")


def _template(parent: Element, root: str, extension: str = "") -> None:
    template = _element(parent, v3("templateId"), root=root)
    if extension:
        template.set("extension", extension)


def _code(parent: Element, code: str, name: str, *, tag: str = "code") -> Element:
    return _element(
        parent, v3(tag), code=code, codeSystem=_LOINC_OID, codeSystemName="LOINC", displayName=name
    )


def _element(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Escaping is lxml's; only what XML cannot hold at all is taken out."""
    for key, value in attributes.items():
        if not value.isprintable():
            attributes[key] = _clean(value)
    element = etree.SubElement(parent, name, attributes)
    if text:
        element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return text if text.isprintable() else _NOT_XML.sub("", text)  # printable is less than XML allows
