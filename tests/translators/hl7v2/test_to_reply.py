from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Reply, Wish
from tests.translators.hl7v2.messages import ATTACHMENTS, IDENTITY, NOW, TRANSLATOR, opened
from translators.hl7v2.translator import Hl7v2Translator


def message(control_id: str) -> str:
    return f"MSH|^~\\&|LAB|MAIN|GW|HUB|20260314||ORU^R01|{control_id}|P|2.3|||NE|NE"


def batch(*lines: str, translator: Hl7v2Translator = TRANSLATOR, failing: str = "") -> Reply:
    """Opens a batch and answers each part; the one with control id `failing` by an error."""
    whole, of = opened(("\r".join(lines) + "\r").encode())
    replies = []
    for part in of.parts:
        one = translator.open(part)
        if one.control_id == failing:
            replies.append(translator.to_error(part, one, GatewayError(ErrorKind.UNAUTHENTICATED), NOW))
        else:
            replies.append(translator.to_receipt(part, one, NOW))
    return translator.to_batch_reply(whole, of, replies, NOW)


FHS, BHS = "FHS|^~\\&|LAB|MAIN|GW|HUB|20260314||||FILE1", "BHS|^~\\&|LAB|MAIN|GW|HUB|20260314||||B1"


def test_a_batch_is_answered_by_a_batch() -> None:
    reply = batch(BHS, message("M1"), "PID|1", message("M2"), "BTS|2")
    lines = reply.body.decode().split("\r")
    assert lines[0] == "BHS|^~\\&|GW|HUB|LAB|MAIN|20260314093000+0000||||01KM8Z5Q00ABCDEFGHA|B1"
    assert [line[:9] for line in lines[1:]] == [
        "MSH|^~\\&|",
        "MSA|AA|M1",
        "MSH|^~\\&|",
        "MSA|AA|M2",
        "BTS|2",
        "",
    ]
    assert (reply.code, reply.positive) == ("AA", True)


def test_a_file_of_batches_is_answered_by_a_file_of_batches() -> None:
    reply = batch(FHS, BHS, message("M1"), "BTS|1", BHS, message("M2"), message("M3"), "BTS|2", "FTS|2")
    names = [line[:3] for line in reply.body.decode().split("\r")]
    assert names == ["FHS", "BHS", "MSH", "MSA", "BTS", "BHS", "MSH", "MSA", "MSH", "MSA", "BTS", "FTS", ""]
    assert reply.body.endswith(b"BTS|2\rFTS|2\r")


def test_messages_without_an_envelope_are_answered_without_one() -> None:
    reply = batch(message("M1"), message("M2"))
    assert [line[:3] for line in reply.body.decode().split("\r")] == ["MSH", "MSA", "MSH", "MSA", ""]


def test_one_refused_message_costs_no_other() -> None:
    reply = batch(BHS, message("M1"), message("M2"), "BTS|2", failing="M1")
    assert b"MSA|AR|M1" in reply.body and b"MSA|AA|M2" in reply.body
    assert (reply.code, reply.positive) == ("mixed", True)


def test_messages_that_want_no_answer_are_left_out_and_not_counted() -> None:
    enhanced = Hl7v2Translator(IDENTITY, ATTACHMENTS, "enhanced")
    reply = batch(BHS, message("M1"), message("M2").replace("NE|NE", "|AL"), "BTS|2", translator=enhanced)
    assert b"M1" not in reply.body and reply.body.endswith(b"BTS|1\r")


def test_every_message_of_a_batch_has_an_acknowledgment_with_an_id_of_its_own() -> None:
    reply = batch(BHS, message("M1"), message("M2"), "BTS|2")
    ids = [line.split("|")[9] for line in reply.body.decode().split("\r") if line.startswith("MSH")]
    assert len(set(ids)) == 2


def test_a_batch_of_acknowledgments_is_not_answered() -> None:
    ack = "MSH|^~\\&|LAB|MAIN|GW|HUB|20260314||ACK|A1|P|2.3"
    whole, of = opened("\r".join([BHS, ack, "MSA|AA|1", ack, "MSA|AA|2", "BTS|2"]).encode())
    assert [TRANSLATOR.open(part).wish for part in of.parts] == [Wish.NOTHING, Wish.NOTHING]
    nothing = Reply(b"", code="none")
    assert TRANSLATOR.to_batch_reply(whole, of, [nothing, nothing], NOW).body == b""
