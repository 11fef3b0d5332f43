"""The version and the project's page, alone in a file so that `--version` imports nothing else."""

__version__ = "0.1.0"
PROJECT_URL = "https://github.com/llmprobe/llmprobe"
USER_AGENT = f"llmprobe/{__version__} (+{PROJECT_URL})"
"""What every request says of its sender."""
