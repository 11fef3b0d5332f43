"""Modules that are loaded when somebody uses them: they stay away, and they are whole when they come."""

from __future__ import annotations

import subprocess
import sys

from llmprobe.startup import LATE
from tests.support import Served, clean_env

PRELUDE = "import sys, threading\nbefore = set(sys.modules)\nfrom llmprobe.startup import LATE, load_late, _LateModule\nload_late()\n"


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, env=clean_env()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_check_runs_none_of_them(sim: Served) -> None:
    """Imported by our libraries, not one of them has run at the end of a probe (of a host that has a name)."""
    url = sim.url.replace("127.0.0.1", "localhost")
    code = (
        "import llmprobe.__main__ as entry\n"
        "def leave(code):\n"
        "    ran = [n for n in LATE - before if n in sys.modules and type(sys.modules[n]) is not _LateModule]\n"
        "    print(code, ran)\n"
        "entry._leave = leave\n"
        f"sys.argv = ['llmprobe', 'check', '--base-url', {url!r}, '--model', 'sim-1', '-q']\n"
        "entry.main()\n"
    )
    assert run(code) == "0 []\n"


def test_each_is_whole_when_it_is_used() -> None:
    """Every listed module that is installed has, once asked, the names that Python's own import gives it."""
    code = (
        "import importlib, importlib.util, json, subprocess\n"
        "names = [n for n in sorted(LATE) if importlib.util.find_spec(n.partition('.')[0]) is not None]\n"
        "modules = {name: importlib.import_module(name) for name in names}\n"
        "theirs = 'import importlib, json, sys; print(json.dumps([dir(importlib.import_module(n)) for n in sys.argv[1:]]))'\n"
        "done = subprocess.run([sys.executable, '-c', theirs, *names], capture_output=True, text=True)\n"
        "for name, wanted in zip(names, json.loads(done.stdout), strict=True):\n"
        "    module = modules[name]\n"
        "    assert not hasattr(module, 'no_such_name')\n"
        "    missing = set(wanted) - set(dir(module))\n"
        "    assert wanted and not missing, (name, missing)\n"
        "    assert type(module) is not _LateModule, name\n"
        "print('whole')\n"
    )
    assert run(code) == "whole\n"


def test_one_that_several_threads_ask_at_once_runs_once() -> None:
    code = (
        "import idna\n"
        "answers = []\n"
        "ask = lambda: answers.append(idna.encode('b\\u00fccher.example'))\n"
        "threads = [threading.Thread(target=ask) for _ in range(20)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(set(answers), len(answers))\n"
    )
    assert run(code) == "{b'xn--bcher-kva.example'} 20\n"


def test_a_program_that_imports_the_library_is_left_alone() -> None:
    code = "import sys, llmprobe\nllmprobe.check\nprint([f for f in sys.meta_path if 'startup' in repr(f)])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_env())
    assert done.stdout == "[]\n", done.stderr


def test_the_list_names_what_exists() -> None:
    """A name that is gone from a library is gone from the list."""
    import importlib.util

    assert [name for name in LATE if importlib.util.find_spec(name) is None] == []
