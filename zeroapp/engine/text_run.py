"""A run whose task answers with texts: held against the base it came from, by loss and by eye."""

import time

import numpy as np
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from torch import nn

from zeroapp.dataset import Example, Part
from zeroapp.engine.heavy import half_of
from zeroapp.engine.loading import mapped, model_to_read
from zeroapp.engine.model_folder import write_model
from zeroapp.engine.reading import Floats, ReadProgress, read_losses
from zeroapp.engine.run_kind import Arrays, Standing
from zeroapp.engine.run_parts import Run, other_model
from zeroapp.protocol import LossSeen, Noted, Progressed, TriedRow
from zeroapp.quality.text_choice import choose
from zeroapp.quality.text_verdict import TextJudgement, Written, build_text_report
from zeroapp.report import AnyReport, TextReport, TextSelection
from zeroapp.rules import shared_rules
from zeroapp.task import Encoded, Writing
from zeroapp.work import Silent, Stopped
from zeroapp.writing import made_beside

WRITTEN = 24
"""Test prompts that both models answer: minutes on a slow computer, and enough to read."""

MOST = 96
"""Tokens of such an answer."""

_AT_ONCE = 8
_FILE = "probe.safetensors"


class TextRun:
    """See RunKind."""

    # one worse pass may be a high learning rate that comes down yet; two are learning by heart
    patience = 2

    def __init__(self, run: Run) -> None:
        self._run = run
        self._training = run.text_training

    def begin(self) -> None:
        """What the base makes of the validation answers before it learns anything."""
        run = self._run
        if run.gang.first and not run.folder.probe.is_dir():
            run.enter("probe", "Reading what it knows so far")
            model = _base_model(run)
            progress = ReadProgress(total=len(run.validation), work=run.work)
            losses = read_losses(
                self._training, model, run.validation, plan=run.plan, progress=progress
            )
            with made_beside(run.folder.probe) as beside:
                save_arrays({"losses": losses}, beside / _FILE)
        while not run.folder.probe.is_dir():
            time.sleep(0.1)  # a lost first rank ends us through the supervisor
        self._say("base", 0, self._base_losses())

    def start(self, model: nn.Module) -> None:
        """It starts as the base is."""

    def read_validation(self, model: nn.Module) -> Arrays:
        """losses: of each answer, summed over its tokens."""
        run = self._run
        # not to be stopped half-way: ranks meet in every batch, and the next step heeds the stop
        progress = ReadProgress(total=len(run.validation), work=Silent())
        rows = run.validation
        losses = read_losses(self._training, model, rows, plan=run.plan, progress=progress)
        return {"losses": losses}

    def standing(self, arrays: Arrays, *, step: int) -> Standing:
        """The mean loss of a token; nothing is right or wrong."""
        return Standing(right=0, loss=self._say("fine-tuned", step, arrays["losses"]))

    def _say(self, model: str, step: int, losses: Floats) -> float:
        run = self._run
        tokens = _tokens(run.validation)
        loss = float(losses.sum() / max(1, tokens))
        if run.gang.first:
            n = len(run.validation)
            run.work.say(LossSeen(model=model, step=step, n=n, tokens=tokens, loss=loss))
        return loss

    def _base_losses(self) -> Floats:
        return load_arrays(self._run.folder.probe / _FILE)["losses"]

    def _selection(self) -> TextSelection:
        run, tuned = self._run, None
        if run.tuned.is_dir():
            tuned = load_arrays(run.tuned / "validation.safetensors")["losses"]
        tokens = np.array([row.targets for row in run.validation])
        return choose(tokens, base=self._base_losses(), tuned=tuned)

    def finish(self) -> None:
        """Write the taught model, or the base where teaching made nothing better."""
        run = self._run
        run.enter("saving", "Choosing and saving the better model")
        if run.folder.model.is_dir():
            return
        selection = self._selection()
        if selection.in_use == "fine-tuned":
            state = mapped(run.tuned / "weights.safetensors")
        else:
            state = dict(_base_model(run).state_dict())
        self._keep_rules()
        write_model(run, state, in_use=selection.in_use)

    def _keep_rules(self) -> None:
        """What nearly all talks to learn from begin with, need not be said again."""
        rules = shared_rules(row.text for row in self._run.parts[Part.train])
        self._training.begin_with(rules)
        if rules:
            text = "Your examples begin with the same rules; the model begins with them by itself."
            self._run.work.say(Noted(level="info", text=text, code="rules-kept"))

    def judge(self, *, seconds: float, before: AnyReport | None = None) -> AnyReport:
        """Against the base, on the same test examples."""
        run, began = self._run, time.monotonic()
        run.enter("judging", "Checking its work on examples it has never seen")
        known = isinstance(before, TextReport)
        selection = before.selection if isinstance(before, TextReport) else self._selection()
        rows = run.parts[Part.test]
        encoded = self._training.encode(rows)
        prompts = rows[:: max(1, len(rows) // WRITTEN)][:WRITTEN]
        read = []
        for model in (_base_model(run), _finished_model(run)):
            progress = ReadProgress(total=len(encoded), work=run.work)
            losses = read_losses(self._training, model, encoded, plan=run.plan, progress=progress)
            read.append((losses, self._written(model, prompts)))
        (base, of_base), (ours, of_ours) = read
        return build_text_report(
            TextJudgement(
                run_id=run.folder.id,
                task=run.plan.task,
                base=run.plan.base,
                data_version=run.plan.data_version,
                tokens=np.array([row.targets for row in encoded]),
                base_losses=base,
                losses=ours,
                written=Written(rows=tuple(prompts), base=tuple(of_base), ours=tuple(of_ours)),
                learned=[row.label or "" for row in run.parts[Part.train]],
                selection=selection,
                train_rows=len(run.parts[Part.train]),
                validation_rows=len(run.parts[Part.validation]),
                seconds=seconds + (0.0 if known else time.monotonic() - began),
            )
        )

    def _written(self, model: nn.Module, rows: list[Example]) -> list[str]:
        run, written = self._run, list[str]()

        def heed(_texts: object) -> None:
            if run.work.stop_wanted():
                raise Stopped

        for start in range(0, len(rows), _AT_ONCE):
            prompts = [row.text for row in rows[start : start + _AT_ONCE]]
            wish = Writing(most=MOST)
            written += self._training.write(model, prompts, wish=wish, said=heed)
            run.work.say(Progressed(done=len(written), total=len(rows), unit="answers"))
        return written

    def fit_adopted(self) -> None:
        """The base's losses came from there too: one for each of this project's rows."""
        losses = self._base_losses()
        if losses.shape != (len(self._run.validation),) or not np.isfinite(losses).all():
            raise other_model("losses: another number of rows, or not numbers")

    def answered(self, model: nn.Module, *, rows: int) -> tuple[TriedRow, ...]:
        """None: a sharded model writes too slowly for a rehearsal."""
        del model, rows
        return ()


def _base_model(run: Run) -> nn.Module:
    device, place = run.gang.torch_device, run.folder.path
    return model_to_read(run.training, plan=run.plan, device=device, place=place).eval()


def _finished_model(run: Run) -> nn.Module:
    """What lies in model/: the very file that is exported and tried."""
    return half_of(run.plan, run.folder.model).build().to(run.gang.torch_device).eval()


def _tokens(rows: list[Encoded]) -> int:
    return sum(row.targets for row in rows)
