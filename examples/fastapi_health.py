"""A health endpoint that tells whether the LLM APIs behind a service work, and whose fault it is if not."""

import time

from fastapi import FastAPI, Response

import llmprobe

app = FastAPI()
targets = llmprobe.targets_from()  # llmprobe.toml, or the keys in the environment
KEEP_S = 60.0
last: llmprobe.Run | None = None
last_at = 0.0


@app.get("/health/llm")
async def llm_health(response: Response) -> dict[str, object]:
    """The last run, at most a minute old: a probe costs tokens, and load balancers ask every few seconds."""
    global last, last_at
    if last is None or time.monotonic() - last_at > KEEP_S:
        last, last_at = await llmprobe.check(targets, deadline_s=10), time.monotonic()
    response.status_code = 200 if last.exit_code is llmprobe.ExitCode.OK else 503
    return last.to_dict()
