"""Measures the decision numbers of a finished bundle anew, by the validation photos of its dataset; the network stays as it is.

    python research/decide.py src/shibuya_optics/bundles/pantry-mobile.optics work/pantry.h5 --out pantry-mobile.optics

What `optics train` does at its end, for bundles that were trained before the way of deciding changed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from shibuya_optics import Recogniser
from shibuya_optics.bundle import write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.recognise import Catalogue
from shibuya_optics.train.calibrate import measure_decision


def main() -> None:
    """Measure, print, write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("bundle", type=Path)
    options.add_argument("dataset", type=Path)
    options.add_argument("--refused", type=float, default=0.05, help="share of validation photos taken for strangers")
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    recogniser = Recogniser.open(given.bundle)
    bundle = recogniser.bundle
    with PantryFile.open(given.dataset) as file:
        labels = [file.tree.products[file.labels[row]] for row in range(len(file))]
        rows = [row for row in file.rows("validation").tolist() if labels[row] in bundle.tree]
        vectors = recogniser.vectors(file.jpeg(row) for row in rows)
    truth = np.array([bundle.tree.id_of(labels[row]) for row in rows], np.int64)
    decision = measure_decision(Catalogue.of(bundle), bundle.decision.scale, vectors, truth, given.refused)
    print(decision)
    decided = replace(
        bundle, decision=decision, held_out=vectors.astype(np.float16), held_out_products=truth.astype(np.int32)
    )
    write_bundle(decided, given.out)


if __name__ == "__main__":
    main()
