"""When content came: the stamps of a stream, and the figures that n can carry."""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct, field

from llmprobe.model import Mark
from llmprobe.quantiles import quantile

MIN_GAPS_P50 = 3
MIN_GAPS_P95 = 20
_MOST_STAMPS = 50_000
_LEAST_SILENCE_S = 0.25
_SLOWER_THAN_USUAL = 4
_MOST_SILENCES = 20


class TokenClock(Struct):
    """Instants on the exchange's clock. Pieces that share one read share its stamp and count as one read."""

    first_event: float | None = None
    first_reasoning: float | None = None
    first_text: float | None = None
    events: int = 0
    pieces: int = 0
    last_piece: int = -1
    reads: list[float] = field(default_factory=list)

    def note(self, mark: Mark, at: float, piece: int) -> bool:
        """Take one event, of that piece of what the server sent; True when it was content."""
        if self.first_event is None:
            self.first_event = at
        if mark is Mark.REASONING and self.first_reasoning is None:
            self.first_reasoning = at
        elif mark is Mark.TEXT and self.first_text is None:
            self.first_text = at
        if mark not in (Mark.TEXT, Mark.REASONING, Mark.OTHER):
            return False
        self.events += 1
        self.pieces += piece != self.last_piece
        self.last_piece = piece
        if (not self.reads or self.reads[-1] != at) and len(self.reads) < _MOST_STAMPS:
            self.reads.append(at)
        return True

    @property
    def first_content(self) -> float | None:
        """The first non-empty piece of reasoning or text."""
        return min((t for t in (self.first_reasoning, self.first_text) if t is not None), default=None)

    def gaps(self) -> list[float]:
        return [b - a for a, b in zip(self.reads, self.reads[1:], strict=False)]

    def longest_silence(self, broke_off_at: float | None) -> float | None:
        """Between pieces of content; up to the end where the stream broke off. None with fewer than two."""
        gaps = self.gaps()
        if broke_off_at is not None and self.reads:
            gaps.append(broke_off_at - self.reads[-1])
        return max(gaps, default=None)

    def silences(self, ended_at: float) -> list[tuple[float, float]]:
        """
        From and to of the gaps that are long by themselves and beside the stream's usual gap.

        What passed between the last piece of content and the end counts, too. The longest are kept, in order.
        """
        stamps = [*self.reads, ended_at] if self.reads else []
        gaps = list(pairwise(stamps))
        long = [(a, b) for a, b in gaps if b - a >= _LEAST_SILENCE_S]
        if not long:
            return []
        usual = self.percentiles()[0] or 0.0
        silent = [(a, b) for a, b in long if b - a >= _SLOWER_THAN_USUAL * usual]
        return sorted(sorted(silent, key=lambda gap: gap[0] - gap[1])[:_MOST_SILENCES])

    def percentiles(self) -> tuple[float | None, float | None]:
        """(p50, p95) of the gaps; None where there are too few."""
        gaps = self.gaps()
        p50 = quantile(gaps, 0.5) if len(gaps) >= MIN_GAPS_P50 else None
        p95 = quantile(gaps, 0.95) if len(gaps) >= MIN_GAPS_P95 else None
        return p50, p95
