"""The content of positive answers: the elements that the WSDLs of the three services promise."""

import base64

from lxml import etree

from gateway.messages import Reply
from gateway.summary import REVIEW_NOTICE, Answer
from translators.soap import names
from translators.soap.reply_envelope import add, element, xml_text
from translators.soap.services import OperationName


def summarize_response(answer: Answer, request_id: str) -> etree._Element:
    """`SummarizeResponse`, in the order of summarize.xsd."""
    summary, request = answer.summary, answer.request
    response = element(names.SUMMARIZE, f"{OperationName.SUMMARIZE}Response")
    if answer.operation_version:
        response.set("operationVersion", answer.operation_version)
    add(response, "requestId", request_id)
    add(response, "generatedAt", answer.generated_at.isoformat(timespec="seconds"))
    add(response, "notice", REVIEW_NOTICE)
    add(response, "text", summary.text, language=summary.language)
    for statement in summary.statements:
        stated = add(response, "statement", section=statement.section.value)
        add(stated, "text", statement.text)
        for origin in statement.evidence:
            add(stated, "evidence", origin)
        for flag in statement.flags:
            add(stated, "flag", flag)
    _add_model(response, answer)
    for unread in request.unread:
        add(response, "unread", unread.what, origin=unread.origin, reason=unread.reason.value)
    for caution in (*request.warnings, *summary.warnings):
        add(response, "warning", caution.text, code=caution.code, location=caution.location)
    for notice in answer.notices:
        add(response, "warning", notice.text, code=notice.code.value)
    if request.labels.confidentiality:
        add(response, "label", request.labels.confidentiality, kind="confidentiality")
    for code in request.labels.sensitivity:
        add(response, "label", xml_text(code), kind="sensitivity")
    return response


def notice_headers(answer: Answer) -> list[etree._Element]:
    """What policy has to say, one SOAP header block each; nobody has to understand them."""
    headers = []
    for notice in answer.notices:
        header = element(names.POLICY, "Notice")
        header.set("code", notice.code.value)
        header.text = xml_text(notice.text)
        headers.append(header)
    return headers


def connectivity_response(echo: str) -> etree._Element:
    response = element(names.IIS, f"{OperationName.CONNECTIVITY_TEST}Response")
    add(response, "return", echo)
    return response


def submission_response(er7: Reply) -> etree._Element:
    """`er7` is the HL7 v2 translator's reply; of several messages the last, the application's, is given."""
    response = element(names.IIS, f"{OperationName.SUBMIT_SINGLE_MESSAGE}Response")
    add(response, "return", (er7.also or (er7.body,))[-1].decode("utf-8", "replace"))
    return response


def process_document_response(document: bytes) -> etree._Element:
    """`document` is the CDA document with the summary in it."""
    response = element(names.NOTEREADER, f"{OperationName.PROCESS_DOCUMENT}Response")
    result = add(response, "ProcessDocumentResult")
    add(result, "Document").text = base64.b64encode(document).decode("ascii")
    return response


def process_document_failure(public: str) -> etree._Element:
    """No summary, said in the interface's own `Error` rather than as a fault: the note is not at fault."""
    response = element(names.NOTEREADER, f"{OperationName.PROCESS_DOCUMENT}Response")
    add(add(response, "ProcessDocumentResult"), "Error", public)
    return response


def _add_model(response: etree._Element, answer: Answer) -> None:
    summary = answer.summary
    model = add(
        response,
        "model",
        backend=summary.backend,
        asked=summary.model_asked,
        served=summary.model_served,
        region=summary.region,
        prompt=summary.prompt_version,
        finish=summary.finish,
    )
    if summary.usage.input_tokens or summary.usage.output_tokens:
        model.set("inputTokens", str(summary.usage.input_tokens))
        model.set("outputTokens", str(summary.usage.output_tokens))
