"""What would be sent, without sending it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from llmprobe.engine.probing.cost import FREE, forecast_usd
from llmprobe.foreign import clean_lines, cleaned
from llmprobe.model import ProbeKind, Target
from llmprobe.model.preview import Preview
from llmprobe.providers import dialects
from llmprobe.providers.tasks import new_ask
from llmprobe.redact import masked_headers, without_credentials
from llmprobe.transport import sent_headers

_CHARACTERS_PER_TOKEN = 3
"""Fewer than in any text that we send, so that an estimate is rather too high."""


def previews(targets: Iterable[Target], samples: int = 1) -> Iterator[Preview]:
    """Every request of a run, in its order; each one once, however many samples are taken."""
    for target in targets:
        for probe in target.probes:
            yield replace(preview(target, probe), times=samples)


def preview(target: Target, probe: ProbeKind) -> Preview:
    request = dialects()[target.dialect].request(target, probe, new_ask(probe))
    output = target.wire.max_tokens if probe not in (*FREE, ProbeKind.EMBEDDINGS) else None
    sent = 0 if probe in FREE else len(json.dumps(request.body)) // _CHARACTERS_PER_TOKEN
    return Preview(
        target=target.name,
        probe=probe,
        method=request.method,
        url=without_credentials(request.url),
        headers=cleaned(masked_headers(sent_headers(request))),
        body=cleaned(request.body, clean_lines),
        max_tokens=output,
        tokens=sent + (output or 0),
        max_usd=forecast_usd(target, probe, sent, output or 0),
    )
