"""A provider on loopback that speaks the dialects and misbehaves on request. Knows nothing of the prober."""

from llmprobe.simulator.behaviours import BEHAVIOURS
from llmprobe.simulator.scenario import Scenario, always, load_scenario
from llmprobe.simulator.server import CERTIFICATES, Simulator, certificate_authority

__all__ = [
    "BEHAVIOURS",
    "CERTIFICATES",
    "Scenario",
    "Simulator",
    "always",
    "certificate_authority",
    "load_scenario",
]
