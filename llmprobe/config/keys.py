"""The shape of a key: enough to see that it is whole and of the right provider, and never its value."""

from __future__ import annotations

from llmprobe.model import Target
from llmprobe.providers import providers

_SHORT = 16


def key_words(target: Target) -> tuple[str, bool]:
    """
    Where the key is from and what it looks like, and whether that is as it should be.

    Only a prefix that the vendor has published is named, with the key's length.
    """
    if target.missing_keys:
        return f"no key: {' or '.join(target.missing_keys)} is not set", False
    if target.credential is None:
        return "no key is sent", True
    key, origin = target.credential.secret.reveal(), target.credential.origin
    provider = providers().get(target.provider)
    prefixes = provider.key_prefix if provider else ()
    words = f"key from {origin}, {len(key)} characters"
    matched = next((prefix for prefix in prefixes if key.startswith(prefix)), None)
    owner = owner_of(key)
    if matched is None and prefixes:
        return (
            f"{words}; it does not begin with {' or '.join(prefixes)} as {target.display_provider}'s do",
            False,
        )
    if owner is not None and provider is not None and owner != provider.id and prefixes:
        return f"{words}; it looks like one of {providers()[owner].title}", False
    if len(key) < _SHORT and prefixes:
        return f"{words}; that is short: perhaps it was cut off", False
    return (f"{words}, begins with {matched} as it should" if matched else words), True


def owner_of(key: str) -> str | None:
    """The provider with the longest published prefix that fits."""
    fits = [
        (len(prefix), p.id) for p in providers().values() for prefix in p.key_prefix if key.startswith(prefix)
    ]
    return max(fits)[1] if fits else None
