"""The way in, and the ways out: as planned, by an interrupt, also of the imports, and by a defect."""

import atexit
import os
import sys
import threading
from typing import NoReturn

DEFECT, INTERRUPTED = 3, 130
"""Exit codes (README.md, exit codes); the others are those of `program`."""


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        from engine import collecting  # noqa: PLC0415 - most of a start is imports

        with collecting.paused():
            from engine.commands import program  # noqa: PLC0415 - the same

        return program.main()
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - whatever is left is a defect of ours
        if _is_interrupt(error):
            _tell("\ninterrupted")
            return INTERRUPTED
        sys.excepthook(type(error), error, error.__traceback__)
        _tell("this is a defect of renewctl; please report it with the lines above")
        return DEFECT


def run() -> NoReturn:
    """Run the command line as the whole of its process."""
    _leave(main())


def _leave(code: int) -> NoReturn:
    """End the process without taking apart what it has loaded, which takes up to a tenth of its time.

    What is registered for the end is done, and what was written is out. Where that fails, or other threads
    have something to do still, Python ends as it always does, and says what is wrong.
    """
    if threading.active_count() == 1:
        atexit._run_exitfuncs()  # noqa: SLF001 - it has no public name
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):  # as full, closed, or never there
            sys.exit(code)
        os._exit(code)
    sys.exit(code)


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C was pressed: in the body of a class Python makes a RuntimeError of it, before 3.12."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - there may be nothing else yet that could tell it


if __name__ == "__main__":
    run()
