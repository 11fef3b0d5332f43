"""What the command line can do, a program can do: the same `Run` comes back."""

import sys

import llmprobe


def main(base_url: str) -> int:
    """Probe one endpoint and say how it is."""
    target = llmprobe.target("openai-chat", base_url, model="sim-1", timeout_s=5)
    run = llmprobe.check_sync(target)
    for result in run.results:
        print(result.target, result.status, result.category, result.reason)
    print(run.conclusion)
    return int(run.exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
