"""Draws several few-shot curves into one plot.

    python research/plot_few_shot.py "taught=taught.json" "fine-tuned=finetuned.json" --out docs/research/few-shot.svg

Each NAME=FILE is a document that `optics evaluate --few-shot ... --json` printed, or another with such `points`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from shibuya_optics.evaluate.few_shot_plot import Curve, curve_of, draw_curves
from shibuya_optics.files import write_whole


def main() -> None:
    """Read the curves, write the plot."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("curves", nargs="+", metavar="NAME=FILE")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--title", default="Accuracy from k photos a product")
    given = options.parse_args()
    write_whole(given.out, draw_curves([named_curve(word) for word in given.curves], given.title).encode())
    print(given.out)


def named_curve(word: str) -> Curve:
    """The curve of `NAME=FILE`."""
    name, _, file = word.rpartition("=")
    return curve_of(json.loads(Path(file).read_text(encoding="utf-8")), name or Path(file).stem)


if __name__ == "__main__":
    main()
