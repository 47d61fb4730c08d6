"""What every benchmark script does with its result: print it as JSON, and write it where `--out` says."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def report(description: str | None, turns: int, measure: Callable[[int], dict[str, Any]]) -> None:
    """Read `--turns` and `--out` from the command line, call `measure(turns)`, print its JSON and write it.

    Args:
        description: the script's docstring; its first line is the help text.
        turns: the default of `--turns`, how often each way is measured.
        measure: gives the result for a number of turns.
    """
    options = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    options.add_argument("--turns", type=int, default=turns, help=f"how often each way is measured (default: {turns})")
    options.add_argument("--out", type=Path, help="also write the JSON to this file")
    given = options.parse_args()
    result = json.dumps(measure(given.turns), indent=2)
    print(result)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(result + "\n", encoding="utf-8")
