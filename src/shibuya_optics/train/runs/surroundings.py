"""Where a run happens: versions, hardware, and the state of the source, as far as they can be known."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from shibuya_optics import __version__

# What a number may depend on; those that are not installed are left out.
PACKAGES = (
    "h5py",
    "keras",
    "lightning",
    "numpy",
    "onnx",
    "onnxruntime",
    "opencv-python-headless",
    "pillow",
    "scikit-learn",
    "scipy",
    "simplejpeg",
    "timm",
    "torch",
    "transformers",
)
# What makes another machine: with any of these different, numbers may differ by rounding, and training amplifies that.
MACHINE = ("packages", "python", "system", "processor", "cores", "threads", "gpu")


def surroundings() -> dict[str, Any]:
    """The record of them, a JSON object; memory in bytes, None where it is not known."""
    return {
        "shibuya_optics": __version__,
        "python": platform.python_version(),
        "packages": _versions(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": _threads(),
        "memory": _memory(),
        "gpu": _gpu(),
        "git": _git_state(),
    }


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs between two records, each as [then, now]; packages by name, the rest by the record's keys."""
    pairs = {name: (was.get(name), now.get(name)) for name in ("shibuya_optics", "git", *MACHINE[1:])}
    then, here = (dict(record.get("packages") or {}) for record in (was, now))
    pairs |= {name: (then.get(name), here.get(name)) for name in sorted({*then, *here})}
    return {name: [before, after] for name, (before, after) in pairs.items() if before != after}


def is_same_machine(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether numbers should come out the same: equal versions of everything, and equal hardware."""
    return all(was.get(name) == now.get(name) for name in MACHINE)


def _versions() -> dict[str, str]:
    installed = {}
    for name in PACKAGES:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _threads() -> int | None:
    """How many threads PyTorch adds up numbers with; None where it is not loaded."""
    torch = sys.modules.get("torch")
    return int(torch.get_num_threads()) if torch is not None else None


def _gpu() -> str | None:
    """The name of the GPU that training takes; None where there is none, or where nothing that could take one is loaded."""
    torch = sys.modules.get("torch")
    return str(torch.cuda.get_device_name()) if torch is not None and torch.cuda.is_available() else None


def _git_state() -> dict[str, Any] | None:
    """The commit, whether files differ from it, and if so a hash of how; None outside a git checkout."""
    try:
        commit, changes, diff = (
            _git(*arguments) for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain"), ("diff", "HEAD"))
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    state: dict[str, Any] = {"commit": commit.decode().strip(), "changed": bool(changes.strip())}
    return {**state, "changes_sha256": hashlib.sha256(changes + diff).hexdigest()} if state["changed"] else state


def _git(*arguments: str) -> bytes:
    return subprocess.run(  # noqa: S603 - fixed words, and git is wherever the person has it
        ["git", *arguments],  # noqa: S607
        cwd=Path(__file__).parent,
        capture_output=True,
        check=True,
    ).stdout
