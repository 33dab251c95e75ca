from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import overlays
from engine.documents import Document
from engine.index import Index
from engine.model import Client, Partner, Written

PATHS = st.sampled_from([f"config/partners/{name}.yaml" for name in "abcde"])
CLIENTS = st.frozensets(st.sampled_from(["acme", "globex", "initech"]))
ROOTS = st.dictionaries(PATHS, CLIENTS)


def file_of(path: str, clients: frozenset[str]) -> Written[Partner]:
    record = Partner(partner="nord", clients={client: Client() for client in sorted(clients)})
    return Written(Document(path, {}, b""), record)


def names(file: Written[Partner]) -> frozenset[str]:
    return frozenset(file.record.clients)


def files_of(root: dict[str, frozenset[str]]) -> dict[str, Written[Partner]]:
    return {path: file_of(path, clients) for path, clients in sorted(root.items())}


def shown(index: Index) -> dict[str, list[str]]:
    return {name: [file.document.path for file in files] for name, files in index.files.items()}


@given(st.lists(ROOTS, min_size=1), st.sampled_from([0, 1, 32]))
def test_an_index_of_other_files_is_the_same_whether_it_is_made_of_another_one_or_anew(
    roots: list[dict[str, frozenset[str]]], share: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlays, "_FEW", 0)
        patch.setattr(overlays, "_SHARE", share)  # at none, what differs is always laid over
        check_one_after_another(roots)


def check_one_after_another(roots: list[dict[str, frozenset[str]]]) -> None:
    index, last = Index.of(names, ()), dict[str, Written[Partner]]()
    for root in roots:
        now = files_of(root)
        kept = {path: last[path] for path in now if path in last and names(last[path]) == names(now[path])}
        last = {**now, **kept}
        before, said = index, shown(index)

        index = index.updated(last.values())

        anew = Index.of(names, last.values())
        assert shown(index) == shown(anew)
        assert index.several == anew.several == {name for name, found in anew.files.items() if len(found) > 1}
        assert shown(before) == said  # who reads the one before is not disturbed


def test_nothing_is_made_of_the_same_files() -> None:
    index = Index.of(names, files := [file_of("a", frozenset({"acme"}))])

    assert index.updated(files) is index


def test_a_file_that_was_replaced_by_an_equal_one_is_found_as_the_new_one() -> None:
    old, new = (file_of("a", frozenset({"acme"})) for _ in range(2))

    assert Index.of(names, [old]).updated([new]).files["acme"][0] is new


def test_a_name_in_very_many_files_takes_time_in_proportion_only() -> None:
    files = [file_of(f"{number:05}", frozenset({"portal"})) for number in range(20_000)]

    assert len(Index.of(names, files).files["portal"]) == 20_000
