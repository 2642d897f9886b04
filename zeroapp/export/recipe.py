"""Writes a recipe: a folder with all that other computers need to train one plan of a project.

The rows kept for the last judgement, this computer's paths and its secrets stay at home.
"""

import secrets
import shutil
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import msgspec
from msgspec.structs import replace

import zeroapp
from zeroapp import models, paths
from zeroapp.checksum import sha256_of
from zeroapp.dataset import Example, Part
from zeroapp.errors import UsageError
from zeroapp.export.bundle import refuse_taken, require_room, whole_or_nothing
from zeroapp.export.recipe_words import readme, run_script
from zeroapp.export.traffic import traffic
from zeroapp.plan import Offload, Precision, TrainPlan, ZeroStage
from zeroapp.project import Project
from zeroapp.protocol import PhaseEntered, RecipeWritten, WriteRecipe
from zeroapp.runs.recipe import Kept, Recipe, RecipeFolder, kept_file, sums
from zeroapp.work import Work
from zeroapp.writing import write_whole

NEEDED = (
    *("torch", "transformers", "tokenizers", "safetensors", "numpy", "scipy", "scikit-learn"),
    *("msgspec", "filelock", "platformdirs", "psutil", "accelerate", "peft"),
    *("jinja2", "pillow", "pi-heif"),
)
"""What training away imports; accelerate starts it where that is preferred to torchrun."""

_BASE_FILES = (".json", ".jinja", ".safetensors", ".txt", ".model")
_BASE = "base"
MOST_RANKS = 64


def write_recipe(job: WriteRecipe, work: Work) -> RecipeWritten:
    """Write the folder job.out, whole or not at all.

    Raises UsageError("export-exists", "bad-plan-value", "data-changed", "no-sources"),
    ResourceError("disk-full", "no-permission"), ModelError.
    """
    out = Path(job.out)
    refuse_taken(out)
    plan = spread(job.plan, nodes=job.nodes, ranks_per_node=job.ranks_per_node)
    base = models.describe(plan.base)
    work.say(PhaseEntered(phase="preparing", title="Getting the base model ready"))
    source = models.prepare(plan.base, work)
    with Project.open(Path(job.project)) as project:
        parts = project.parts(version=plan.data_version, seed=plan.seed)
    work.say(PhaseEntered(phase="saving", title="Writing the recipe"))
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    require_room(out.absolute().parent, needed=2 * base.parameters * 4)
    away = replace(plan, base=_BASE, threads=0, memory_limit=0)
    moved = traffic(away, parameters=base.parameters, frozen=base.embedding_parameters)
    with whole_or_nothing(out) as beside:
        folder = RecipeFolder(beside)
        folder.plan_file.write_bytes(_pretty(away))
        _write_rows(folder, parts)
        _copy_base(source, folder.base)
        _copy_sources(beside / "code")
        recipe = Recipe(
            id=secrets.token_hex(8),
            task=plan.task,
            data_version=plan.data_version,
            nodes=job.nodes,
            ranks_per_node=job.ranks_per_node,
            made_by=f"zeroapp {zeroapp.__version__}",
            files=sums(beside),
        )
        folder.about.write_bytes(_pretty(recipe))
        # after the sums: an address or a port may be written into these
        _write_launch(beside, away, job)
        (beside / "README.md").write_text(readme(away, job, base=base.title, moved=moved), "utf-8")
        _keep(Path(job.project), recipe, plan, away=folder.plan_file, parameters=base.parameters)
    return RecipeWritten(
        out=str(out),
        nodes=job.nodes,
        ranks_per_node=job.ranks_per_node,
        bytes=sum(path.stat().st_size for path in out.rglob("*") if path.is_file()),
        bytes_per_step=moved.bytes,
        warning=moved.warning,
    )


def spread(plan: TrainPlan, *, nodes: int, ranks_per_node: int) -> TrainPlan:
    """The plan on so many machines; raises UsageError("bad-plan-value").

    Stage 1 where nothing else was asked for: over a network it moves the least.
    """
    ranks = nodes * ranks_per_node
    if nodes < 1 or ranks_per_node < 1 or ranks > MOST_RANKS:
        raise UsageError(
            "bad-plan-value",
            title=f"{nodes} machines with {ranks_per_node} processes each are not possible.",
            hint=f"Choose at least one of each, and at most {MOST_RANKS} processes together.",
        )
    stage = plan.zero_stage if plan.zero_stage or ranks == 1 else ZeroStage.optimizer
    alone = plan.offload in (Offload.disk, Offload.optimizer)  # with one process only
    offload = Offload.none if alone and ranks > 1 else plan.offload
    return replace(plan, ranks=ranks, zero_stage=stage, offload=offload)


def _keep(project: Path, recipe: Recipe, plan: TrainPlan, *, away: Path, parameters: int) -> None:
    kept = Kept(
        id=recipe.id,
        plan=plan,
        plan_sha256=sha256_of(away),
        parameters=parameters,
        nodes=recipe.nodes,
        ranks_per_node=recipe.ranks_per_node,
    )
    file = kept_file(project, recipe.id)
    file.parent.mkdir(exist_ok=True)
    write_whole(file, _pretty(kept))


def _write_rows(folder: RecipeFolder, parts: Mapping[Part, Sequence[Example]]) -> None:
    """Training and validation rows; the test part stays at home."""
    for part in (Part.train, Part.validation):
        file = folder.rows(part)
        file.parent.mkdir(exist_ok=True)
        rows = (_with_picture(row, folder) if row.name else row for row in parts[part])
        file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def _with_picture(row: Example, folder: RecipeFolder) -> Example:
    """The row with its picture beside it, by the name of its content; what the person calls it
    and where it lies stay at home.
    """
    picture = folder.picture(Path(row.text).name)
    picture.parent.mkdir(exist_ok=True)
    if not picture.exists():
        shutil.copyfile(row.text, picture)
    return replace(row, text=picture.name, name=picture.name)


def _copy_base(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix in _BASE_FILES:
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)  # what a link points to, not the link


def _copy_sources(target: Path) -> None:
    """This very version of zeroapp; samples stay here, they may hold the test rows of a demo."""
    package = Path(zeroapp.__file__).parent
    if not (package / "worker" / "node.py").is_file():
        raise UsageError(
            "no-sources",
            title="This copy of zeroapp cannot write recipes: it came without its sources.",
            hint="Install zeroapp with pip, then try again.",
        )
    for path in sorted(package.rglob("*.py")):
        place = target / "zeroapp" / path.relative_to(package)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    (target / "resources").mkdir()
    shutil.copyfile(paths.resources_dir() / "catalogue.json", target / "resources/catalogue.json")


def _write_launch(folder: Path, plan: TrainPlan, job: WriteRecipe) -> None:
    (folder / "run.sh").write_text(run_script(job), "utf-8", newline="\n")
    (folder / "requirements.txt").write_text(_requirements(), "utf-8")
    for node in range(job.nodes):
        _write_accelerate(folder / "accelerate" / f"node-{node}.yaml", plan, job, node=node)


def _requirements() -> str:
    lines = []
    for name in NEEDED:
        try:
            lines.append(f"{name}=={metadata.version(name).split('+')[0]}")
        except metadata.PackageNotFoundError:
            continue
    return "\n".join(lines) + "\n"


def _write_accelerate(file: Path, plan: TrainPlan, job: WriteRecipe, *, node: int) -> None:
    """For `accelerate launch`, which only starts the ranks; sharding is the plan's business.

    MULTI_GPU without graphics cards too: accelerate starts MULTI_CPU with mpirun or not at all.
    """
    from accelerate.commands.config.config_args import (  # type: ignore[import-untyped]
        ClusterConfig,
    )

    half = plan.precision is Precision.bf16
    file.parent.mkdir(exist_ok=True)
    ClusterConfig(
        compute_environment="LOCAL_MACHINE",
        distributed_type="MULTI_GPU",
        mixed_precision="bf16" if half else "no",
        use_cpu=False,
        debug=False,
        num_processes=plan.ranks,
        num_machines=job.nodes,
        machine_rank=node,
        main_process_ip="FIRST_MACHINE",
        main_process_port=29511,
        rdzv_backend="static",
        same_network=True,
    ).to_yaml_file(str(file))


def _pretty(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
