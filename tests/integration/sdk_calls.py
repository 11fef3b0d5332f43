"""One call of an official SDK, run in the environment that has it: `sdk_calls.py SDK PROBE URL PROMPT`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

KEY = "sk-0123456789abcdef"
SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
TOOL = ("report_word", "Report a word")


def openai_chat(url: str, probe: str, prompt: str) -> str:
    from openai import OpenAI

    client = OpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0)
    more: dict[str, Any] = {"model": "sim-1", "max_completion_tokens": 16}
    messages = [{"role": "user", "content": prompt}]
    if probe == "embeddings":
        return str(len(client.embeddings.create(model="sim-1", input=prompt).data[0].embedding))
    if probe == "stream":
        chunks = client.chat.completions.create(
            messages=messages, stream=True, stream_options={"include_usage": True}, **more
        )
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    if probe == "json":
        schema = {"name": "probe", "strict": True, "schema": SCHEMA}
        more["response_format"] = {"type": "json_schema", "json_schema": schema}
    if probe == "tools":
        function = {"name": TOOL[0], "description": TOOL[1], "parameters": SCHEMA}
        more |= {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}
    message = client.chat.completions.create(messages=messages, **more).choices[0].message
    return message.tool_calls[0].function.name if message.tool_calls else message.content or ""


def openai_responses(url: str, probe: str, prompt: str) -> str:
    from openai import OpenAI

    client = OpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0)
    more: dict[str, Any] = {"model": "sim-1", "max_output_tokens": 16, "store": False}
    if probe == "stream":
        events = client.responses.create(input=prompt, stream=True, **more)
        return "".join(e.delta for e in events if e.type == "response.output_text.delta")
    if probe == "json":
        more["text"] = {"format": {"type": "json_schema", "name": "probe", "strict": True, "schema": SCHEMA}}
    if probe == "tools":
        tool = {"type": "function", "name": TOOL[0], "strict": True, "parameters": SCHEMA}
        more |= {"tools": [tool], "tool_choice": "required"}
    response = client.responses.create(input=prompt, **more)
    calls = (i.name for i in response.output if i.type == "function_call")
    return str(next(calls, response.output_text))


def anthropic_messages(url: str, probe: str, prompt: str) -> str:
    from anthropic import Anthropic

    client = Anthropic(base_url=url, api_key=KEY, max_retries=0)
    more: dict[str, Any] = {
        "model": "sim-1",
        "max_tokens": 16,
        "messages": [{"role": "user", "content": prompt}],
    }
    if probe == "stream":
        events = client.messages.create(stream=True, **more)
        deltas = (e.delta for e in events if e.type == "content_block_delta")
        return "".join(d.text for d in deltas if d.type == "text_delta")
    if probe == "json":
        more["output_config"] = {"format": {"type": "json_schema", "schema": SCHEMA}}
    if probe == "tools":
        tool = {"name": TOOL[0], "description": TOOL[1], "input_schema": SCHEMA}
        more |= {"tools": [tool], "tool_choice": {"type": "any"}}
    blocks = client.messages.create(**more).content
    return "".join(getattr(b, "text", None) or getattr(b, "name", None) or "" for b in blocks)


def gemini(url: str, probe: str, prompt: str) -> str:
    from google import genai
    from google.genai import types

    client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url))
    config: dict[str, Any] = {"max_output_tokens": 16}
    word = {"type": "OBJECT", "properties": {"word": {"type": "STRING"}}, "required": ["word"]}
    if probe == "embeddings":
        found = client.models.embed_content(model="sim-1", contents=prompt).embeddings
        return str(len(found[0].values))
    if probe == "stream":
        pieces = client.models.generate_content_stream(model="sim-1", contents=prompt, config=config)
        return "".join(_gemini_text(piece) for piece in pieces)
    if probe == "json":
        config |= {"response_mime_type": "application/json", "response_schema": word}
    if probe == "tools":
        config |= {
            "tools": [{"function_declarations": [{"name": TOOL[0], "parameters": word}]}],
            "tool_config": {"function_calling_config": {"mode": "ANY"}},
            "automatic_function_calling": {"disable": True},
        }
    answer = client.models.generate_content(model="sim-1", contents=prompt, config=config)
    return answer.function_calls[0].name if answer.function_calls else _gemini_text(answer)


def _gemini_text(answer: Any) -> str:
    parts = answer.candidates[0].content.parts or [] if answer.candidates else []
    return "".join(p.text or "" for p in parts if not p.thought)


def cohere_v2(url: str, probe: str, prompt: str) -> str:
    import cohere

    client = cohere.ClientV2(api_key=KEY, base_url=url)
    messages = [{"role": "user", "content": prompt}]
    more: dict[str, Any] = {"model": "sim-1", "max_tokens": 16}
    if probe == "stream":
        events = client.chat_stream(messages=messages, **more)
        return "".join(e.delta.message.content.text or "" for e in events if e.type == "content-delta")
    if probe == "json":
        more["response_format"] = {"type": "json_object", "json_schema": SCHEMA}
    if probe == "tools":
        function = {"name": TOOL[0], "description": TOOL[1], "parameters": SCHEMA}
        more |= {"tools": [{"type": "function", "function": function}], "tool_choice": "REQUIRED"}
    message = client.chat(messages=messages, **more).message
    if message.tool_calls:
        return str(message.tool_calls[0].function.name)
    return "".join(part.text for part in message.content or [] if part.type == "text")


def mistral(url: str, probe: str, prompt: str) -> str:
    from mistralai.client import Mistral

    client = Mistral(api_key=KEY, server_url=url)
    more: dict[str, Any] = {
        "model": "sim-1",
        "max_tokens": 16,
        "messages": [{"role": "user", "content": prompt}],
    }
    if probe == "stream":
        events = client.chat.stream(**more)
        return "".join(e.data.choices[0].delta.content or "" for e in events if e.data.choices)
    message = client.chat.complete(**more).choices[0].message
    return message.content or ""


SDKS: dict[str, Callable[[str, str, str], str]] = {
    "openai-chat": openai_chat,
    "openai-responses": openai_responses,
    "anthropic-messages": anthropic_messages,
    "gemini": gemini,
    "cohere-v2": cohere_v2,
    "mistral": mistral,
}


def call(sdk: str, probe: str, url: str, prompt: str) -> dict[str, Any]:
    """What the SDK made of it: `text`, or the name of the exception's class and its HTTP status."""
    try:
        return {"text": SDKS[sdk](url, probe, prompt)}
    except Exception as exc:
        status = getattr(exc, "status_code", None) or getattr(exc, "code", None)
        return {"error": type(exc).__name__, "status": status if isinstance(status, int) else None}


def main(lines: Iterable[str]) -> None:
    """One call for each line `SDK PROBE URL`: SDKs take seconds to import, so a process serves many."""
    for line in lines:
        sdk, probe, url = line.split()
        print(json.dumps(call(sdk, probe, url, "Reply with this word only: bakulo")), flush=True)


if __name__ == "__main__":
    main(sys.stdin)
