"""What most people would write: one httpx client and a gather. `python -m tests.bench.gather FILE-OF-URLS`."""

import asyncio
import sys
from pathlib import Path

import httpx


async def main(urls: list[str]) -> None:
    """Fetch them all at once."""
    async with httpx.AsyncClient(timeout=300) as client:
        await asyncio.gather(*(client.get(url) for url in urls))


asyncio.run(main(Path(sys.argv[1]).read_text().split()))
