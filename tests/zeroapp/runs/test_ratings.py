"""Ratings are found again with the run they are of, and only while the texts are the same."""

import msgspec

from zeroapp.report import SideBySide
from zeroapp.run_folder import RunFolder
from zeroapp.runs.ratings import Liked, Rating, keep, kept, mark_of


def pair(row_id: int, **changes) -> SideBySide:
    texts = {"prompt": "p", "truth": "t", "base": "b", "ours": "o"} | changes
    return SideBySide(row_id=row_id, **texts)


def rated(one: SideBySide, liked: Liked = Liked.ours) -> Rating:
    return Rating(row_id=one.row_id, mark=mark_of(one), liked=liked)


def test_what_was_kept_is_found_again(tmp_path):
    folder, pairs = RunFolder(tmp_path), (pair(1), pair(2))
    assert kept(folder, pairs) == ()
    said = (rated(pairs[0]), rated(pairs[1], Liked.neither))
    keep(folder, said)
    assert kept(folder, pairs) == said


def test_other_texts_were_not_rated(tmp_path):
    folder, pairs = RunFolder(tmp_path), (pair(1), pair(2))
    keep(folder, [rated(one) for one in pairs])
    assert kept(folder, (pair(1, ours="other"), pair(2))) == (rated(pairs[1]),)


def test_a_broken_file_is_no_rating(tmp_path):
    folder = RunFolder(tmp_path)
    for broken in (b"{", msgspec.json.encode([{"row_id": "x"}])):
        folder.ratings.write_bytes(broken)
        assert kept(folder, [pair(1)]) == ()
