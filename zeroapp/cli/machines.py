"""`zeroapp recipe` and `zeroapp adopt`: give a plan away to other computers, take the result in."""

from argparse import Namespace
from typing import Any

from zeroapp import protocol as p
from zeroapp.cli import journey, shapes, words
from zeroapp.cli.console import Console
from zeroapp.cli.follow import do
from zeroapp.errors import WorkError
from zeroapp.packs.launching import launch
from zeroapp.plan import Device
from zeroapp.project import Project
from zeroapp.runs.adopt import adopt as place


def recipe(args: Namespace, console: Console) -> int:
    """Write the folder with which other computers train the project's plan."""
    with Project.open(args.project) as project:
        job = p.WriteRecipe(
            project=str(project.folder),
            plan=journey.plan_to_train(project, project.options(), console),
            out=str(args.out.absolute()),
            nodes=args.nodes,
            ranks_per_node=args.ranks_per_node,
        )
        written = do(job, project.new_run("recipe"), console).recipe
    if written is None:
        raise WorkError(
            "no-result",
            title="The work ended without a recipe.",
            hint="Try again; if it happens again, send us the report.",
        )
    console.result(_written(written), recipe_words(written))
    return 0


def adopt(args: Namespace, console: Console) -> int:
    """Take in what was trained elsewhere and judge it here, on this computer's processor."""
    with Project.open(args.project) as project:
        run, job = place(project, args.folder.absolute(), device=Device.cpu)
        trained = journey.finish(launch(job, run), console, resumed=False)
    console.result(shapes.trained(trained), words.trained(trained.report, trained.memory))
    return 0


def _written(said: p.RecipeWritten) -> dict[str, Any]:
    names = ("out", "nodes", "ranks_per_node", "bytes", "bytes_per_step", "warning")
    return {name: getattr(said, name) for name in names}


def recipe_words(said: p.RecipeWritten) -> str:
    """What was written, what the network has to carry, and the next step."""
    each = f"{said.nodes} computer(s) with {said.ranks_per_node} process(es) each"
    lines = [
        f"Wrote {said.out} ({words.size(said.bytes)}) for {each}.",
        "It holds your examples as they are: copy it only to computers you trust.",
    ]
    if said.nodes > 1:
        lines.append(f"A process sends {words.size(said.bytes_per_step)} in each step.")
    if said.warning:
        lines.append(said.warning)
    return "\n".join([*lines, f"Next: read {said.out}/README.md"])
