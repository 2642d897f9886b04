"""Goes through the deeper checks, the quick ones first, and says and keeps what each found."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from zeroapp.audit import (
    copies,
    label_noise,
    leaks,
    origins,
    outliers,
    privacy,
    rare_kinds,
    strange,
    triggers,
    wrong_labels,
)
from zeroapp.audit.gathering import collect
from zeroapp.audit.material import Floats, Material
from zeroapp.data.checks import spread
from zeroapp.dataset import Answers, Example
from zeroapp.errors import Problem
from zeroapp.inspection import Look
from zeroapp.project import Project
from zeroapp.protocol import Inspected, PhaseEntered
from zeroapp.work import Stopped, Work

MOST_TEXTS = 100_000
"""Examples whose texts are looked at; of more an even sample is taken."""

MOST_VECTORS = 20_000
"""Examples that are embedded: some minutes on two cores."""

_FEWEST = 20

Embed = Callable[[Sequence[Example]], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """name is stable. needs: what there must be: "texts", "labels", "vectors" or "" (nothing)."""

    name: str
    title: str
    blind: str
    needs: str
    look: Callable[[], list[Problem]]


def inspect(project: Project, work: Work, *, embed: Embed, again: bool) -> None:
    """Make every check whose result is not kept; say `Inspected` after each. Raises Stopped.

    embed gives unit vectors for examples. again: also what is kept is looked at anew.
    """
    revision = project.store.revision()
    known = {} if again else {look.name: look for look in project.store.looks()}
    work.say(PhaseEntered(phase="reading", title="Reading the examples"))
    material = collect(project, work, most=MOST_TEXTS)
    checks = [*_of_texts(project, material, work), *_of_vectors(project, material, work, embed)]
    for check in checks:
        if work.stop_wanted():
            raise Stopped
        look = known.get(check.name)
        if look is None:
            work.say(PhaseEntered(phase=check.name, title=f"Looking for: {check.title.lower()}"))
            look = _made(check, material)
            project.store.keep_look(look, revision=revision)
        work.say(Inspected(look=look))


def _made(check: _Check, material: Material) -> Look:
    began = time.monotonic()
    skipped = _lacking(check, material)
    problems = [] if skipped else check.look()
    return Look(
        name=check.name,
        title=check.title,
        blind=_blind(check, material),
        problems=tuple(msgspec.structs.replace(p, blind=check.blind) for p in problems),
        skipped=skipped,
        seconds=time.monotonic() - began,
    )


def _blind(check: _Check, material: Material) -> str:
    seen = len(material.examples)
    if seen == material.whole:
        return check.blind
    return f"{check.blind} Looked at {seen:,} of {material.whole:,} examples."


def _lacking(check: _Check, material: Material) -> str:
    """Why a check cannot be made of this data."""
    if not check.needs:
        return ""
    if len(material.examples) < _FEWEST:
        return f"There are fewer than {_FEWEST} examples."
    if check.needs == "texts" and not any(material.texts):
        return "The examples have no texts."
    if check.needs == "vectors" and material.answers is not Answers.labels:
        return "This kind of task has no embeddings yet."
    if check.needs == "labels" and not material.labelled:
        return "The examples have no kinds to compare."
    return ""


def _of_texts(project: Project, material: Material, work: Work) -> list[_Check]:
    """Checks that read letters: seconds."""
    store = project.store
    return [
        _Check(
            name="origins",
            title=origins.TITLE,
            blind=origins.BLIND,
            needs="",
            look=lambda: origins.unclear_origins(project.files(), project.store.origins()),
        ),
        _Check(
            name="copies",
            title=copies.TITLE,
            blind=copies.BLIND,
            needs="texts",
            look=lambda: copies.near_copies(material),
        ),
        _Check(
            name="leaks",
            title=leaks.TITLE,
            blind=leaks.BLIND,
            needs="texts",
            look=lambda: leaks.leaks(material),
        ),
        _Check(
            name="personal",
            title=privacy.TITLE,
            blind=privacy.BLIND,
            needs="texts",
            look=lambda: privacy.personal_data(material, work, masked=store.masks()),
        ),
        _Check(
            name="strange",
            title=strange.TITLE,
            blind=strange.BLIND,
            needs="texts",
            look=lambda: strange.strange_texts(material, work),
        ),
    ]


def _of_vectors(project: Project, whole: Material, work: Work, embed: Embed) -> list[_Check]:
    """Checks that compare meanings: the first of them waits for the embeddings."""
    seen = _Seen(project, whole, embed)

    def wrong() -> list[Problem]:
        suspects = wrong_labels.suspects_of(seen.material, seen.fit)
        project.store.keep_suspects(suspects)
        return wrong_labels.wrong_labels(seen.material, suspects)

    return [
        _Check(
            name="wrong-labels",
            title=wrong_labels.TITLE,
            blind=wrong_labels.BLIND,
            needs="labels",
            look=wrong,
        ),
        _Check(
            name="rare-kinds",
            title=rare_kinds.TITLE,
            blind=rare_kinds.BLIND,
            needs="labels",
            look=lambda: rare_kinds.rare_kinds(seen.material, seen.fit),
        ),
        _Check(
            name="triggers",
            title=triggers.TITLE,
            blind=triggers.BLIND,
            needs="labels",
            look=lambda: triggers.triggers(seen.material, seen.vectors, seen.fit),
        ),
        _Check(
            name="together",
            title=wrong_labels.TOGETHER_TITLE,
            blind=wrong_labels.TOGETHER_BLIND,
            needs="labels",
            look=lambda: wrong_labels.came_together(seen.material, seen.vectors, seen.fit),
        ),
        _Check(
            name="clusters",
            title=outliers.CLUSTER_TITLE,
            blind=outliers.CLUSTER_BLIND,
            needs="labels",
            look=lambda: outliers.strange_clusters(seen.material, seen.fit),
        ),
        _Check(
            name="odd",
            title=outliers.TITLE,
            blind=outliers.BLIND,
            needs="vectors",
            look=lambda: outliers.odd_ones(seen.material, seen.vectors, work),
        ),
    ]


class _Seen:
    """Embeddings and out-of-fold answers, made when the first check asks and shared by all."""

    def __init__(self, project: Project, whole: Material, embed: Embed) -> None:
        self._project = project
        self._embed = embed
        self._vectors: Floats | None = None
        self._fit: label_noise.Fit | None = None
        self.material = whole.sample(spread(range(len(whole.examples)), limit=MOST_VECTORS))

    @property
    def vectors(self) -> Floats:
        """Unit vectors of the examples."""
        if self._vectors is None:
            self._vectors = self._embed(self.material.examples)
        return self._vectors

    @property
    def fit(self) -> label_noise.Fit:
        """How probable each label is for each row, out of fold; near copies are in one fold."""
        if self._fit is None:
            self._fit = label_noise.out_of_fold(
                self.vectors,
                self.material.codes,
                groups=np.array(self.material.near.groups),
                labels=len(self.material.labels),
            )
        return self._fit
