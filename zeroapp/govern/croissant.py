"""What a project's data is and where it comes from, as Croissant metadata (JSON-LD).

Croissant 1.0, http://mlcommons.org/croissant/1.0, with the responsible-AI fields of 1.0. Written by
hand, because the library of its makers brings fourteen packages.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from zeroapp.dataset import ColumnKind, DatasetProfile, SourceFile
from zeroapp.inspection import Verdict
from zeroapp.licences import url_of
from zeroapp.origin import Origin
from zeroapp.project import Project
from zeroapp.writing import write_whole

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FORMATS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/x-parquet",
}
_TYPES = {ColumnKind.number: "sc:Float", ColumnKind.date: "sc:Date"}
_READ = ("text/csv", "text/tab-separated-values")


def describe_data(project: Project) -> dict[str, Any]:
    """The whole description; fields of columns where the data was checked."""
    files = [file for file in project.files() if file.rows_stored]
    origins, profile = project.store.origins(), project.profile()
    stated = [origins[file.sha256] for file in files if file.sha256 in origins]
    made: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": project.folder.name,
        "description": _description(project, profile),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        # the name of the version where semantic versions have room for one
        "version": f"1.0.0+{profile.version}" if profile else "0.0.0",
        "citeAs": "; ".join(dict.fromkeys(one.source for one in stated)) or project.folder.name,
        "url": project.folder.as_uri(),
        "license": sorted({url_of(one.licence) or one.licence for one in stated}) or ["unknown"],
        "datePublished": max((file.added_at for file in files), default=""),
        "distribution": [_file(n, file, origins=origins) for n, file in enumerate(files)],
        "rai:dataCollection": "; ".join(_said(file, origins=origins) for file in files),
        "rai:personalSensitiveInformation": _personal(project),
        "rai:dataManipulationProtocol": _changes(project),
        "rai:dataBiases": _findings(project),
    }
    if profile is not None:
        made["recordSet"] = [
            _records(n, profile=profile) for n, file in enumerate(files) if _format(file) in _READ
        ]
    return made


def write_description(description: dict[str, Any], out: Path) -> None:
    """Write it as JSON; the file is whole or not there."""
    write_whole(out, json.dumps(description, indent=2, ensure_ascii=False).encode() + b"\n")


def _description(project: Project, profile: DatasetProfile | None) -> str:
    rows = f"{project.count():,} rows"
    if profile is None:
        return f"{rows}, not checked since they changed."
    kinds = ", ".join(f"{one.label} ({one.count:,})" for one in profile.labels[:50])
    said = f"{profile.usable:,} of {rows} are used"
    return f"{said}; labels: {kinds}." if kinds else f"{said}."


def _file(number: int, file: SourceFile, *, origins: dict[str, Origin]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"file-{number}",
        "name": file.name,
        "description": _said(file, origins=origins),
        # a path: the library of Croissant's makers opens no file by its URL
        "contentUrl": Path(file.path).as_posix(),
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _format(file),
        "sha256": file.sha256,
    }


def _format(file: SourceFile) -> str:
    return _FORMATS.get(Path(file.name).suffix.lower(), "application/octet-stream")


def _said(file: SourceFile, *, origins: dict[str, Origin]) -> str:
    origin = origins.get(file.sha256)
    added = f"{file.name}: added {file.added_at}"
    added += f" by {file.added_by}" if file.added_by else ""
    rows = f"{file.rows_stored:,} of {file.rows_in:,} rows stored"
    if origin is None:
        return f"{added}, {rows}; nobody has said where it comes from"
    who = f" by {origin.stated_by}" if origin.stated_by else ""
    return (
        f"{added}, {rows}; {origin.source} (licence {origin.licence}, stated {origin.stated_at}"
        f"{who})"
    )


def _personal(project: Project) -> str:
    look = next((one for one in project.store.looks() if one.name == "personal"), None)
    if look is None:
        return "not looked for"
    found = " ".join(problem.title for problem in look.problems) or "none found"
    hidden = "; hidden in training" if project.store.masks() else ""
    return f"{found}{hidden}. {look.blind}"


def _changes(project: Project) -> str:
    """Repairs on reading and edits by hand, counted by kind."""
    repairs = [f"{r.file}: {r.sentence} ({r.count:,})" for r in project.repairs() if not r.undone]
    edits = Counter(type(entry.edit).__name__ for entry in project.store.edits())
    by_hand = [f"{name}: {count:,}" for name, count in sorted(edits.items())]
    return "; ".join(repairs + by_hand) or "none"


def _findings(project: Project) -> str:
    every = [*project.problems(), *(p for look in project.store.looks() for p in look.problems)]
    said = []
    for problem in every:
        verdict = project.verdict_on(problem)
        if verdict is not Verdict.dismissed:
            said.append(f"{problem.title}{' (accepted)' if verdict is Verdict.accepted else ''}")
    return " ".join(said) or "none found"


def _records(number: int, *, profile: DatasetProfile) -> dict[str, Any]:
    name = f"rows-{number}"
    roles = {column: role for role, column in profile.roles.items()}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column.name}",
                "name": f"{name}/{column.name}",
                "description": f"plays the part “{roles[column.name]}”"
                if column.name in roles
                else "",
                "dataType": _TYPES.get(column.kind, "sc:Text"),
                "source": {
                    "fileObject": {"@id": f"file-{number}"},
                    "extract": {"column": column.name},
                },
            }
            for column in profile.columns
        ],
    }
