"""
What a dialect must offer.

A dialect turns a target into a request, and bytes and events into facts. It
does no input or output and passes no verdict, so it can be tested with strings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from msgspec import Struct

from llmprobe.model import ProbeKind, Request, Target
from llmprobe.providers.lists import EdgeReader, ModelsReader
from llmprobe.providers.reader import Reader


class Ask(Struct, frozen=True):
    """What a probe says to the model, and the word that only a live answer can hold."""

    prompt: str
    challenge: str


class Pasted(Struct, frozen=True):
    """What a URL says that somebody copied from a console, a portal or a document."""

    base_url: str
    model: str | None = None
    api_version: str | None = None


class Dialect(ABC):
    """
    A wire format. One instance serves all targets; it keeps no state.

    `prefix` is what a bare host gets (`/v1`); `endpoints` are the paths that
    people paste as a base URL and that are cut off again.
    """

    name: ClassVar[str]
    prefix: ClassVar[str] = "/v1"
    endpoints: ClassVar[tuple[str, ...]] = ()
    probes: ClassVar[frozenset[ProbeKind]]

    @abstractmethod
    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        """The smallest request that proves the point. Raises nothing for a probe in `probes`."""

    def reader(self, probe: ProbeKind) -> Reader:
        """A fresh reader for one answer."""
        match probe:
            case ProbeKind.EDGE:
                return EdgeReader()
            case ProbeKind.MODELS:
                return ModelsReader()
            case ProbeKind.EMBEDDINGS:
                return self.embedding_reader()
            case _:
                return self.answer_reader()

    @abstractmethod
    def answer_reader(self) -> Reader:
        """A fresh reader of what the model says, whole or as a stream."""

    def embedding_reader(self) -> Reader:
        """A fresh reader of embeddings; that of an answer where the dialect has none."""
        return self.answer_reader()

    def pasted(self, url: str) -> Pasted:
        """The base URL within a URL as people paste it, and the model or version that it names."""
        return Pasted(url)

    def headers(self, target: Target, *, with_key: bool = True) -> dict[str, str]:
        """Headers of every request: version and custom headers, and the key unless the probe is keyless."""
        headers = {"accept": "application/json", **target.wire.headers, **target.headers}
        if with_key and target.credential is not None:
            headers[target.credential.header] = target.credential.header_value()
        return headers

    def edge_request(self, target: Target, url: str) -> Request:
        """A keyless request that only proves that somebody answers for this API."""
        if target.wire.health_path:
            url = _origin(target.base_url) + target.wire.health_path
        return Request("GET", url, self.headers(target, with_key=False))


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0]}"
