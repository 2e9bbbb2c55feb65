"""Refusals for which SOAP and its header standards have fault codes of their own."""

from enum import Enum
from typing import Self

from gateway.errors import ErrorKind, GatewayError
from translators.soap.terms import ReplyTerms, SoapVersion


class FaultCode(Enum):
    """Local names of the codes in 1.1 (section 4.4.1) and 1.2 (section 5.4.6)."""

    SENDER = ("Client", "Sender")
    RECEIVER = ("Server", "Receiver")
    VERSION_MISMATCH = ("VersionMismatch", "VersionMismatch")
    MUST_UNDERSTAND = ("MustUnderstand", "MustUnderstand")
    DATA_ENCODING_UNKNOWN = ("Client", "DataEncodingUnknown")

    def in_version(self, version: SoapVersion) -> str:
        return self.value[0] if version is SoapVersion.V11 else self.value[1]


class SoapError(GatewayError):
    """An error about the envelope or a header, or any error raised once the envelope's terms were known.

    `code` is None when the table by `ErrorKind` decides. Names are `{namespace}local`.
    """

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        location: str = "",
        public: str = "",
        retry_after_s: int | None = None,
        code: FaultCode | None = None,
        subcodes: tuple[str, ...] = (),
        not_understood: tuple[str, ...] = (),
        problem_header: str = "",
        terms: ReplyTerms | None = None,
    ) -> None:
        super().__init__(kind, detail, location=location, public=public, retry_after_s=retry_after_s)
        self.code = code
        self.subcodes = subcodes
        """From the outermost to the most specific."""
        self.not_understood = not_understood
        self.problem_header = problem_header
        self.terms = terms

    @classmethod
    def on_terms(cls, terms: ReplyTerms, error: GatewayError) -> Self:
        """`error` with the terms on which it is to be answered."""
        known = error if isinstance(error, SoapError) else cls(error.kind)
        return cls(
            error.kind,
            error.detail,
            location=error.location,
            public=error.public,
            retry_after_s=error.retry_after_s,
            code=known.code,
            subcodes=known.subcodes,
            not_understood=known.not_understood,
            problem_header=known.problem_header,
            terms=terms,
        )
