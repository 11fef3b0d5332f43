"""What an error in hand shows, before anything judges it."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.model import Failure
from llmprobe.model.explanation import ReadAs

Headers = tuple[tuple[str, str], ...]


class Observed(Struct, frozen=True):
    """
    The facts that could be read.

    `body` is what the server sent, `message` the words of a client about it, `code` an identifier
    that stood alone. `provider` is an id of the catalogue, `unsent`
    says that a client sent nothing for want of a key.
    """

    read_as: ReadAs
    status: int | None = None
    headers: Headers = ()
    body: str = ""
    message: str = ""
    code: str | None = None
    failure: Failure | None = None
    provider: str | None = None
    unsent: bool = False
