from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commandline import (
    ON,
    PROJECT,
    ROOT,
    Renewctl,
    Run,
    command,
    copy_of_root,
    environment,
    expect,
    on_terminal,
    process,
    read_terminal,
)

from engine import __version__, validation
from engine.commands import console
from engine.commands.group import COMMANDS, LazyGroup

COLOR = "\x1b["
QUESTIONS = [("validate",), ("decide", "--all"), ("clients",)]
ANSWERS = [*QUESTIONS, ("contacts",), ("--help",), ("decide", "--help"), ("--version",)]
IMPORTED = [
    *("engine.commands.program", "click", "click.core", "engine.diagnostics", "engine.commands.session"),
    *("engine.commands.validate", "msgspec", "engine.configuration", "engine.validation"),
    "durable_rules_engine",
]
"""Some of what `validate` imports, from the first to the last."""

INTERRUPTER = """
import os, signal, sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
"""
"""Python imports it first of all: it presses Ctrl-C when a module of a certain name is asked for."""


class TestHelp:
    """What the command line says about itself."""

    @pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)])
    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_everything_has_help_that_fits_a_terminal(
        self, renewctl: Renewctl, arguments: tuple[str, ...], option: str
    ) -> None:
        run = renewctl(*arguments, option)

        assert (run.code, run.err) == (0, "")
        assert run.out.startswith("Usage: renewctl")
        assert max(map(len, run.out.splitlines())) <= 80

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_option_is_explained(self, name: str) -> None:
        shown = LazyGroup().get_command(None, name)  # type: ignore[arg-type] # it uses no context
        assert shown is not None

        options = [parameter for parameter in shown.params if isinstance(parameter, click.Option)]
        assert [option.name for option in options if not option.help] == []

    def test_no_command_is_cut_in_the_list(self, renewctl: Renewctl) -> None:
        assert "..." not in renewctl("--help").out.partition("Commands:")[2]

    def test_the_list_has_what_each_command_says_of_itself(self, renewctl: Renewctl) -> None:
        listed = renewctl("--help").out.partition("Commands:\n")[2].splitlines()

        described = [line.split(maxsplit=1)[1] for line in listed]
        assert described == [renewctl(name, "--help").out.splitlines()[2].strip() for name in COMMANDS]

    def test_the_list_imports_no_command(self) -> None:
        script = "import sys; sys.argv = ['renewctl', '--help']; import cli; cli.main(); print(*sys.modules)"
        ran = subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT,
            env=environment(),
            capture_output=True,
            check=True,
            text=True,
        )

        loaded = set(ran.stdout.splitlines()[-1].split())
        modules = {f"engine.commands.{name}" for name in COMMANDS}
        assert loaded & modules == set()

    def test_without_a_command_the_help_is_shown_and_nothing_was_done(self, renewctl: Renewctl) -> None:
        run = renewctl()

        assert (run.code, run.out) == (2, "")
        assert run.err == renewctl("--help").out

    def test_examples_are_commands_that_are_there(self, renewctl: Renewctl) -> None:
        shown = "".join(renewctl(name, "--help").out for name in COMMANDS)

        examples = re.findall(r"^    (?:.* \| )?renewctl ([\w-]+)", shown, re.MULTILINE)
        assert set(examples) == set(COMMANDS)

    def test_the_version(self, renewctl: Renewctl) -> None:
        assert renewctl("--version") == Run(0, f"renewctl {__version__}\n", "")

    def test_the_version_is_known_outside_of_any_root(self, tmp_path: Path) -> None:
        assert process("--version", cwd=tmp_path) == Run(0, f"renewctl {__version__}\n", "")

    @pytest.mark.parametrize(
        ("shell", "sign"),
        [("bash", "complete -o"), ("zsh", "#compdef renewctl"), ("fish", "complete --no-f")],
    )
    def test_completion_is_there_for(self, shell: str, sign: str) -> None:
        if shell == "bash" and shutil.which("bash") is None:
            pytest.skip("click asks bash for its version")

        run = process(variables={"_RENEWCTL_COMPLETE": f"{shell}_source"})

        assert run.code == 0
        assert sign in run.out

    @pytest.mark.parametrize(
        ("words", "at", "completed"),
        [
            ("renewctl de", "1", "plain,decide\n"),
            ("renewctl x", "1", "\n"),
            ("renewctl decide --format js", "3", "plain,json\nplain,jsonl\n"),
        ],
    )
    def test_commands_and_choices_are_completed(self, words: str, at: str, completed: str) -> None:
        run = process(
            variables={"_RENEWCTL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": at}
        )

        assert run == Run(0, completed, "")


class TestUsage:
    """What is wrong in a command line is said in two lines."""

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("decid",), "there is no command decid\n  hint: did you mean decide?"),
            (("frobnicate",), "there is no command frobnicate\n  hint: see renewctl --help"),
            (("--frobnicate",), "No such option '--frobnicate'"),
            (("decide", "--frobnicate"), "--frobnicate"),
            (("decide", "acme"), "Got unexpected extra argument"),
            (("decide", "--client"), "Option '--client' requires an argument"),
            (("decide", "--all", "--format", "xml"), "'xml' is not one of 'text', 'json', 'jsonl', 'csv'"),
            (("validate", "--format", "jsonl"), "'jsonl' is not one of"),
            (("clients", "--format", "jsonl"), "'jsonl' is not one of"),
            (("--color", "pink", "validate"), "'pink' is not one of 'auto', 'always', 'never'"),
            (("--root", "missing", "validate"), "Directory 'missing' does not exist"),
            (("--root", "config/vendor.yaml", "validate"), "is a file"),
        ],
    )
    def test_it_is_bad_input(self, renewctl: Renewctl, arguments: tuple[str, ...], complaint: str) -> None:
        run = renewctl(*arguments)

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("error: ")
        assert complaint in run.err

    @pytest.mark.parametrize(("option", "example"), [(("--root", "."), "--root"), (("-q",), "-q")])
    def test_an_option_of_all_commands_is_sent_to_its_place(
        self, renewctl: Renewctl, option: tuple[str, ...], example: str
    ) -> None:
        run = renewctl("validate", *option)

        assert run.err == (
            f"error: {example} is no option of validate, but one of renewctl\n"
            f"  hint: write it before the command: renewctl {example} … validate\n"
        )

    def test_the_help_to_see_is_that_of_the_command(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--all", "--step", "7")

        assert run.err == (
            "error: Invalid value for '--step': '7' is not a step; write it as D-7 or R-30\n"
            "  hint: see renewctl decide --help\n"
        )


class TestRoot:
    """Which root is meant: `--root`, else `RENEWCTL_ROOT`, else the nearest one upward."""

    @pytest.fixture
    def other(self, tmp_path: Path) -> Path:
        """Make a root that is told apart by its one partner."""
        partners = tmp_path / "other/config/partners"
        partners.mkdir(parents=True)
        (partners / "lone.yaml").write_text("version: 1\npartner: lone\n")
        return tmp_path / "other"

    def partners(self, run: Run) -> list[str]:
        assert run.code == 0
        return [partner["partner"] for partner in json.loads(run.out)["partners"]]

    def test_the_nearest_one_upward(
        self, renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(root / "config/partners/americas")

        assert "nordlicht" in self.partners(renewctl("clients", "--format", "json"))

    def test_one_inside_another_is_nearer(
        self, renewctl: Renewctl, root: Path, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.move(other, root / "inner")
        monkeypatch.chdir(root / "inner")

        assert self.partners(renewctl("clients", "--format", "json")) == ["lone"]

    def test_the_variable_comes_before_it(
        self, renewctl: Renewctl, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RENEWCTL_ROOT", str(other))

        assert self.partners(renewctl("clients", "--format", "json")) == ["lone"]

    def test_the_option_comes_first(
        self, renewctl: Renewctl, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RENEWCTL_ROOT", str(ROOT))

        assert self.partners(renewctl("--root", str(other), "clients", "--format", "json")) == ["lone"]

    def test_a_root_in_a_subdirectory_is_found_by_the_option(
        self, renewctl: Renewctl, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(other.parent)

        assert self.partners(renewctl("--root", "other", "clients", "--format", "json")) == ["lone"]

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_none_is_bad_input(
        self,
        renewctl: Renewctl,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        question: tuple[str, ...],
    ) -> None:
        monkeypatch.chdir(tmp_path)

        run = renewctl(*question)

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            f"error: neither {tmp_path} nor a directory above it has config/partners\n"
            "  hint: give --root DIR, or go to a directory that has config/partners\n"
        )


class TestVariables:
    """Global options are read from the environment too, and no others."""

    @pytest.mark.parametrize(
        ("name", "value"), [("COLOR", "always"), ("QUIET", "1"), ("VERBOSE", "1"), ("ROOT", ".")]
    )
    def test_a_global_option(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        given = (f"--{name.lower()}", value) if name in {"COLOR", "ROOT"} else (f"--{name.lower()}",)
        by_option = renewctl(*given, "validate")
        monkeypatch.setenv(f"RENEWCTL_{name}", value)

        assert renewctl("validate") == by_option

    @pytest.mark.parametrize("name", ["CLIENT", "DECIDE_CLIENT", "FORMAT", "VALIDATE_FORMAT", "FACTS"])
    def test_an_option_of_a_command_is_not(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        answer = renewctl("decide", "--all", "--on", ON)
        monkeypatch.setenv(f"RENEWCTL_{name}", "json")

        assert renewctl("decide", "--all", "--on", ON) == answer


class TestColor:
    """Colours are for terminals, unless somebody wants it otherwise."""

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_terminal_shows_colours(self, question: tuple[str, ...]) -> None:
        assert COLOR in on_terminal(*question).out

    @pytest.mark.parametrize(("options", "variables"), [(["--color", "never"], {}), ([], {"NO_COLOR": "1"})])
    def test_not_to_who_wants_none(self, options: list[str], variables: dict[str, str]) -> None:
        run = on_terminal(*options, "decide", "--all", "--on", ON, variables=variables)

        expect("decide-all.text", run.out)

    def test_an_empty_no_color_is_none(self) -> None:
        assert COLOR in on_terminal("validate", variables={"NO_COLOR": ""}).out

    def test_always_is_stronger_than_no_color(self) -> None:
        assert COLOR in process("--color", "always", "validate", variables={"NO_COLOR": "1"}).out

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_pipe_gets_none(self, renewctl: Renewctl, question: tuple[str, ...]) -> None:
        assert COLOR not in renewctl(*question).out

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_always_colours_a_pipe(self, renewctl: Renewctl, question: tuple[str, ...]) -> None:
        assert COLOR in renewctl("--color", "always", *question).out

    def test_colours_change_no_word(self, renewctl: Renewctl) -> None:
        run = renewctl("--color", "always", "decide", "--all", "--on", ON)

        expect("decide-all.text", re.sub(r"\x1b\[[0-9;]*m", "", run.out))

    @pytest.mark.parametrize(
        "report", [("validate", "json"), ("decide", "json"), ("decide", "jsonl"), ("decide", "csv")]
    )
    def test_what_programs_read_has_none_ever(self, renewctl: Renewctl, report: tuple[str, str]) -> None:
        name, style = report
        who = ("--all",) if name == "decide" else ()

        assert COLOR not in renewctl("--color", "always", name, *who, "--format", style).out

    def test_messages_are_coloured_too(self, renewctl: Renewctl) -> None:
        assert COLOR in renewctl("--color", "always", "decide").err
        assert COLOR not in renewctl("decide").err


class TestQuietAndVerbose:
    """`-q` leaves results and errors, `-v` adds what is read."""

    def test_quiet_leaves_out_the_summary(self, renewctl: Renewctl) -> None:
        assert renewctl("-q", "validate") == Run(0, "", "")

    def test_quiet_leaves_every_problem(self, renewctl: Renewctl, root: Path) -> None:
        (root / "config/vendor.yaml").unlink()

        run = renewctl("-q", "validate")

        assert run.code == 1  # a rule writes to a role of the vendor
        assert len([line for line in run.out.splitlines() if not line.startswith("  hint")]) == 2

    def test_quiet_changes_no_answer(self, renewctl: Renewctl) -> None:
        expect("decide-all.text", renewctl("-q", "decide", "--all", "--on", ON).out)

    def test_verbose_says_which_root_is_checked(self, renewctl: Renewctl) -> None:
        run = renewctl("-v", "validate")

        assert run.err == f"root {ROOT}\n"
        expect("validate-fine.text", run.out)

    def test_verbose_says_what_is_read(self, renewctl: Renewctl) -> None:
        run = renewctl("-v", "decide", "--all", "--on", ON)

        assert re.sub("sha256:[0-9a-f]{64}", "sha256:…", run.err) == (
            f"5 files of {ROOT}, sha256:…\n6 renewals in 1 file\n"
        )
        expect("decide-all.text", run.out)


class TestEnds:
    """How a run ends when something breaks."""

    def test_a_defect_is_ours_and_says_so(self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("the flux capacitor is empty")

        monkeypatch.setattr(validation, "validate", fail)

        run = renewctl("validate")

        assert (run.code, run.out) == (3, "")
        assert "Traceback (most recent call last)" in run.err
        assert "RuntimeError: the flux capacitor is empty" in run.err
        assert run.err.endswith("this is a defect of renewctl; please report it with the lines above\n")

    def test_a_module_that_is_broken_is_a_defect_too_and_no_negative_answer(self, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['click'] = None")

        run = process("validate", variables={"PYTHONPATH": str(tmp_path)})

        assert (run.code, run.out) == (3, "")
        assert run.err.startswith("Traceback (most recent call last)")
        assert "this is a defect of renewctl" in run.err

    @pytest.mark.parametrize("style", ["text", "jsonl", "csv", "json"])
    def test_a_reader_that_has_read_enough_is_no_error(self, style: str) -> None:
        pipeline = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"'
        decide = command("decide", "--all", "--on", ON, "--format", style)

        ran = subprocess.run(
            ["bash", "-c", pipeline, "bash", *decide],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            check=True,
        )

        first, code = ran.stdout.decode().splitlines()
        assert (code, ran.stderr) == ("0", b"")
        assert (
            (ROOT.parent / f"expected/decide-all.{style}").read_text(encoding="utf-8").startswith(first[:20])
        )

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_reader_that_is_gone_changes_no_exit_code(self, root: Path, question: tuple[str, ...]) -> None:
        (root / "config/partners/broken.yaml").write_text("version: 2\npartner: broken\n")
        nobody, output = os.pipe()
        os.close(nobody)

        ran = subprocess.run(
            command(*question), cwd=root, env=environment(), stdout=output, stderr=output, check=False
        )

        os.close(output)
        assert ran.returncode == 1

    @pytest.mark.parametrize("stream", ["<", ">", "2>"])
    def test_a_stream_may_be_closed(self, stream: str) -> None:
        ran = subprocess.run(
            ["sh", "-c", f'"$@" {stream}&-', "sh", *command("validate")],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            check=False,
        )

        assert (ran.returncode, ran.stderr) == (0, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
    @pytest.mark.parametrize("question", ANSWERS)
    def test_a_full_disk_is_no_defect(self, question: tuple[str, ...]) -> None:
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(
                command(*question),
                cwd=ROOT,
                env=environment({"PYTHONUNBUFFERED": "1"}),
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )

        assert ran.returncode == 2
        assert ran.stderr == b"error: the output cannot be written: No space left on device\n"

    @pytest.fixture
    def interruptible(self) -> Iterator[None]:
        """Listen to the signal: a process inherits deafness to it, as that of a shell's background jobs."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    @pytest.mark.usefixtures("interruptible")
    def test_an_interrupt_ends_it_at_once(self) -> None:
        with subprocess.Popen(
            command("-v", "decide", "--all", "--facts", "-"),
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stderr is not None
            assert b"5 files of" in running.stderr.readline()  # next it reads its standard input
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)

        assert (running.returncode, out) == (130, b"")
        assert err == b"\ninterrupted\n"

    @pytest.mark.usefixtures("interruptible")
    @pytest.mark.parametrize("module", IMPORTED)
    def test_an_interrupt_ends_it_while_it_is_still_being_imported(self, module: str, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text(INTERRUPTER, encoding="utf-8")

        run = process("validate", variables={"PYTHONPATH": str(tmp_path), "INTERRUPTED_AT": module})

        assert run == Run(130, "", "\ninterrupted\n")

    def test_an_interrupt_that_python_dressed_up_is_one_all_the_same(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def be_interrupted(*_: object, **__: object) -> None:
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

        monkeypatch.setattr(validation, "validate", be_interrupted)

        assert renewctl("validate") == Run(130, "", "\ninterrupted\n")


class TestProgress:
    """A bar for who waits at a terminal."""

    @pytest.fixture
    def slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(console, "_SLOW_SECONDS", -1.0)

    def on_stderr(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch, *arguments: str
    ) -> tuple[Run, str]:
        """Run with a terminal as stderr; return what it shows too."""
        ours, theirs = pty.openpty()
        monkeypatch.setenv("TERM", "xterm")
        with os.fdopen(theirs, "w") as terminal, monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", terminal)
            run = renewctl(*arguments)
        return run, read_terminal(ours)

    @pytest.mark.usefixtures("slow")
    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_slow_load_shows_one_on_a_terminal(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch, question: tuple[str, ...]
    ) -> None:
        run, shown = self.on_stderr(renewctl, monkeypatch, *question)

        assert "reading partners" in shown
        assert "reading partners" not in run.out
        assert run.code == 0

    def test_a_quick_load_shows_none(self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch) -> None:
        _, shown = self.on_stderr(renewctl, monkeypatch, "validate")

        assert shown == ""

    @pytest.mark.usefixtures("slow")
    def test_quiet_shows_none(self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch) -> None:
        _, shown = self.on_stderr(renewctl, monkeypatch, "-q", "validate")

        assert shown == ""

    @pytest.mark.usefixtures("slow")
    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_pipe_never_gets_one(self, renewctl: Renewctl, question: tuple[str, ...]) -> None:
        assert renewctl(*question).err == ""


class TestEncoding:
    """Output is UTF-8, whatever the locale and whatever a file is called."""

    @pytest.mark.parametrize(
        ("style", "variables"),
        [
            ("text", {"LANG": "C"}),
            ("json", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
            ("csv", {"PYTHONIOENCODING": "latin-1"}),
        ],
    )
    def test_it_is_utf8_in_any_locale(self, style: str, variables: dict[str, str]) -> None:
        run = process("clients", "--on", "2026-11-23", "--format", style, variables=variables)

        expect(f"clients-all.{style}", run.out)

    @pytest.fixture
    def oddly_named(self, tmp_path: Path) -> Path:
        """Make a root with a partner file whose name is not UTF-8."""
        root = copy_of_root(tmp_path)
        try:
            shutil.copy(root / "config/partners/americas/oakline.yaml", root / "config/partners/x\udcff.yaml")
        except OSError:
            pytest.skip("this file system takes UTF-8 only")
        return root

    @pytest.mark.parametrize("style", ["text", "compact", "json", "github"])
    def test_a_name_that_is_not_utf8_is_an_error_in_that_file(self, oddly_named: Path, style: str) -> None:
        run = process("validate", "--on", ON, "--format", style, cwd=oddly_named)

        assert (run.code, "Traceback" in run.err) == (1, False)
        assert r"config/partners/x\udcff.yaml" in run.out.replace(r"\\", "\\")

    @pytest.mark.parametrize("question", QUESTIONS[1:])
    def test_nor_does_it_make_an_answer_crash(self, oddly_named: Path, question: tuple[str, ...]) -> None:
        run = process(*question, cwd=oddly_named)

        assert (run.code, run.out) == (1, "")
        assert r"x\udcff.yaml:1:1: error: " in run.err

    @pytest.mark.parametrize("option", ["--facts", "--client", "--set"])
    def test_nor_does_an_argument(self, option: str) -> None:
        run = process("decide", *(("--all",) if option != "--client" else ()), option, "x\udcff")

        assert (run.code, run.out) == (2, "")
        assert r"x\udcff" in run.err
