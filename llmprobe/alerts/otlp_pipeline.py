"""
The OpenTelemetry SDK's part of an export: instruments, and one push for each run.

The SDK itself reads the standard variables: where it goes, headers, certificates, timeout, compression,
temporality, resource attributes. Importing this needs the extra `otel` (150 ms), so only an export does it.
"""

from __future__ import annotations

import logging
import math
import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, partial
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from llmprobe.alerts.genai import HISTOGRAMS, SYNTHETIC, Attributes
from llmprobe.model import Run
from llmprobe.model.metrics import Labels
from llmprobe.model.readings import RUN_METRICS, readings
from llmprobe.redact import SCRUB
from llmprobe.version import __version__


class Pipeline:
    """
    Instruments that live as long as the process: histograms add up over its runs. A gauge is what the
    last run said; what it does not mention is not exported again.
    """

    def __init__(self) -> None:
        logging.getLogger("opentelemetry").addHandler(logging.NullHandler())  # else it writes to stderr
        self._session = _Session()
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(session=self._session), math.inf)
        self._provider = MeterProvider([reader], _resource(), shutdown_on_exit=False)
        self._last: defaultdict[str, list[Any]] = defaultdict(list)
        meter = self._provider.get_meter("llmprobe", __version__)
        self._histograms = [
            meter.create_histogram(
                about.name, about.unit, about.help, explicit_bucket_boundaries_advisory=about.bounds
            )
            for about in HISTOGRAMS
        ]
        for metric in RUN_METRICS:
            read = partial(self._observed, metric.name)
            meter.create_observable_gauge(metric.otel_name, [read], str(metric.unit), metric.help)

    def export(self, run: Run) -> str | None:
        """Push one run; what went wrong, without addresses, or None. Blocks up to the SDK's timeout."""
        self._last.clear()
        for metric, labels, value in readings(run):
            self._last[metric.name].append(Observation(value, _clean(_own(labels))))
        for about, histogram in zip(HISTOGRAMS, self._histograms, strict=True):
            for result in run.results:
                for point in about.read(result):
                    histogram.record(point.value, _clean(point.attributes))
        self._session.problem = "nothing was sent"
        self._provider.force_flush()
        return self._session.problem

    def _observed(self, name: str, _: CallbackOptions) -> Iterable[Any]:
        return self._last.get(name, ())


@cache
def pipeline() -> Pipeline:
    """The process's own."""
    return Pipeline()


class _Session(requests.Session):  # type: ignore[misc]
    """
    Remembers how the last request went; None where it arrived.

    No redirect is followed: the headers are credentials, and go to the named host only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = 0
        self.problem: str | None = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            answer = super().request(*args, **kwargs)
        except requests.RequestException as exc:
            self.problem = _words(exc)
            raise
        self.problem = None if answer.ok else f"HTTP {answer.status_code}"
        return answer


def _words(error: requests.RequestException) -> str:
    """Without the error's own text, which quotes the address."""
    kinds = {
        requests.exceptions.TooManyRedirects: "it redirects, which is not followed",
        requests.exceptions.SSLError: "TLS failed",
        requests.exceptions.ProxyError: "proxy failed",
        requests.exceptions.Timeout: "timeout",
        requests.exceptions.ConnectionError: "cannot connect",
    }
    return next((words for kind, words in kinds.items() if isinstance(error, kind)), type(error).__name__)


def _resource() -> Resource:
    """Who we are, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says it."""
    own = {"service.name": "llmprobe", "service.version": __version__}
    named = {
        pair.partition("=")[0].strip() for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    }
    if os.environ.get("OTEL_SERVICE_NAME"):
        named.add("service.name")
    return Resource.create({name: value for name, value in own.items() if name not in named})


def _own(labels: Labels) -> Attributes:
    return {**{f"llmprobe.{name}": value for name, value in labels.items()}, **SYNTHETIC}


def _clean(attributes: Attributes) -> dict[str, str | int]:
    """The net on the way out."""
    return {name: SCRUB(value) if isinstance(value, str) else value for name, value in attributes.items()}
