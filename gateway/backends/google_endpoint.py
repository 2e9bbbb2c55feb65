"""Where Vertex AI serves a publisher's model: the host follows from the location."""

from dataclasses import dataclass

MULTI_REGIONS = ("us", "eu")
GLOBAL = "global"
"""Google chooses where: no promise of residency
(docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/data-residency)."""


@dataclass(frozen=True, slots=True)
class GoogleEndpoint:
    project: str
    location: str
    base_url: str = ""
    """Of a private endpoint; empty: Google's own for the location."""
    api_version: str = "v1"

    def url(self, publisher: str, model: str, method: str) -> str:
        return (
            f"{self.base_url.rstrip('/') or self._host()}/{self.api_version}/projects/{self.project}"
            f"/locations/{self.location}/publishers/{publisher}/models/{model}:{method}"
        )

    def _host(self) -> str:
        if self.location == GLOBAL:
            return "https://aiplatform.googleapis.com"
        if self.location in MULTI_REGIONS:
            return f"https://aiplatform.{self.location}.rep.googleapis.com"
        return f"https://{self.location}-aiplatform.googleapis.com"
