"""Tables in terminals of any width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports import tables

HEADER = ("effect", "client", "from", "change here")
ROW = ("recipient", "mueller-maschinenbau", "Sören Brandt", "config/partners/nordlicht.yaml:48:41")
SHRINKING = frozenset({"client", "from"})


@pytest.mark.parametrize("width", [1, 20, 40])
def test_no_column_vanishes_from_a_narrow_terminal(width: int) -> None:
    header, row = tables.render(HEADER, [ROW], width, shrinking=SHRINKING).splitlines()

    assert header.replace("change here", "").split() == ["effect", "client", "from"]
    assert row.split() == ["recipient", "mueller-m…", "Sören", "Bra…", "config/partners/nordlicht.yaml:48:41"]


def test_a_table_is_as_wide_as_the_terminal_where_what_may_be_cut_is_enough() -> None:
    lines = tables.render(HEADER, [ROW], 75, shrinking=SHRINKING).splitlines()

    assert max(map(len, lines)) == 75


def test_a_short_cell_is_never_cut() -> None:
    row = ("copy", "acme", "Tom Kern", "config/partners/nordlicht.yaml:31:41")

    narrow = tables.render(HEADER, [row], 10, shrinking=SHRINKING)

    assert narrow == tables.render(HEADER, [row])


@given(st.integers(1, 200), st.lists(st.text("aß旅", min_size=1, max_size=30), min_size=4, max_size=4))
def test_a_row_is_one_line_at_any_width(width: int, row: list[str]) -> None:
    assert len(tables.render(HEADER, [row], width, shrinking=SHRINKING).splitlines()) == 2
