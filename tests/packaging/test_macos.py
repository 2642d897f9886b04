"""The macOS image, with stand-ins for Apple's tools: what is called, on what, in which order."""

import plistlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import contents  # noqa: E402 - a script's folder, not a package
import macos  # noqa: E402

CODE = b"\xcf\xfa\xed\xfe"
TOOLS = {
    "ditto": 'cp -R "$1" "$2"',
    "hdiutil": 'for last; do :; done; echo image > "$last"',
    "codesign": "",
    "xcrun": "",
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stand-ins are shell scripts")


@pytest.fixture
def app(tmp_path):
    inside = tmp_path / "zeroapp.app" / "Contents"
    for name, content in {
        "MacOS/zeroapp": CODE,
        "Frameworks/torch/lib/libtorch.dylib": CODE,
        "Resources/notes.txt": b"text",
    }.items():
        (inside / name).parent.mkdir(parents=True)
        (inside / name).write_bytes(content)
    (inside / "Frameworks" / "link.dylib").symlink_to("torch/lib/libtorch.dylib")
    return inside.parent


@pytest.fixture
def called(tmp_path, monkeypatch):
    """Calls of Apple's tools so far, a line each."""
    log, folder = tmp_path / "calls", tmp_path / "tools"
    folder.mkdir()
    for name, does in TOOLS.items():
        (folder / name).write_text(f'#!/bin/sh\necho {name} "$@" >> "{log}"\n{does}\n')
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("MACOS_IDENTITY", "APPLE_ID"):
        monkeypatch.delenv(name, raising=False)
    return lambda: log.read_text("utf-8").splitlines()


def test_code_is_signed_from_the_inside_out_and_each_piece_once(app, called, tmp_path):
    file = macos.image(app, name="zeroapp-small", into=tmp_path)
    assert file.name.startswith("zeroapp-small-")
    assert file.read_text() == "image\n"
    signed = [line.split("/")[-1] for line in called() if line.startswith("codesign --force")]
    assert signed == ["libtorch.dylib", "zeroapp", "zeroapp.app"]
    assert all("--options runtime" in line for line in called() if "--force" in line)
    assert not [line for line in called() if line.startswith("xcrun")]


def test_with_the_makers_secrets_apple_looks_at_the_image(app, called, tmp_path, monkeypatch):
    secrets = {"MACOS_IDENTITY": "Developer ID", "APPLE_ID": "a@b.example"}
    for name, value in {**secrets, "APPLE_TEAM_ID": "T", "APPLE_APP_PASSWORD": "p"}.items():
        monkeypatch.setenv(name, value)
    file = macos.image(app, name="zeroapp", into=tmp_path)
    sign, submit, staple = called()[-3:]
    assert sign == f"codesign --sign Developer ID --timestamp {file}"
    assert submit.startswith(f"xcrun notarytool submit {file} --apple-id a@b.example")
    assert staple == f"xcrun stapler staple {file}"


def test_what_macos_is_told_can_be_read_and_names_our_kind_of_file():
    entitled = plistlib.loads(macos.ENTITLEMENTS.read_bytes())
    assert entitled == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
        "com.apple.security.cs.disable-library-validation": True,
    }
    told = plistlib.loads(plistlib.dumps(contents.mac_properties("1.2.3")))
    [kind] = told["UTExportedTypeDeclarations"]
    assert kind["UTTypeTagSpecification"] == {"public.filename-extension": ["zeroapp"]}
    assert told["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]
