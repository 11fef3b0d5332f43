"""
Metrics as text, series by series.

How a series is written (its name, labels and escapes) is said by the encoder of prometheus_client, which
takes 10 µs a sample to check and to escape what is the same at every scrape. So it is asked once for
each series, and remembered; a value is written in a fifth of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from llmprobe.reports.parts.families import registry

Encode = Callable[[CollectorRegistry], bytes]
_MOST = 200_000
"""Series: of more than a thousand targets; what is forgotten is asked again. Threads may share it."""
_END = "# EOF\n"


class Series:
    """
    What one format of the exposition has asked for so far.

    Args:
        encode: Of prometheus_client; its text of a family without samples is the family's head.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[tuple[object, ...], str] = {}
        self._end = _END if self._text_of([]).endswith(_END) else ""

    def text(self, found: Iterable[Family]) -> str:
        """What `encode` says of these families, to the byte."""
        if len(self._known) > _MOST:
            self._known.clear()
        parts: list[str] = []
        for family in found:
            parts.append(self._head(family))
            starts = self._starts(family)
            parts += (f"{start}{_shown(s.value)}\n" for start, s in zip(starts, family.samples, strict=True))
        return "".join(parts) + self._end

    def _head(self, family: Family) -> str:
        key = (family.name, family.type, family.documentation)
        if (head := self._known.get(key)) is None:
            head = self._known[key] = self._text_of([_alone(family)]).removesuffix(self._end)
        return head

    def _starts(self, family: Family) -> list[str]:
        """Each sample's line up to its value; those that are not known yet are asked for together."""
        keys = [(sample.name, *sample.labels.items()) for sample in family.samples]
        known = {key: self._known.get(key) for key in keys}
        fresh = [sample for key, sample in zip(keys, family.samples, strict=True) if known[key] is None]
        if fresh:
            text = self._text_of([_alone(family, *fresh)]).removesuffix(self._end)
            lines = [line for line in text.split("\n") if line and not line.startswith("#")]
            for sample, line in zip(fresh, lines, strict=True):
                key = (sample.name, *sample.labels.items())
                known[key] = self._known[key] = f"{line.rpartition(' ')[0]} "
        return [start for key in keys if (start := known[key]) is not None]

    def _text_of(self, found: list[Family]) -> str:
        return self._encode(registry(found)).decode("utf-8")


def _shown(value: float) -> str:
    shown: str = floatToGoString(value)  # type: ignore[no-untyped-call]
    return shown


def _alone(family: Family, *samples: Any) -> Family:
    copy = Family(family.name, family.documentation, family.type)
    copy.samples = list(samples)
    return copy
