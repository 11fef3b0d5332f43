"""What would be sent, without sending it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from llmprobe.foreign import clean_lines, cleaned
from llmprobe.model import ProbeKind, Target
from llmprobe.model.preview import Preview
from llmprobe.providers import dialects
from llmprobe.providers.tasks import new_ask
from llmprobe.redact import masked_headers, without_credentials
from llmprobe.transport import sent_headers


def previews(targets: Iterable[Target], samples: int = 1) -> Iterator[Preview]:
    """Every request of a run, in its order; each one once, however many samples are taken."""
    for target in targets:
        for probe in target.probes:
            yield replace(preview(target, probe), times=samples)


def preview(target: Target, probe: ProbeKind) -> Preview:
    request = dialects()[target.dialect].request(target, probe, new_ask(probe))
    generates = probe not in (ProbeKind.EDGE, ProbeKind.MODELS, ProbeKind.EMBEDDINGS)
    return Preview(
        target=target.name,
        probe=probe,
        method=request.method,
        url=without_credentials(request.url),
        headers=cleaned(masked_headers(sent_headers(request))),
        body=cleaned(request.body, clean_lines),
        max_tokens=target.wire.max_tokens if generates else None,
    )
