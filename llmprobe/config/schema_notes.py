"""
Examples and defaults of each key, for editors: what the types cannot say.

Kept apart from the types, since only `llmprobe schema config` and `init` need them.
"""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, list[Any]] = {
    "defaults": [{"timeout": "30s", "retries": 1}],
    "history": [{"record": True, "keep": "90d"}],
    "alerts": [{"confirm": 2, "remind": "1h", "webhook": {"env": "ALERT_WEBHOOK"}}],
    "targets": [{"claude": {"provider": "anthropic", "model": "claude-haiku-5-5"}}],
    "groups": [{"chat": {"members": ["claude", "gateway/*"], "need": 1}}],
    "timeout": ["30s", "1m30s"],
    "connect_timeout": ["5s"],
    "headers_timeout": ["20s"],
    "first_token_timeout": ["10s"],
    "stall_timeout": ["15s"],
    "retries": [0, 2],
    "probes": [["stream"], ["models", "stream"]],
    "thresholds": [{"ttft": "2s", "total": "10s"}, {"ttft": {"warn": "2s", "crit": "10s"}}],
    "headers": [{"x-team": "search"}],
    "proxy": ["http://proxy.example.com:3128", ""],
    "ca_bundle": ["/etc/ssl/certs/company.pem"],
    "http2": [True],
    "tls_verify": [False],
    "concurrency": [32],
    "per_host": [16],
    "per_key": [4],
    "rate": [2.0],
    "tags": [["internal", "eu"]],
    "ttft": ["2s", "p95 < 2s", "2x baseline"],
    "total": ["10s", "3x baseline"],
    "ThresholdsTable.headers": ["1s"],
    "connect": ["500ms"],
    "silence": ["5s"],
    "cert_days": [14],
    "headroom": [0.05],
    "warn": ["2s", "2x baseline"],
    "crit": ["10s"],
    "record": [True],
    "path": ["/var/lib/llmprobe/history.db"],
    "keep": ["90d"],
    "max_mb": [1024],
    "confirm": [2],
    "recover": [2],
    "remind": ["1h"],
    "exec": [["/usr/local/bin/page-me", "--urgent"]],
    "pass_env": [["PAGER_TOKEN"]],
    "webhook": [{"env": "ALERT_WEBHOOK"}],
    "webhook_format": ["alertmanager"],
    "alertmanager": [["http://alertmanager.example.com:9093"]],
    "alertmanager_token": [{"env": "ALERTMANAGER_TOKEN"}],
    "every": ["5m"],
    "apprise": [[{"env": "APPRISE_URL"}]],
    "gatus": [{"url": "https://gatus.example.com", "token": {"env": "GATUS_TOKEN"}}],
    "fail_share": ["20% of 15m, min 10"],
    "mute": [[{"start": "22:00", "end": "06:00", "days": ["sat", "sun"], "targets": ["batch"]}]],
    "start": ["2026-12-01T22:00Z", "22:00"],
    "end": ["2026-12-02T02:00Z", "06:00"],
    "MuteTable.targets": [["claude", "gateway/*", "@internal"]],
    "days": [["sat", "sun"]],
    "timezone": ["Europe/Berlin"],
    "reason": ["database upgrade"],
    "url": ["https://gatus.example.com"],
    "token": [{"env": "GATUS_TOKEN"}],
    "group": ["llm"],
    "heartbeat": [{"env": "HEARTBEAT_URL"}],
    "env": ["ANTHROPIC_API_KEY"],
    "file": ["/run/secrets/anthropic"],
    "command": [["op", "read", "op://Private/anthropic/key"]],
    "keyring": ["llmprobe/anthropic"],
    "provider": ["anthropic", "openai", "openai-compatible"],
    "dialect": ["openai-chat", "anthropic-messages"],
    "base_url": ["https://llm.example.com/v1", "http://127.0.0.1:8000"],
    "region": ["eu"],
    "path_prefix": ["", "/v1"],
    "model": ["claude-haiku-5-5"],
    "models": [["small", "large"]],
    "api_key": [{"env": "GATEWAY_KEY"}, False],
    "auth": ["Authorization: Bearer", "x-api-key:"],
    "api_version": ["2024-10-21"],
    "token_param": ["max_completion_tokens"],
    "max_tokens": [16],
    "body": [{"reasoning_effort": "low"}],
    "stream_usage": [False],
    "status_page": ["https://status.example.com"],
    "health_path": ["/health"],
    "expect": [{"contains": "ok"}, {"challenge": True}],
    "contains": ["ok"],
    "regex": ["^(yes|no)$"],
    "pointer": ["/result/0/name"],
    "equals": ["ready"],
    "schema": [{"type": "object", "required": ["answer"]}],
    "dimension": [1536],
    "challenge": [True],
    "members": [["claude", "gateway/*", "@internal"]],
    "need": [1],
}
"""Valid values of each key, by its name (and its table's, where a name has two meanings); all are tested."""

DEFAULTS: dict[str, Any] = {
    "timeout": "30s",
    "connect_timeout": "10s",
    "stall_timeout": "15s",
    "retries": 1,
    "probes": ["stream"],
    "http2": False,
    "tls_verify": True,
    "concurrency": 32,
    "per_host": 16,
    "record": False,
    "keep": "90d",
    "max_mb": 1024,
    "confirm": 1,
    "recover": 1,
    "need": 1,
    "challenge": False,
    "stream_usage": True,
}
"""What holds where a key is not given; keys without an entry have no value of their own then."""


def annotated(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with an example, and where there is one a default, at each key."""
    for name, table in schema["$defs"].items():
        for key, about in table.get("properties", {}).items():
            about["examples"] = EXAMPLES.get(f"{name}.{key}", EXAMPLES[key])
            if key in DEFAULTS:
                about["default"] = DEFAULTS[key]
    return schema
