"""How the process ends: sooner than Python would end it, and with nothing left undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import PROJECT, environment

FULL = Path("/dev/full")


def ended(body: str, **streams: object) -> subprocess.CompletedProcess[str]:
    """Run the way in with a command line that does only this, and return how it ended."""
    script = f"import atexit, sys, threading, cli\ndef main():\n    {body}\ncli.main = main\ncli.run()"
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=environment(),
        check=False,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_the_exit_code_is_that_of_the_command(code: int) -> None:
    assert ended(f"return {code}").returncode == code


def test_what_was_written_is_out() -> None:
    run = ended("print('result'); sys.stderr.write('note'); return 0")

    assert (run.stdout, run.stderr) == ("result\n", "note")


def test_what_is_registered_for_the_end_is_done_and_may_write() -> None:
    assert ended("atexit.register(print, 'last'); print('first'); return 0").stdout == "first\nlast\n"


def test_nothing_is_taken_apart() -> None:
    body = "sys.kept = type('K', (), {'__del__': lambda self: print('apart')})(); return 0"

    assert ended(body).stdout == ""


def test_other_threads_end_first() -> None:
    last = "lambda: (threading.main_thread().join(), print('from a thread'))"

    run = ended(f"threading.Thread(target={last}).start(); return 1")

    assert (run.returncode, run.stdout) == (1, "from a thread\n")


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
def test_output_that_has_no_room_is_said_to_have_none() -> None:
    with FULL.open("w") as full:
        run = ended("print('result'); return 0", stdout=full)

    assert run.returncode != 0
    assert "No space left on device" in run.stderr


def test_a_closed_stream_is_no_obstacle() -> None:
    assert ended("sys.stdout = None; return 1").returncode == 1
