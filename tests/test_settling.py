from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import scripted
from scripted import Action, Script

from engine.daemon import fingerprints, proofs, settling
from engine.daemon.fingerprints import Look, Stamp
from engine.daemon.readings import Reading
from engine.daemon.settling import Clock, Ripeness, SettledRoot, Settling, StoppedError
from engine.diagnostics import InputError

NORD = "config/partners/nord.yaml"
SUD = "config/partners/sud.yaml"
OLD = "version: 1\npartner: nord\n" + "# old\n" * 10
NEW = "version: 1\npartner: nord\n" + "# new\n" * 12
CALM = settling.QUIET - settling.BETWEEN_READINGS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    (made / "config/partners").mkdir(parents=True)
    (made / NORD).write_text(OLD)
    (made / SUD).write_text("sud")
    return made


@pytest.fixture
def script() -> Script:
    return Script()


def read(root: Path, script: Script) -> dict[str, str]:
    """Read the root, while the script goes on; return the text of each file."""
    reading = SettledRoot(root, script).read()
    return {file.path: file.data.decode() for file in reading.sources.files}


def took(root: Path, script: Script) -> float:
    """Read the root and return how long that took."""
    before = script.now()
    read(root, script)
    return script.now() - before


# Looks, without files


def look(**inodes: int) -> Look:
    """Return a look at files by name, each with its inode."""
    return Look({name: Stamp(1, inode, 1, 1, 1) for name, inode in inodes.items()})


def ripeness(*looks: tuple[float, Look]) -> Ripeness:
    """Return what the last of these looks says."""
    machine = Settling()
    return [machine.take(one, at) for at, one in looks][-1]


def test_one_look_never_suffices() -> None:
    assert ripeness((5.0, look(a=1))) is Ripeness.UNRIPE


def test_files_are_quiet_when_they_were_the_same_for_a_while() -> None:
    same = look(a=1)

    assert ripeness((0, same), (0.1, same)) is Ripeness.UNRIPE
    assert ripeness((0, same), (0.1, same), (0.16, same)) is Ripeness.CALM


def test_a_change_begins_the_quiet_period_anew() -> None:
    looks = [(0, look(a=1)), (0.1, look(a=2)), (0.24, look(a=2))]

    assert ripeness(*looks) is Ripeness.UNRIPE
    assert ripeness(*looks, (0.26, look(a=2))) is Ripeness.CALM


def test_replacements_are_read_after_the_maximum_wait() -> None:
    looks = [(number / 10, look(a=number)) for number in range(18)]

    assert ripeness(*looks) is Ripeness.UNRIPE
    assert ripeness(*looks, (1.8, look(a=18))) is Ripeness.DUE


@pytest.mark.parametrize("last", [look(a=17, b=1), look(b=1), look()])
def test_a_name_that_has_just_come_or_gone_is_waited_for(last: Look) -> None:
    looks = [(number / 10, look(a=number)) for number in range(18)]

    assert ripeness(*looks, (1.8, last)) is Ripeness.UNRIPE


def test_who_looked_a_moment_too_early_looks_again_at_once() -> None:
    machine = Settling()
    machine.take(look(a=1), 0)

    assert machine.take(look(a=1), CALM - 0.0001) is Ripeness.UNRIPE
    assert machine.pause(CALM + 0.0001) == pytest.approx(0.001)  # the look itself took some time
    assert machine.take(look(a=1), CALM) is Ripeness.CALM
    assert machine.pause(CALM) == pytest.approx(0.05), "it could be read, and was not whole"


def test_only_files_that_moved_of_late_are_restless() -> None:
    machine = Settling()
    machine.take(look(a=1, b=1), 0)
    machine.take(look(a=2, b=1), 0.3)

    assert machine.restless(0.4) == {"a"}
    assert machine.restless(0.5) == set()


# Files that change while somebody waits


def test_a_quiet_root_is_read_after_the_quiet_period(root: Path, script: Script) -> None:
    assert took(root, script) == pytest.approx(settling.QUIET, abs=0.06)


def test_what_has_changed_since_the_first_look_is_read(root: Path, script: Script) -> None:
    script.at(0.1, partial(scripted.replace, root / NORD, NEW))

    assert read(root, script)[NORD] == NEW


def test_a_change_between_the_two_readings_is_waited_for(root: Path, script: Script) -> None:
    script.at(CALM + 0.02, partial(scripted.append, root / NORD, "# more\n"))
    script.at(CALM + 0.08, partial(scripted.append, root / NORD, "# still more\n"))

    assert read(root, script)[NORD] == OLD + "# more\n# still more\n"


def written_slowly(path: Path, text: str) -> Iterator[Action]:
    """Truncate a file, then write it a character at a time."""
    yield partial(os.truncate, path, 0)
    for character in text:
        yield partial(scripted.append, path, character)


def test_a_file_that_is_written_byte_by_byte_is_read_whole(root: Path, script: Script) -> None:
    """F10: the writer takes 3 s, longer than the maximum wait."""
    text = NEW * 3
    script.each(0.01, written_slowly(root / NORD, text), after=0.05)

    assert read(root, script)[NORD] == text


def test_a_slow_writer_is_waited_for_beside_a_trickle(root: Path, script: Script) -> None:
    """F10 beside F20: the maximum wait is over several times, and the file is still being written."""
    script.each(0.01, written_slowly(root / NORD, NEW * 6))
    script.each(0.03, (partial(scripted.replace, root / SUD, f"sud {number}") for number in range(300)))

    assert read(root, script)[NORD] == NEW * 6


def test_a_slow_writer_is_looked_into_only_once_in_a_maximum_wait(
    root: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large root is not read again and again for as long as somebody writes."""
    readings = []
    read_held = proofs.read_held

    def counted(*arguments: Any) -> Any:  # noqa: ANN401 - as they are
        readings.append(script.now())
        return read_held(*arguments)

    monkeypatch.setattr(proofs, "read_held", counted)
    script.each(0.05, (partial(scripted.append, root / NORD, "!") for _ in range(180)))
    read(root, script)

    assert len(readings) == 4, "9 s of writing"


@pytest.mark.parametrize("length", range(0, len(OLD), 7))
def test_a_prefix_is_not_read_while_a_writer_is_active(root: Path, script: Script, length: int) -> None:
    """F11: the rest comes 150 ms later."""
    (root / NORD).write_text(NEW[:length])
    script.at(0.15, partial(scripted.append, root / NORD, NEW[length:]))

    assert read(root, script)[NORD] == NEW


def test_a_file_that_is_back_after_100_ms_was_never_away(root: Path, script: Script) -> None:
    """F7."""
    away = root / "away"
    (root / NORD).rename(away)
    script.at(0.1, partial(away.rename, root / NORD))

    assert read(root, script)[NORD] == OLD


def test_a_file_that_is_back_after_100_ms_was_never_away_beside_a_trickle(root: Path, script: Script) -> None:
    """F7 beside F20: the file is away when the maximum wait ends."""
    script.each(0.03, (partial(scripted.replace, root / SUD, f"sud {number}") for number in range(300)))
    script.at(1.75, partial((root / NORD).rename, root / "away"))
    script.at(1.85, partial((root / "away").rename, root / NORD))

    assert read(root, script)[NORD] == OLD


def test_two_files_that_change_one_after_the_other_are_read_together(root: Path, script: Script) -> None:
    """F12."""
    scripted.replace(root / NORD, NEW)
    script.at(0.18, partial(scripted.replace, root / SUD, "new"))

    assert read(root, script) == {NORD: NEW, SUD: "new"}


@pytest.mark.parametrize("milliseconds", [7, 30, 60, 130, 190])
def test_a_file_replaced_without_pause_is_live_within_the_maximum_wait(
    root: Path, script: Script, milliseconds: int
) -> None:
    """F20: and what is read is one of the files that were there."""
    texts = [f"# {number}\n{NEW}" for number in range(60_000 // milliseconds)]
    script.each(milliseconds / 1000, (partial(scripted.replace, root / NORD, text) for text in texts))
    before = script.now()

    found = read(root, script)[NORD]

    assert script.now() - before < settling.AT_MOST + 0.1
    age = script.now() - before - settling.QUIET - 0.06
    assert texts.index(found) >= age * 1000 // milliseconds - 1, "not an old one"


def test_many_files_replaced_in_turn_are_live_within_the_maximum_wait(root: Path, script: Script) -> None:
    """F20."""
    names = [f"config/partners/p{number}.yaml" for number in range(50)]
    for name in names:
        (root / name).write_text("0")
    turns = [partial(scripted.replace, root / names[number % 50], str(number)) for number in range(2000)]
    script.each(0.03, turns)

    assert took(root, script) < settling.AT_MOST + 0.1


def test_a_delivery_of_new_files_is_waited_for(root: Path, script: Script) -> None:
    """Half of it would be a root in which partners are missing."""
    names = [f"config/partners/p{number}.yaml" for number in range(100)]
    script.each(0.05, (partial((root / name).write_text, "partner") for name in names))

    assert read(root, script).keys() == {NORD, SUD, *names}


def test_a_storm_of_writes_is_read_once_it_is_over(root: Path, script: Script) -> None:
    """F20."""
    script.each(0.001, (partial((root / NORD).write_text, f"{number}") for number in range(2500)))

    assert read(root, script)[NORD] == "2499"


def test_a_root_that_is_gone_is_said_to_be(root: Path, script: Script) -> None:
    """F6."""
    shutil.rmtree(root)

    with pytest.raises(InputError, match="does not exist"):
        SettledRoot(root, script).read()


def test_a_root_without_files_is_read_all_the_same(tmp_path: Path, script: Script) -> None:
    assert read(tmp_path, script) == {}


def test_a_root_that_is_made_again_is_read_whole(root: Path, script: Script) -> None:
    """F6."""
    aside = root.with_name("aside")
    shutil.copytree(root, aside)
    shutil.rmtree(root)
    script.at(0.15, partial(aside.rename, root))

    assert read(root, script) == {NORD: OLD, SUD: "sud"}


def test_a_link_that_is_swapped_is_read_where_it_leads_then(root: Path, script: Script) -> None:
    """F4: three swaps, each within the quiet period of the one before."""
    link = root.with_name("current")
    link.symlink_to(root)

    def swap(number: int) -> None:
        revision = root.with_name(f"r{number}")
        shutil.copytree(root, revision)
        (revision / NORD).write_text(f"revision {number}")
        root.with_name("next").symlink_to(revision)
        root.with_name("next").rename(link)

    script.each(0.15, (partial(swap, number) for number in range(3)))

    assert read(link, script)[NORD] == "revision 2"


def test_who_waits_too_long_is_told_what_is_being_written(root: Path, script: Script) -> None:
    script.each(0.1, (partial(scripted.append, root / NORD, "!") for _ in range(1000)))

    with pytest.raises(InputError, match=f"whole: {NORD} is still being written") as error:
        read(root, script)

    assert error.value.hint == "write a file elsewhere, then rename it"


def test_who_waits_too_long_is_told_that_names_come_and_go(root: Path, script: Script) -> None:
    for number in range(500):
        script.at(number * 0.2, (root / SUD).unlink)
        script.at(number * 0.2 + 0.1, partial((root / SUD).write_text, "sud"))

    with pytest.raises(InputError, match=r"come and go|sud.yaml is still"):
        read(root, script)


def test_a_stop_ends_the_wait(root: Path, script: Script) -> None:
    script.at(0.1, script.stop)

    with pytest.raises(StoppedError):
        read(root, script)
    assert script.is_stopped


def test_a_real_clock_goes_on_until_it_is_stopped() -> None:
    clock = Clock()
    before = clock.now()

    clock.wait(0.001)

    assert clock.now() > before
    clock.stop()
    with pytest.raises(StoppedError):
        clock.wait(60)


def test_looking_at_a_large_root_takes_a_small_share_of_the_time(
    root: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = []

    def look_slowly(root: Path) -> Look:
        moments.append(script.now())
        script.time += 0.1
        return fingerprints.Look() if len(moments) < 3 else real(root)

    real = fingerprints.look
    settled = SettledRoot(root, script)
    settled.read()
    monkeypatch.setattr(fingerprints, "look", look_slowly)
    settled.read()

    assert moments[1] - moments[0] == pytest.approx(0.6)


def test_before_anybody_is_answered_a_large_root_is_looked_at_as_often_as_a_small_one(
    root: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = []

    def look_slowly(root: Path) -> Look:
        moments.append(script.now())
        script.time += 0.1
        return real(root)

    real = fingerprints.look
    monkeypatch.setattr(fingerprints, "look", look_slowly)
    read(root, script)

    assert moments[1] - moments[0] < 0.2


# Looks at what was told of


def told_of(root: Path, script: Script) -> SettledRoot:
    """Return a root of which everything is told, once it was read."""
    settled = SettledRoot(root, script)
    settled.lookout.rely()
    settled.read()
    return settled


def edited(settled: SettledRoot, text: str) -> None:
    """Replace a file, and tell of it."""
    scripted.replace(settled.root / NORD, text)
    settled.lookout.tell(str(settled.root / NORD))


def test_the_quiet_period_begins_with_the_last_change_that_was_told_of(root: Path, script: Script) -> None:
    settled = told_of(root, script)
    edited(settled, NEW)
    script.wait(0.15)
    settled.lookout.look()
    before = script.now()

    with settled.just_looked():
        reading = settled.read()

    assert script.now() - before == pytest.approx(settling.QUIET - 0.15, abs=0.002)
    assert NEW.encode() in [file.data for file in reading.sources.files]


def test_a_change_that_is_told_of_between_the_readings_is_waited_for(root: Path, script: Script) -> None:
    settled = told_of(root, script)
    edited(settled, OLD + "#")
    script.at(CALM + 0.02, partial(edited, settled, OLD + "##"))

    with settled.just_looked():
        reading = settled.read()

    assert (OLD + "##").encode() in [file.data for file in reading.sources.files]


def test_whoever_asks_has_everything_looked_at(root: Path, script: Script) -> None:
    """As somebody may who sees that a change is not live: nobody told of it."""
    settled = told_of(root, script)
    scripted.replace(root / NORD, NEW)

    with settled.just_looked():
        assert NEW.encode() not in [file.data for file in settled.read().sources.files]
    assert NEW.encode() in [file.data for file in settled.read().sources.files]


def test_a_writer_of_whom_nobody_tells_is_waited_for_once_that_has_shown(root: Path, script: Script) -> None:
    """F11 on a file system that tells of nothing: what is read next is looked at all the time."""
    settled = told_of(root, script)
    scripted.replace(root / NORD, NEW[:40])
    script.at(0.15, partial(scripted.append, root / NORD, NEW[40:]))

    assert NEW.encode() in [file.data for file in settled.read().sources.files]


def test_what_was_read_once_is_prepared_while_the_second_reading_is_waited_for(
    root: Path, script: Script
) -> None:
    settled = SettledRoot(root, script)
    prepared = []

    def prepare(reading: Reading) -> None:
        script.time += 0.04  # it takes some time
        prepared.append((script.now(), reading))

    settled.prepare = prepare
    begun = script.now()
    reading = settled.read()

    [(moment, first)] = prepared
    assert first is reading
    assert moment < script.now()
    assert script.now() - begun == pytest.approx(settling.QUIET, abs=0.002)
