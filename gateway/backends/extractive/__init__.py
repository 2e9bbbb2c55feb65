"""The built-in summarizer: every statement copied or composed from the request, with its evidence.

Start reading at `summarizing`; docs/extractive.md tells the method.
"""

from gateway.backends.extractive.backend import ExtractiveBackend
from gateway.backends.extractive.summarizing import summarize

__all__ = ["ExtractiveBackend", "summarize"]
