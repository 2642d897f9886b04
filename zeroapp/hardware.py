"""What a computer can do, as a value, and where the last answer is remembered."""

import msgspec

from zeroapp.plan import Device


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A graphics card. total and free in bytes."""

    name: str
    total: int
    free: int
    bf16: bool


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """Measured speed of one base model here: tokens per second forward and in training."""

    base: str
    precision: str
    forward_tokens: float
    training_tokens: float


class HardwareProfile(msgspec.Struct, frozen=True, kw_only=True):
    """This computer. memory in bytes; cores: physical cores usable by us.

    bf16_faster: bf16 was timed against fp32 here and won. speeds: what was measured.
    """

    system: str
    processor: str
    cores: int
    memory_total: int
    memory_available: int
    disk_free: int
    device: Device
    gpus: tuple[Gpu, ...] = ()
    bf16_hardware: bool = False
    bf16_faster: bool = False
    speeds: tuple[Throughput, ...] = ()
    torch_version: str = ""
    measured_at: str = ""

    @property
    def bf16_timed(self) -> bool:
        """Whether bf16_faster was found by trying; trainings alone tell other speeds."""
        known = {(speed.base, speed.precision) for speed in self.speeds}
        return any((base, "fp32") in known and (base, "bf16") in known for base, _ in known)
