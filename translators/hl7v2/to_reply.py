"""Batches answered as batches: the acknowledgments of the messages, in their envelopes."""

from collections.abc import Sequence
from datetime import datetime

from gateway.messages import GatewayIdentity, Reply
from translators.hl7v2.head import Head
from translators.hl7v2.opening import Batch
from translators.hl7v2.outgoing import Answering, timestamp


def batch_reply(
    batch: Batch, replies: Sequence[Reply], identity: GatewayIdentity, message_id: str, now: datetime
) -> Reply:
    """FHS and FTS where FHS came, BHS and BTS where BHS came; messages without an answer are left out.

    A batch of acknowledgments, none of which is answered, is not answered either.
    """
    if not any(reply.body for reply in replies):
        return Reply(b"", positive=any(reply.positive for reply in replies), code="none")
    written: list[bytes] = []
    given = iter(replies)
    for header, size in zip(batch.headers, batch.sizes, strict=True):
        answers = [
            body
            for _ in range(size)
            for reply in (next(given),)
            for body in (reply.body, *reply.also)
            if body
        ]
        if header is None:
            written += answers
            continue
        written += [_envelope(b"BHS", header, identity, message_id, now), *answers]
        written.append(_trailer(b"BTS", header, len(answers)))
    if batch.file_header is not None:
        header = batch.file_header
        count = sum(1 for each in batch.headers if each is not None)
        written = [
            _envelope(b"FHS", header, identity, message_id, now),
            *written,
            _trailer(b"FTS", header, count),
        ]
    codes = {reply.code for reply in replies}
    return Reply(
        b"".join(written),
        positive=any(reply.positive for reply in replies),
        code=codes.pop() if len(codes) == 1 else "mixed",
    )


def _envelope(name: bytes, header: Head, identity: GatewayIdentity, message_id: str, now: datetime) -> bytes:
    """BHS or FHS in answer: sides swapped, our own id in -11, the id of what is answered in -12."""
    answering = Answering(header, identity)
    sent = header.fields
    return answering.segment(
        name,
        sent[2] or b"^~\\&",
        sent[5] or answering.text(identity.name),
        sent[6] or answering.text(identity.facility),
        sent[3],
        sent[4],
        timestamp(now).encode(),
        b"",
        b"",
        b"",
        f"{message_id}A".encode(),
        sent[11],
    )


def _trailer(name: bytes, header: Head, count: int) -> bytes:
    return name + header.separator + str(count).encode() + b"\r"
