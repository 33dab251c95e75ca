"""Everything at once: edits, mistakes, git and kills in any order, while every answer is checked."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import ROOT, copy_of_root
from repositories import Scratch
from served import BY_EVENTS, NORDLICHT, OAKLINE, RENEWALS, Served, serving, variant
from truths import Truth

from engine.diagnostics import ConfigurationError


def test_ten_seconds_of_edits_and_kills_show_nothing_wrong(tmp_path: Path) -> None:
    soak(tmp_path, seconds=10, life=4, seed=5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_minutes_of_edits_and_kills_show_nothing_wrong(tmp_path: Path) -> None:
    soak(tmp_path, seconds=300, life=20, seed=time.time_ns() % 10_000)


def soak(folder: Path, *, seconds: float, life: float, seed: int) -> None:
    """Let daemons live and die until the time is over; the seed is shown when something is wrong."""
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with a failure
    root, chance, ends = copy_of_root(folder), random.Random(seed), time.monotonic() + seconds  # noqa: S311
    scratch, truth = Scratch.at(root), Truth()
    prepare(scratch)
    truth.learn(root)
    lives = answers = 0
    while time.monotonic() < ends:
        with serving(root, *BY_EVENTS, "--start-from-last-good", truth=truth) as served:
            live(served, Scratch(root), chance, min(ends, time.monotonic() + chance.uniform(1, life)))
            answers += served.asker.answers.total()
            lives += 1

    assert lives > 1
    assert answers > 100


def prepare(scratch: Scratch) -> None:
    """Make two branches to go between; on the one, globex is another partner's."""
    scratch.commit({}, "Begin")
    scratch.git("checkout", "--quiet", "-b", "topic")
    text = (scratch.path / NORDLICHT).read_text()
    moved = {NORDLICHT: text.partition("  globex:")[0], OAKLINE: with_globex(scratch.path)}
    scratch.commit(moved, "Move a client")
    scratch.git("checkout", "--quiet", "main")


def with_globex(root: Path) -> str:
    return (root / OAKLINE).read_text() + "clients: {globex: {}}\n"


def live(served: Served, scratch: Scratch, chance: random.Random, until: float) -> None:
    """Do something at random again and again; at last what is there is good and live, or it is killed."""
    while time.monotonic() < until:
        chance.choice(DEEDS)(served, scratch, chance)
        learn_if_valid(served)
        time.sleep(chance.choice([0, 0.05, 0.3, 0.6]))
    if chance.random() < 0.5:
        served.kill()
        return
    scratch.git("checkout", "--quiet", "--force", "main")
    shutil.copytree(ROOT / "facts", served.root / "facts", dirs_exist_ok=True)
    served.becomes_live(within=10)


def learn_if_valid(served: Served) -> None:
    try:
        served.learn()
    except ConfigurationError:
        served.truth.learn_facts(served.root)


def save_by_rename(served: Served, _: Scratch, chance: random.Random) -> None:
    served.write(NORDLICHT, variant(served.text(), chance.randrange(5)))


def save_in_place(served: Served, _: Scratch, chance: random.Random) -> None:
    text = variant(served.text(), chance.randrange(5))
    with (served.root / NORDLICHT).open("w") as file:
        file.flush()
        time.sleep(chance.random() * 0.1)
        file.write(text)


def make_a_mistake(served: Served, _: Scratch, chance: random.Random) -> None:
    mistake = chance.choice(["contact: nobody", "contact: [", "contakt: jana"])
    served.write(NORDLICHT, served.text().replace("contact: jana", mistake))


def lose_a_file_for_a_moment(served: Served, _: Scratch, chance: random.Random) -> None:
    text = served.text()
    (served.root / NORDLICHT).unlink()
    time.sleep(chance.random() * 0.1)
    served.write(NORDLICHT, text)


def deliver_facts(served: Served, _: Scratch, chance: random.Random) -> None:
    served.write(RENEWALS, re.sub(r"ada\d*@", f"ada{chance.randrange(3)}@", served.text(RENEWALS)))


def change_branch(_: Served, scratch: Scratch, chance: random.Random) -> None:
    scratch.git("checkout", "--quiet", "--force", chance.choice(["main", "topic"]))


def commit(_: Served, scratch: Scratch, __: random.Random) -> None:
    scratch.git("stash", "--quiet")
    scratch.git("commit", "--quiet", "--allow-empty", "--message", "Go on")


def ask_to_reload(served: Served, _: Scratch, chance: random.Random) -> None:
    if chance.random() < 0.5:
        served.ask_and_leave("POST", "/-/reload")
    else:
        assert served.reload().status in {200, 422}


DEEDS: list[Callable[[Served, Scratch, random.Random], None]] = [
    save_by_rename,
    save_by_rename,
    save_in_place,
    make_a_mistake,
    lose_a_file_for_a_moment,
    deliver_facts,
    change_branch,
    commit,
    ask_to_reload,
]
