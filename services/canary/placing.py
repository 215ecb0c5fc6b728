"""Where the hasher finds the canary's contents: written below `file:`, and expected to be there elsewhere."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.canary.probes import PROBES
from services.runtime.variables import SettingsError

EVERYBODY = 0o644


def place(source: str) -> None:
    """Write the contents if they lie in a folder here, or raise SettingsError if that cannot be."""
    parts = urlsplit(source)
    if parts.scheme == "file":
        write_contents(Path(unquote(parts.path)))


def write_contents(folder: Path) -> None:
    """Write each content that is not there yet; whoever reads meanwhile never finds half of one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for probe in PROBES:
            path = folder / probe.name
            if not (path.is_file() and path.read_bytes() == probe.bytes):
                new = folder / f".{probe.name}.new"
                new.write_bytes(probe.bytes)
                new.chmod(EVERYBODY)
                new.replace(path)
    except OSError as error:
        raise SettingsError(f"The canary's contents cannot be written into {folder}: {error.strerror}.") from None
