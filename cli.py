"""The way in, and the two ways out that nobody plans: an interrupt, also of the imports, and a defect."""

import sys

DEFECT, INTERRUPTED = 3, 130
"""Exit codes (README.md, exit codes); the others are those of `program`."""


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        from engine.commands import program  # noqa: PLC0415 - most of a start is imports

        return program.main()
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - whatever is left is a defect of ours
        if _is_interrupt(error):
            _tell("\ninterrupted")
            return INTERRUPTED
        sys.excepthook(type(error), error, error.__traceback__)
        _tell("this is a defect of renewctl; please report it with the lines above")
        return DEFECT


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C was pressed: in the body of a class Python makes a RuntimeError of it, before 3.12."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - there may be nothing else yet that could tell it


if __name__ == "__main__":
    sys.exit(main())
