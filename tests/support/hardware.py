"""A plain computer for tests that plan without measuring."""

from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device


def plain_computer() -> HardwareProfile:
    """Two cores, 16 GB, no graphics card, nothing measured."""
    return HardwareProfile(
        system="Linux 6",
        processor="x86_64",
        cores=2,
        memory_total=16 * 10**9,
        memory_available=12 * 10**9,
        disk_free=50 * 10**9,
        device=Device.cpu,
    )
