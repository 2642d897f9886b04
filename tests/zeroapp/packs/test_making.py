"""Engines from a folder of tiny wheels: made beside, tried, switched, repaired, removed."""

import shutil
import subprocess
import sys
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from support.wheels import pack, wheel
from zeroapp.errors import AppError
from zeroapp.packs import making, offer
from zeroapp.packs.engine import Bundled, Managed, System, choose, chosen
from zeroapp.packs.making import Order
from zeroapp.work import Silent, Stopped


class Stopping(Silent):
    def stop_wanted(self) -> bool:
        return True


@pytest.fixture
def order(tmp_path, monkeypatch, zeroapp_home):
    """An order for a pack of two tiny wheels; every trial goes well."""
    locks = tmp_path / "locks"
    locks.mkdir()
    lines = [wheel(tmp_path / "wheels", name) for name in ("tinyone", "tinytwo")]
    (locks / "tiny.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(offer, "folder", lambda: locks)
    monkeypatch.setattr(offer, "for_this_computer", lambda: (pack(),))
    monkeypatch.setattr(making, "_try_out", lambda *_: "{}")
    return Order(
        pack=pack(),
        folder=tmp_path / "engines",
        index=str(tmp_path / "wheels"),
        python=sys.executable,
    )


def imported(engine: Managed, name: str) -> int:
    command = [str(engine.python), "-I", "-c", f"import {name}"]
    return subprocess.run(command, capture_output=True).returncode


def test_a_made_engine_has_the_packages_and_is_used(order):
    engine = making.make(order, Silent())
    assert chosen() == engine
    assert [imported(engine, name) for name in ("tinyone", "tinytwo")] == [0, 0]


def test_a_starter_comes_as_data_from_a_wheel_of_another_system(order, tmp_path, monkeypatch):
    # Seen from Linux; on Windows it is the other way round.
    monkeypatch.setattr(making, "_DATA_FOR", "x86_64-pc-windows-msvc")
    line = wheel(tmp_path / "wheels", "tinystarter", tag="py3-none-win_amd64")
    (tmp_path / "locks" / "starters.txt").write_text(f"{line}\n")
    both = pack(data=("starters.txt",))
    engine = making.make(Order(**{**fields(order), "pack": both}), Silent())
    assert [imported(engine, name) for name in ("tinyone", "tinystarter")] == [0, 0]
    assert engine.ready.libraries == both.libraries != order.pack.libraries


def test_a_changed_wheel_is_refused_and_the_old_engine_stays(order, tmp_path):
    wheel(tmp_path / "wheels", "tinyone", code="stolen = True")
    with pytest.raises(AppError) as told:
        making.make(order, Silent())
    assert told.value.code == "engine-not-made"
    assert chosen() == Bundled()


def test_a_making_that_failed_says_what_there_is_to_work_with(order, tmp_path, monkeypatch):
    def said() -> set[str]:
        told = (
            making._not_made("killed"),
            making._broken(""),
            making._broken("sees no graphics card"),
        )
        return {error.title.partition(". ")[2] for error in told}

    assert said() == {"Work goes on with what came with zeroapp, on the processor."}
    made = making.make(order, Silent())
    assert said() == {"The pack you had before is still in use."}
    choose(System(made.python))
    assert said() == {"The Python you chose is still in use."}
    choose(Bundled())
    monkeypatch.setattr(offer, "is_small", lambda: True)
    assert said() == {"So the engine is still missing; what is in your projects is safe."}
    choose(made)
    (made.folder / "engine.json").unlink()  # damaged, so that Repair was pressed
    assert said() == {"So the engine is still missing; what is in your projects is safe."}


def test_a_pack_of_an_older_app_is_not_used_until_it_is_made_anew(order, tmp_path):
    old = making.make(order, Silent())
    assert chosen() == old
    [lock] = order.pack.lock_files
    lock.write_text(lock.read_text() + wheel(tmp_path / "wheels", "tinythree") + "\n")
    assert chosen() == Bundled()
    new = making.make(order, Silent())
    assert chosen() == new
    assert imported(new, "tinythree") == 0
    assert not old.folder.exists()


def test_an_engine_that_fails_its_trial_is_not_used(order, monkeypatch):
    def broken(*_):
        raise making._broken("ranks ended with [1, 1]")

    monkeypatch.setattr(making, "_try_out", broken)
    with pytest.raises(AppError) as told:
        making.make(order, Silent())
    assert told.value.code == "engine-broken"
    assert chosen() == Bundled()


@pytest.mark.parametrize(
    ("printed", "step"),
    [
        ("torch sees no graphics card", "driver"),
        ("It can be downloaded at https://aka.ms/vs/17/release/vc_redist.x64.exe", "Visual C++"),
        ("ranks ended with [1, 1]", "Repair to make it anew"),
    ],
)
def test_a_trial_that_failed_names_the_next_step(printed, step):
    assert step in making._broken(printed).hint


def test_what_was_stopped_half_way_goes_on_and_becomes_whole(order, monkeypatch):
    monkeypatch.setattr(making, "_EVERY", 0.001)  # looks before even tiny wheels are there
    with pytest.raises(Stopped):
        making.make(order, Stopping())
    assert chosen() == Bundled()
    engine = making.make(order, Silent())
    assert chosen() == engine
    assert engine.whole()


def test_a_pack_that_is_made_over_a_broken_one_is_not_whole_meanwhile(order, monkeypatch):
    engine = making.make(order, Silent())
    engine.python.unlink()  # as when somebody cleans up the Python that it was made with
    seen = []
    fill = making._fill

    def filled(*given):
        fill(*given)
        seen.append(engine.whole())

    monkeypatch.setattr(making, "_fill", filled)
    assert making.make(order, Silent()) == engine
    assert seen == [False]
    assert engine.whole()


def test_repair_makes_a_new_one_beside_and_then_removes_the_old(order):
    first = making.make(order, Silent())
    shutil.rmtree(first.folder / "lib")
    again = Order(**{**fields(order), "anew": True})
    second = making.make(again, Silent())
    assert second.folder != first.folder
    assert chosen() == second
    assert not first.folder.exists()
    assert imported(second, "tinyone") == 0


def test_a_pack_that_is_at_work_stays_until_its_work_has_ended(order):
    first = making.make(order, Silent())
    working = subprocess.Popen([str(first.python), "-c", "input()"], stdin=subprocess.PIPE)
    second = making.make(Order(**{**fields(order), "anew": True}), Silent())
    assert chosen() == second
    assert first.python.exists()
    with pytest.raises(AppError) as told:
        making.remove(order.folder)
    assert told.value.code == "engine-busy"
    assert chosen() == second
    working.communicate(b"\n")
    making.remove(order.folder)
    assert not order.folder.exists()


def fields(order: Order) -> dict:
    return {name: getattr(order, name) for name in order.__dataclass_fields__}


def test_without_room_nothing_is_begun(order, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    with pytest.raises(AppError) as told:
        making.make(order, Silent())
    assert told.value.code == "disk-full"
    assert not list(order.folder.glob("engine-*"))


def test_removing_goes_back_to_our_own_and_leaves_nothing(order):
    making.make(order, Silent())
    making.remove(order.folder)
    assert chosen() == Bundled()
    assert not order.folder.exists()


def test_nothing_is_removed_from_a_folder_that_is_not_ours(tmp_path, zeroapp_home):
    photos = tmp_path / "engine-photos"
    photos.mkdir()
    (photos / "one.jpg").write_bytes(b"x")
    with pytest.raises(AppError) as told:
        making.remove(tmp_path)
    assert told.value.code == "no-engines"
    assert (photos / "one.jpg").exists()


@pytest.mark.parametrize(
    ("known", "given", "asked"),
    [
        ({}, "", ["--default-index", offer.PYPI]),
        ({}, "https://mirror.example", ["--default-index", "https://mirror.example"]),
        ({"index": "https://torch.example"}, "", [offer.PYPI, "https://torch.example"]),
        ({"index": "https://torch.example"}, "https://mirror.example", ["https://mirror.example"]),
    ],
)
def test_torch_for_a_card_may_lie_elsewhere_than_all_other_packages(tmp_path, known, given, asked):
    words = making._source(Order(pack=pack(**known), folder=tmp_path, index=given))
    assert [word for word in words if word in asked] == asked
    assert sum(word.startswith("https://") for word in words) == len(
        [word for word in asked if word.startswith("https://")]
    )


def test_a_file_that_a_virus_scanner_holds_is_told_as_that():
    said = "cannot access the file because it is being used by another process. (os error 32)"
    assert "virus scanner" in making._not_made(said).hint
    for full in ("No space left on device (os error 28)", "not enough space (os error 112)"):
        assert "disk is full" in making._not_made(full).hint


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (PureWindowsPath(r"C:\Jörg M\zeroapp\engines"), "\\\\?\\C:\\Jörg M\\zeroapp\\engines"),
        (PureWindowsPath(r"\\nas\work\engines"), r"\\nas\work\engines"),
        (PurePosixPath("/home/jo/engines"), "/home/jo/engines"),
    ],
)
def test_what_lies_too_deep_for_windows_classic_paths_is_removed_too(place, told):
    assert making._of_any_length(place) == told


def test_another_making_in_the_same_folder_is_waited_for(order):
    with making._alone(order.folder), pytest.raises(AppError) as told:
        making.make(order, Silent())
    assert told.value.code == "engine-busy"
    choose(Bundled())
