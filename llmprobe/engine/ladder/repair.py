"""What to do at the rung where it broke: advice, the next command, and what a repair would change."""

from __future__ import annotations

import difflib
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from llmprobe.engine.ladder.rungs import first_hop, proxy_in_force
from llmprobe.model import Category, Fault, Phase, Result, Target
from llmprobe.model.diagnosis import RungName
from llmprobe.redact import without_credentials

Own = Callable[[str], str]
"""From words such as `wait` or `check -v` to a whole command of ours about the target."""
_RESOLVERS = (("getent", "hosts"), ("nslookup",), ("host",))
_PROXY_WANTS_A_PASSWORD = 407
_THEIRS = (Fault.PROVIDER, Fault.UNKNOWN, None)


def advice(broken: RungName, result: Result, target: Target, env: Mapping[str, str]) -> str | None:
    """What to do about this rung; the verdict's own hint where nothing is known better."""
    if broken is RungName.DNS and result.phase is Phase.RESOLVE and result.category is not Category.DNS:
        return (
            "no name server has answered in time: look at this machine's resolver (/etc/resolv.conf, VPN), "
            "or try another network"
        )
    if broken is RungName.WAY_OUT and result.category is Category.PROXY:
        proxy, source = proxy_in_force(target, env)
        if proxy is not None:
            where = f'"proxy" of target "{target.name}"' if target.proxy else source
            if result.http.status == _PROXY_WANTS_A_PASSWORD:
                return f"put user and password into the URL of {where}: it names {proxy}"
            return f"check {where}, which names {proxy}: whether it runs, and its user and password"
    if broken is RungName.TLS and target.ca_bundle and "ca_bundle" in (result.hint or ""):
        return f'ca_bundle names "{target.ca_bundle}" already: the CA that signed this chain must be in it'
    return result.hint


def next_command(
    broken: RungName | None, result: Result | None, target: Target, env: Mapping[str, str], own: Own
) -> str | None:
    """The smallest useful next step, as a command that runs as printed; None where no tool is there."""
    if broken is None or result is None:
        return own("check -v")
    match broken:
        case RungName.DNS:
            tool = next((words for words in _RESOLVERS if shutil.which(words[0])), None)
            host = urlsplit(first_hop(target, env)).hostname or ""
            return shlex.join([*tool, host]) if tool else None
        case RungName.TCP | RungName.TLS:
            return _curl(target, "-v")
        case RungName.WAY_OUT:
            return _proxy_command(target, env)
        case RungName.EDGE if result.fault not in _THEIRS:
            return _curl(target, "-i")
        case RungName.KEY if result.category is Category.MISSING_CREDENTIAL and target.missing_keys:
            name = target.missing_keys[0]
            return f"printf '{name}: '; read -r {name}; export {name}"
        case RungName.KEY if result.category in (Category.AUTH, Category.PERMISSION):
            return own("models")
        case RungName.MODEL:
            return own("models")
        case _ if result.fault in _THEIRS or result.category is Category.RATE_LIMITED:
            return own("wait")
        case _:
            return own("check -v")


def repairs(
    broken: RungName | None, result: Result | None, target: Target, env: Mapping[str, str], source: str
) -> Sequence[str]:
    """What a repair would change, a sentence each. Nothing is changed."""
    if broken is None or result is None:
        return ("nothing is broken, so nothing would be changed",)
    if result.fault in (Fault.PROVIDER, Fault.UNKNOWN):
        return ("nothing on this side would help: wait, or fail over to another target",)
    match broken:
        case RungName.KEY if target.missing_keys:
            return (f"would read the key from {' or '.join(target.missing_keys)}, which must be set",)
        case RungName.KEY if target.credential is not None:
            return (f"would replace the key in {target.credential.origin} with one that is valid",)
        case RungName.MODEL:
            return (f'would set model of "{target.name}" ({source}) to {_near(result, target)}',)
        case RungName.WAY_OUT:
            proxy, named = proxy_in_force(target, env)
            host = urlsplit(target.base_url).hostname
            if target.proxy:
                return (f'would correct or take away "proxy" of "{target.name}" ({source}): it is {proxy}',)
            return (f"would correct {named}, or add {host} to NO_PROXY",) if proxy else ()
        case RungName.TLS:
            return (f'would add the CA that signed this certificate to "ca_bundle" of "{target.name}"',)
        case RungName.EDGE if result.category is Category.WRONG_ENDPOINT:
            url = without_credentials(target.base_url)
            return (f'would correct "base_url" of "{target.name}" ({source}): it is {url}',)
        case _:
            return (f"would do by hand: {result.hint}",) if result.hint else ()


def near_models(wanted: str | None, listed: Sequence[str]) -> list[str]:
    """The names that are most like the one that is wanted."""
    return difflib.get_close_matches(wanted or "", listed, n=3, cutoff=0.5)


def _near(result: Result, target: Target) -> str:
    hint = (result.hint or "").removeprefix("did you mean ").rstrip("?")
    return hint if hint != result.hint and hint else f"one that the list has instead of {target.model}"


def _curl(target: Target, flag: str) -> str | None:
    """With the proxy and the CA bundle in force; without a key."""
    if not shutil.which("curl"):
        return None
    more = ["--cacert", target.ca_bundle] if target.ca_bundle else []
    more += ["--noproxy", "*"] if target.proxy == "" else []
    url = without_credentials(target.base_url)
    return shlex.join(["curl", flag, "--max-time", "10", *more, "-o", "/dev/null", url])


def _proxy_command(target: Target, env: Mapping[str, str]) -> str | None:
    """Whether the proxy is there at all; its password is not printed."""
    proxy, _ = proxy_in_force(target, env)
    if proxy is None or not shutil.which("curl"):
        return None
    host = urlsplit(first_hop(target, env))
    port = f":{host.port}" if host.port else ""
    return shlex.join(["curl", "-v", "--max-time", "10", "--noproxy", "*", f"http://{host.hostname}{port}"])
