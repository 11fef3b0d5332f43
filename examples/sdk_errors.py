"""
Wait, fix or fail over: what a program does with an exception of the openai or anthropic SDK.

    pip install llmprobe-cli openai anthropic
    python sdk_errors.py openai http://127.0.0.1:8000/v1
"""

import sys

import llmprobe


def next_step(error: Exception) -> str:
    """One line: what to do about an exception that an SDK raised."""
    told = llmprobe.explain(error)
    if told.fault == "client" and not told.transient:
        return f"fix it ({told.category}): {told.hint}"
    if told.retry_after_s is not None and told.retry_after_s <= 60:
        return f"wait {told.retry_after_s:g} s ({told.category})"
    return f"fail over ({told.category}): {told.reason}"


def ask_openai(base_url: str) -> str:
    from openai import OpenAI

    client = OpenAI(base_url=base_url, api_key="sk-example-0123456789", max_retries=0, timeout=5)
    messages = [{"role": "user", "content": "ping"}]
    return str(client.chat.completions.create(model="sim-1", messages=messages).choices[0].message.content)


def ask_anthropic(base_url: str) -> str:
    from anthropic import Anthropic

    client = Anthropic(base_url=base_url, api_key="sk-ant-example-0123456789", max_retries=0, timeout=5)
    messages = [{"role": "user", "content": "ping"}]
    return str(client.messages.create(model="sim-1", max_tokens=16, messages=messages).content[0].text)


def main(sdk: str, base_url: str) -> int:
    ask = ask_anthropic if sdk == "anthropic" else ask_openai
    try:
        print(ask(base_url))
    except Exception as error:
        print(next_step(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
