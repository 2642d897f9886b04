"""What goes into the installed app and what stays out: rules only, used by zeroapp.spec and build.py.

Paths are as they stand in the app's folder, with forward slashes on every system. The small app
is the window alone: the libraries that it loads, our sources, and uv, which fetches all else.
"""

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

OURS = ("zeroapp", "ui")

# Imported by name at run time, where no analysis sees it.
HIDDEN = (
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.chainer",
)

# What the window loads, and what makes packs; with what these need it is all of the small app.
WINDOW = (
    "PySide6-Essentials",
    "cryptography",
    "filelock",
    "httpx2",
    "keyring",
    "msgspec",
    "platformdirs",
    "psutil",
    "uv",
)

EXCLUDED = (
    "IPython",
    "PIL.ImageTk",
    "PyInstaller",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "grimp",
    "hypothesis",
    "importlinter",
    "matplotlib",
    "mypy",
    "numpy.tests",
    "onnx.backend.test",
    "pip",
    "pytest",
    "ruff",
    "sklearn.tests",
    "tensorboard",
    "tkinter",
    "torch.utils.tensorboard",
    "triton",
)

# Qt: what is under the GPL and not the LGPL (virtual keyboard, Lottie, Quick Timeline, the Wayland
# compositor, charts), and platforms without a desktop. torch: its tests and headers. GTK: drags
# half a desktop in. hf_xet: another way to fetch from the Hub; ours is plain HTTP. Most of all, nothing that ends in a header or a static library.
_DROPPED = re.compile(
    r"^(?:_internal/)?(?:"
    r"torch/(?:bin/(?!torch_shm_manager)|test/|include/|share/"
    r"|lib/lib(?:torchbind_test|aoti_custom_ops|backend_with_compiler|jitbackend_test))"
    r"|hf_xet[-/]|onnx/backend/test/|.*/tests?/data/|sklearn/datasets/(?:images|data)/|scipy/.*/tests/"
    r"|PySide6/(?:Qt/)?plugins/(?:platforms/(?:lib)?q(?:eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay"
    r"|vnc)\.|egldeviceintegrations/|generic/|networkinformation/"
    r"|platformthemes/libqgtk3|platforminputcontexts/(?:lib)?qtvirtual|sqldrivers/|qmltooling/"
    r"|designer/|qmllint/)"
    r"|(?:PySide6/(?:Qt/)?(?:lib/)?)?(?:lib)?Qt6(?:Egl|Lottie|Bodymovin|QuickTimeline|Wayland\w*Compositor"
    r"|WaylandCompositor|VirtualKeyboard|Pdf|Charts|DataVisualization|Graphs)"
    r"|PySide6/(?:Qt/)?(?:qml|resources)/"
    r"|PySide6/(?:Qt/)?translations/(?!qtbase_)"
    r"|lib(?:gtk|gdk|atk|atspi|cairo|pango|epoxy|harfbuzz|gdk_pixbuf|thai|datrie|fribidi|pixman"
    r"|cloudproviders|colord|lcms|rest|soup|tracker|avahi|cups|json-glib|readline|tinfo)[-_0-9.a-z]*so"
    r"|.*\.(?:pyi|h|hpp|cuh|cmake|a|lib|prl)$"
    r")"
)

# A desktop brings these itself; a second copy from the building machine breaks its graphics driver.
_OF_THE_SYSTEM = re.compile(
    r"^lib(?:stdc\+\+|gcc_s|X11|X11-xcb|Xau|Xdmcp|Xext|Xi|Xrandr|Xrender|Xfixes|Xcursor|Xdamage"
    r"|Xinerama|Xcomposite|GL|GLX|GLdispatch|OpenGL|EGL|drm|gbm|wayland-[a-z]+|fontconfig|freetype"
    r"|dbus-1|systemd|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|mount|blkid|selinux"
    r"|udev|expat|png16|brotli[a-z]*|graphite2|pcre2-8|gssapi_krb5|krb5|krb5support|k5crypto|com_err"
    r"|keyutils|cap|gcrypt|gpg-error|lz4|zstd|bsd|md|xcb[-a-z0-9]*|xkbcommon[-a-z0-9]*)\.so"
)


def excluded(*, small: bool) -> list[str]:
    """Modules that stay out whoever imports them."""
    return [*EXCLUDED, *(_beyond(WINDOW) if small else ())]


def _beyond(wanted: Iterable[str]) -> list[str]:
    """The modules of all packages that are installed here but not needed by those wanted."""
    kept = _with_needs(wanted)
    return sorted(
        module
        for module, packages in packages_distributions().items()
        if not kept & {_plain(name) for name in packages}
    )


def _with_needs(wanted: Iterable[str]) -> set[str]:
    """Packages and all that they need in turn on this system."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    left = [_plain(name) for name in wanted]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            needs = [Requirement(text) for text in distribution(name).requires or ()]
            left += [_plain(n.name) for n in needs if not n.marker or n.marker.evaluate()]
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def is_dropped(place: str) -> bool:
    """Whether a collected file is left out."""
    return bool(_DROPPED.match(place))


def is_of_the_system(place: str, source: str) -> bool:
    """Whether a library comes from the building machine and every desktop has its own."""
    system = source.startswith(("/lib", "/usr/lib"))
    return system and bool(_OF_THE_SYSTEM.match(place.rpartition("/")[2]))


def kept(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Of PyInstaller's (place, source, kind) those that go in."""
    return [
        entry
        for entry in entries
        if not is_dropped(plain := entry[0].replace("\\", "/"))
        and not is_of_the_system(plain, entry[1])
    ]


def in_order(scripts: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """PyInstaller's hooks and our entry, always in one order: it gives the hooks in that of a set.

    Its own first hook stays the first, the entry the last.
    """
    return sorted(scripts, key=lambda s: (s[0] == "entry", s[0] != "pyi_rth_inspect", s[0]))


def is_ours(module: str) -> bool:
    """Whether a module is ours, so that its source lies in the app as a file."""
    return module.partition(".")[0] in OURS


def our_sources() -> list[tuple[str, str]]:
    """Our packages and resources as (file, folder in the app)."""
    files = [path for top in (*OURS, "resources") for path in sorted((ROOT / top).rglob("*"))]
    return [
        (str(path), str(Path("source") / path.relative_to(ROOT).parent))
        for path in files
        if path.is_file() and not any(map(_is_left_behind, path.relative_to(ROOT).parts))
    ]


def _is_left_behind(name: str) -> bool:
    """Whether a tool made this file or folder among our sources; what is ours has no dot."""
    return name == "__pycache__" or name.startswith(".")


def names(requirements: Path) -> list[str]:
    """The packages a requirements file names."""
    lines = requirements.read_text("utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line and line[0] not in "#-"]


def libraries(*, small: bool) -> list[str]:
    """The packages of ours that go in."""
    return list(WINDOW) if small else names(ROOT / "requirements" / "runtime.txt")


def data(*, small: bool) -> list[tuple[str, str]]:
    """Every file that is not found by following imports, as (file, folder in the app)."""
    always = [*our_sources(), *library_data(libraries(small=small)), *tools()]
    return always if small else [*always, *model_files(), *library_sources()]


def hidden(*, small: bool) -> list[str]:
    """Modules that no analysis sees."""
    return [*HIDDEN, *(() if small else library_modules())]


def model_files() -> list[tuple[str, str]]:
    """The starters' files and licences as (file, folder in the app): data only, never their code.

    What the catalogue names; of a package in models.txt that it does not name, all its data.
    """
    sys.path.insert(0, str(ROOT))
    from zeroapp.catalogue import entries
    from zeroapp.models.packaged import locate

    parts = {(part.module, part.path): part for entry in entries() for part in entry.parts}
    modules = {module for module, _ in parts}
    found = [(str(locate(part)), _below(part.module, part.path)) for part in parts.values()]
    for name in names(ROOT / "requirements" / "models.txt"):
        package = distribution(name)
        found += list(_files(package, known=modules))
    return sorted(set(found))


def _below(module: str, path: str) -> str:
    return str(Path("models", module.replace(".", "/"), path).parent)


def _files(package: Distribution, *, known: set[str]) -> Iterator[tuple[str, str]]:
    for file in package.files or ():
        legal = "licen" in file.name.lower() or file.name == "METADATA"
        data = file.suffix not in {".py", ".pyc", ".so", ".pyd", ".c", ".h", ".exe"}
        # Libraries and programs that came along are code.
        named = file.parts[0] in known or file.parts[0] == ".." or "." in file.parts[0]
        if legal or (data and not named):
            place = Path(str(package.locate_file(file)))
            if place.is_file():
                yield str(place), str(Path("models") / file.parent)


# The families of the starters and of the encoders people ask for are compiled into the app; all
# others lie in it as sources and take a second longer to load.
FAMILIES = (
    "auto",
    "bert",
    "roberta",
    "xlm_roberta",
    "distilbert",
    "deberta_v2",
    "mpnet",
    "electra",
)


def library_modules() -> list[str]:
    """Modules of libraries that are imported by a name made at run time."""
    from PyInstaller.utils.hooks import collect_submodules

    families = [collect_submodules(f"transformers.models.{family}") for family in FAMILIES]
    whole = [collect_submodules(n, filter=_wanted) for n in ("peft", "scipy.stats", "chardet")]
    return [module for found in (*families, *whole, _shared("chardet")) for module in found]


def _shared(name: str) -> list[str]:
    """The module that all compiled modules of a package share, beside it under a made-up name."""
    tops = {file.parts[0].split(".")[0] for file in distribution(name).files or ()}
    return sorted(top for top in tops if top.endswith("__mypyc"))


def _wanted(module: str) -> bool:
    return "tests" not in module.split(".")


def library_sources() -> list[tuple[str, str]]:
    """The model families of transformers, and scripts of onnxruntime that import each other."""
    found = []
    for name, pattern in (("transformers", "models/**/*.py"), ("onnxruntime", "transformers/*.py")):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        top = Path(spec.origin).parent
        found += [
            (str(path), str(Path(name) / path.relative_to(top).parent))
            for path in sorted(top.glob(pattern))
        ]
    return found


# Their hooks know better what they need at run time.
_HAVE_HOOKS = (
    "PySide6-Essentials",
    "torch",
    "scikit-learn",
    "scipy",
    "numpy",
    "onnx",
    "onnxruntime",
)


def library_data(packages: Iterable[str]) -> list[tuple[str, str]]:
    """Tables and templates that our libraries read at run time, as (file, folder in the app)."""
    found = []
    for name in packages:
        if name in _HAVE_HOOKS:
            continue
        package = distribution(name)
        for file in package.files or ():
            code = file.suffix in {".py", ".pyc", ".pyi", ".so", ".pyd", ".dll", ".typed"}
            inside = "." not in file.parts[0] and len(file.parts) > 1
            if inside and not code and "tests" not in file.parts:
                found.append((str(package.locate_file(file)), str(file.parent)))
    return found


def tools() -> list[tuple[str, str]]:
    """Programs the app carries: uv, which makes the environment of another engine."""
    import uv

    return [(uv.find_uv_bin(), "tools")]


def icon_file() -> str | None:
    """The icon of the program, which build.py has drawn; Linux has it beside the program."""
    suffix = {"win32": ".ico", "darwin": ".icns"}.get(sys.platform)
    return str(ROOT / "build" / "icons" / f"zeroapp{suffix}") if suffix else None


def mac_properties(version: str) -> dict[str, object]:
    """What macOS is told about the app: its version, its kind of file, where it runs."""
    kind = "org.zeroapp.project"
    return {
        "CFBundleShortVersionString": version,
        "CFBundleDisplayName": "zeroapp",
        "LSMinimumSystemVersion": "14.0",
        "NSHighResolutionCapable": True,
        "LSApplicationCategoryType": "public.app-category.productivity",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "zeroapp project",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [kind],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": kind,
                "UTTypeDescription": "zeroapp project",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["zeroapp"]},
            }
        ],
    }
