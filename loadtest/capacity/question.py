"""What the cost model is asked, with the bounds of what it can be asked, and the platforms that it knows. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from services.contracts.parts import PARTS_MAX

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A platform, and the machines that it would buy. Megabytes are 10^6 bytes, GiB 2^30."""

    uploads_per_day: float
    megabytes: float
    references: float
    registrations_per_day: float = 10_000.0
    takedowns_per_day: float = 50_000.0
    reinstatements_per_day: float = 5_000.0
    kept_years: float = 5.0
    peak: float = 3.0
    utilisation: float = 0.5
    replication: float = 3.0
    machine_cores: float = 16.0
    machine_memory_gib: float = 64.0
    machine_disk_tb: float = 4.0
    machine_gbit: float = 10.0
    index_parts: float = 0.0
    in_memory: bool = False

    def __post_init__(self) -> None:
        """Refuse what means nothing, with one sentence."""
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and least <= value <= most):
                raise ValueError(f"{name} must be from {least:,g} to {most:,g}, and is {value:,g}.")
        for name in ("replication", "index_parts"):
            if (value := getattr(self, name)) != int(value):
                raise ValueError(f"{name} must be a whole number, and is {value:g}.")


# From what a test does to what all of mankind could; beyond, a slip of the keyboard is likelier.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "uploads_per_day": (1, 1e11),
    "megabytes": (1e-6, 1e6),
    "references": (0, 1e11),
    "registrations_per_day": (0, 1e9),
    "takedowns_per_day": (0, 1e11),
    "reinstatements_per_day": (0, 1e11),
    "kept_years": (0, 100),
    "peak": (1, 100),
    "utilisation": (0.05, 0.9),  # above, queues grow without a bound (and p99 with them)
    "replication": (1, 5),
    "machine_cores": (1, 1024),
    "machine_memory_gib": (1, 65_536),
    "machine_disk_tb": (0.01, 10_000),
    "machine_gbit": (0.1, 1_000),
    "index_parts": (0, PARTS_MAX),
}

SAYS: Mapping[str, str] = {
    "uploads_per_day": "Uploads a day.",
    "megabytes": "Megabytes (10^6 bytes) of an upload, on average.",
    "references": "References that are listed.",
    "registrations_per_day": "Registrations a day, of one reference each.",
    "takedowns_per_day": "Copies that come down a day.",
    "reinstatements_per_day": "Copies that come back a day.",
    "kept_years": "How long an upload stays on the platform, on average.",
    "peak": "The busiest minute's rate over the day's average.",
    "utilisation": "The share of a core that may be busy at the peak.",
    "replication": "Copies that the brokers keep of each record.",
    "machine_cores": "Cores of a machine.",
    "machine_memory_gib": "GiB of memory of a machine.",
    "machine_disk_tb": "TB (10^12 bytes) of disk of a machine.",
    "machine_gbit": "Gbit/s of a broker's network, each way.",
    "index_parts": "Parts of the index of references; 0: as many as need the fewest machines.",
    "in_memory": "Keep state in memory, and nothing on the workers' disks.",
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A platform that the model knows, and where each number comes from."""

    question: Question
    sources: tuple[str, ...]


_HOURS_PER_MINUTE = 500
_MEGABYTES_PER_SECOND = 1.0
_YOUTUBE_UPLOADS = 20_000_000
_YOUTUBE_MEGABYTES = _HOURS_PER_MINUTE * 60 * 24 * 3600 * _MEGABYTES_PER_SECOND / _YOUTUBE_UPLOADS

PRESETS: Mapping[str, Preset] = {
    "vk": Preset(
        Question(
            uploads_per_day=10_000_000,
            megabytes=10,
            references=5_000_000,
            registrations_per_day=10_000,
            takedowns_per_day=50_000,
            reinstatements_per_day=5_000,
        ),
        (
            '50,000 takedowns a day: the middle of the "tens of thousands of deletions a day" of such a network.',
            "10 million uploads a day of 10 MB each: an assumption, since VK publishes no such number.",
            "5 million references, 10,000 registrations and 5,000 reinstatements a day: an assumption.",
        ),
    ),
    "youtube": Preset(
        Question(
            uploads_per_day=_YOUTUBE_UPLOADS,
            megabytes=_YOUTUBE_MEGABYTES,
            references=100_000_000,
            registrations_per_day=100_000,
            takedowns_per_day=4_000_000,
            reinstatements_per_day=12_000,
            kept_years=20,
        ),
        (
            "500 hours of video a minute: what YouTube has said of its intake since 2019.",
            "20 million uploads a day: YouTube on its 20th birthday, as of March 2025.",
            "8 Mbit/s, 1 MB/s: what YouTube recommends for uploads of 1080p; that it is the mean is an assumption.",
            f"So an upload has 500 h * 60 * 24 * 3,600 s * 1 MB/s ÷ 20 million = {_YOUTUBE_MEGABYTES:.1f} MB.",
            (
                "4 million takedowns a day: the 722,649,569 Content ID claims that YouTube reported for the first half "
                "of 2021, as if each took an upload down; most only share its revenue."
            ),
            "12,000 reinstatements a day: 2,219,794 of these claims were disputed and decided for the uploader.",
            "100 million references, 100,000 registrations a day, uploads kept for 20 years: an assumption.",
        ),
    ),
}
