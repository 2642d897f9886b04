"""What this computer can do: looked up, and measured with the starter model. Remembered on disk."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil
from msgspec.structs import replace

from zeroapp import catalogue, models, paths
from zeroapp.engine.gang import Gang
from zeroapp.hardware import Gpu, HardwareProfile, Throughput
from zeroapp.plan import Device, Precision, TrainPlan
from zeroapp.protocol import PhaseEntered
from zeroapp.work import Work
from zeroapp.writing import write_whole

_TOKENS = 512
"""A usual step of short texts; long enough that matrix products decide."""

_REPEATS = 5

_FORWARD_IS_FASTER = 3.0
"""Reading against training, by the arithmetic: backward costs twice as much as forward."""


def probe(work: Work, *, measure: bool = True) -> HardwareProfile:
    """Look at this computer and remember the answer.

    measure: time the starter model in fp32 and bf16 (about ten seconds). Otherwise earlier
    measurements are kept.
    """
    before = remembered()
    profile = _looked_up()
    if before is not None and not measure:
        profile = replace(profile, speeds=before.speeds, bf16_faster=before.bf16_faster)
    if measure:
        work.say(PhaseEntered(phase="measuring", title="Measuring how fast this computer is"))
        profile = _measured(profile, work)
    _remember(profile)
    return profile


def remembered() -> HardwareProfile | None:
    """The last probe, if it speaks of this computer as it is now; what is free is read afresh."""
    try:
        known = msgspec.json.decode(_file().read_bytes(), type=HardwareProfile)
    except (OSError, msgspec.MsgspecError):
        return None
    now = (platform.processor() or platform.machine(), cores(), psutil.virtual_memory().total)
    if (known.processor, known.cores, known.memory_total) != now:
        return None
    return replace(
        known, memory_available=psutil.virtual_memory().available, disk_free=_disk_free()
    )


def remember_speed(base: str, precision: str, *, forward: float | None, training: float) -> None:
    """Keep what real steps of a base have shown, in tokens a second, for later forecasts."""
    known = remembered()
    if known is None:
        return
    before = [s for s in known.speeds if (s.base, s.precision) == (base, precision)]
    usual = before[0].forward_tokens if before else _FORWARD_IS_FASTER * training
    real = Throughput(
        base=base,
        precision=precision,
        forward_tokens=forward or usual,
        training_tokens=training,
    )
    others = tuple(speed for speed in known.speeds if speed not in before)
    _remember(replace(known, speeds=(*others, real)))


def cores() -> int:
    """Physical cores this process may use, at least one."""
    physical = psutil.cpu_count(logical=False) or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def use_threads(plan: TrainPlan, gang: Gang) -> None:
    """Share the cores out over the ranks: more threads than cores only wait for each other."""
    import torch

    torch.set_num_threads(plan.threads or max(1, cores() // gang.ranks))


def _file() -> Path:
    return paths.settings_dir() / "hardware.json"


def _remember(profile: HardwareProfile) -> None:
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, msgspec.json.encode(profile))


def _disk_free() -> int:
    folder = paths.projects_dir()
    while not folder.exists():
        folder = folder.parent
    return int(psutil.disk_usage(str(folder)).free)


def _looked_up() -> HardwareProfile:
    import torch

    memory = psutil.virtual_memory()
    gpus = tuple(_gpu(index) for index in range(torch.cuda.device_count()))
    return HardwareProfile(
        system=f"{platform.system()} {platform.release()}",
        processor=platform.processor() or platform.machine(),
        cores=cores(),
        memory_total=memory.total,
        memory_available=memory.available,
        disk_free=_disk_free(),
        device=Device.cuda if gpus else _without_cuda(),
        gpus=gpus,
        bf16_hardware=_bf16_hardware(gpus),
        torch_version=str(torch.__version__),
        measured_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )


def _without_cuda() -> Device:
    import torch

    return Device.mps if torch.backends.mps.is_available() else Device.cpu


def _gpu(index: int) -> Gpu:
    import torch

    free, total = torch.cuda.mem_get_info(index)
    major, _ = torch.cuda.get_device_capability(index)
    ampere = 8  # the first generation whose matrix units take bf16
    return Gpu(name=torch.cuda.get_device_name(index), total=total, free=free, bf16=major >= ampere)


def _bf16_hardware(gpus: tuple[Gpu, ...]) -> bool:
    import torch

    if gpus:
        return all(gpu.bf16 for gpu in gpus)
    # oneDNN also says yes where it merely imitates bf16, three times slower than fp32
    cpu = torch.cpu
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    known = [getattr(cpu, name) for name in asked if hasattr(cpu, name)]
    if platform.machine() in ("arm64", "aarch64"):
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - no public way
    return any(ask() for ask in known)


def _measured(profile: HardwareProfile, work: Work) -> HardwareProfile:
    base = catalogue.starters()[0]
    folder = models.prepare(base.key, work)
    precisions = [Precision.fp32, *([Precision.bf16] if profile.bf16_hardware else [])]
    speeds = _speeds(base.key, folder, profile.device, precisions)
    faster = len(speeds) > 1 and speeds[1].training_tokens > speeds[0].training_tokens
    return replace(profile, speeds=tuple(speeds), bf16_faster=faster)


def _speeds(
    base: str, folder: Path, device: Device, precisions: Sequence[Precision]
) -> list[Throughput]:
    """Tokens a second of the starter: forward alone, and forward with backward.

    The precisions take turns, so that what else runs here slows one down as much as the other.
    """
    import torch
    from transformers import AutoModel

    torch.set_num_threads(cores())
    place = torch.device(device.value)
    model = AutoModel.from_pretrained(folder, local_files_only=True).to(place)
    model.embeddings.requires_grad_(requires_grad=False)
    model.eval()
    ids = torch.randint(1000, 20000, (_TOKENS // 128, 128), device=place)

    def forward(precision: Precision) -> torch.Tensor:
        half = precision is Precision.bf16
        with torch.autocast(place.type, torch.bfloat16, enabled=half):
            hidden: torch.Tensor = model(input_ids=ids).last_hidden_state
        return hidden

    def train(precision: Precision) -> None:
        forward(precision).float().square().mean().backward()
        model.zero_grad(set_to_none=True)

    def read(precision: Precision) -> None:
        with torch.no_grad():
            forward(precision)

    reading, training = _fastest(read, precisions), _fastest(train, precisions)
    return [
        Throughput(
            base=base,
            precision=precision.value,
            forward_tokens=_TOKENS / reading[precision],
            training_tokens=_TOKENS / training[precision],
        )
        for precision in precisions
    ]


def _fastest(
    action: Callable[[Precision], None], precisions: Sequence[Precision]
) -> dict[Precision, float]:
    """Seconds of the quickest of a few repeats: what else runs here only ever slows it down."""
    import torch

    times: dict[Precision, list[float]] = {precision: [] for precision in precisions}
    for _ in range(_REPEATS):
        for precision in precisions:
            began = time.perf_counter()
            action(precision)
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            times[precision].append(time.perf_counter() - began)
    return {precision: min(took) for precision, took in times.items()}
