from __future__ import annotations

from deliveries import line
from hypothesis import given
from hypothesis import strategies as st

from engine.feeds import factfiles, shares
from engine.feeds.judging import Item
from engine.trees import File

LINES = st.sampled_from([line("rn_1"), line("rn_22", client="globex"), "", "{", "\ufeff", "ä", "\r"])
TEXTS = st.lists(LINES, max_size=6).map("\n".join)
TABLE = "renewal,client,renewal_date\nrn_3,acme,2027-02-28\n"
FILES = st.lists(
    st.one_of(
        st.builds(lambda text: File("facts/a.jsonl", text.encode()), TEXTS),
        st.just(File("facts/b.csv", TABLE.encode())),
        st.just(File("facts/c", line("rn_4").encode())),
    ),
    max_size=4,
)


class InBlocks(File):
    """A file that goes by in small blocks."""

    def blocks(self) -> list[bytes]:  # type: ignore[override]
        return [self.data[at : at + 7] for at in range(0, len(self.data), 7)]


@given(FILES, st.integers(1, 9))
def test_shares_hold_what_the_files_hold_each_in_its_place(files: list[File], count: int) -> None:
    small = [InBlocks(file.path, file.data) for file in files]

    found: list[Item] = []
    for share in shares.cut(small, count):
        found += shares.items(small, share)

    assert found == list(factfiles.items(files))


def test_each_file_is_read_to_its_end_by_whoever_has_a_share_of_it_and_an_empty_one_too() -> None:
    read: list[str] = []

    class Told(File):
        def blocks(self) -> list[bytes]:  # type: ignore[override]
            read.append(self.path)
            return [self.data]

    files = [Told("a.jsonl", b""), Told("b.jsonl", b"\n" * 10)]
    for share in shares.cut(files, 2):
        list(shares.items(files, share))

    assert read == ["a.jsonl", "b.jsonl", "b.jsonl"]


def test_a_line_belongs_to_the_share_in_which_it_begins() -> None:
    written = [f"{line(f'rn_{number}')}\n".encode() for number in range(3)]
    file = File("facts/a.jsonl", b"".join(written))
    second, third = len(written[0]), len(written[0] + written[1])

    def of(begin: int, end: int) -> list[int]:
        return [item.line for item in shares.items([file], shares.Share(begin, end))]

    assert of(second, third) == [2]
    assert of(second + 1, third + 1) == [3]
    assert of(0, second) == [1]
