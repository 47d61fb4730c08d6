"""Fine-tuning from few photos: for each k and draw, trains a network from k photos a product and tests it.

    python research/few_shot.py packaged     # writes docs/research/few-shot-packaged-finetuned.json
    python research/few_shot.py all

The photos drawn are those that `optics evaluate --few-shot` teaches from, so that the two curves differ in the method
alone. Every training sees the same number of views, so that many photos do not mean long training. What is done is not
done again. The test photos are those of the test split; nothing is chosen by them: the recipe in `few_shot.toml` is the
same for all k.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.accuracy import accuracy
from shibuya_optics.evaluate.few_shot import Point, Spread, drawing_orders
from shibuya_optics.files import write_json
from shibuya_optics.train.held_out import trained_logits
from shibuya_optics.train.material import Material, is_below
from shibuya_optics.train.recipe import Recipe

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "docs" / "research"


def main() -> None:
    """Train and test what is not done yet, then write the curve."""
    plan = tomllib.loads((HERE / "few_shot.toml").read_text(encoding="utf-8"))
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("set", choices=plan["sets"])
    options.add_argument("--runs", type=Path, default=Path("runs/few-shot"))
    given = options.parse_args()
    chosen = plan["sets"][given.set]
    with PantryFile.open(chosen["recipe"]["dataset"]) as file:
        points = curve(file, chosen["products"], plan, chosen["recipe"], given.runs / given.set)
    document = {"method": "fine-tuned", "set": given.set, "recipe": chosen["recipe"], "finetune": plan["finetune"]}
    write_json(RESULTS / f"few-shot-{given.set}-finetuned.json", {**document, "points": [p.as_json() for p in points]})


def curve(file: PantryFile, products: str, plan: dict[str, Any], recipe: dict[str, Any], folder: Path) -> list[Point]:
    """One point a k, over the draws."""
    wanted = [label for label in file.tree.products if not products or is_below(label, products)]
    others = [label for label in file.tree.products if label not in wanted]
    candidates = _rows(file, "train", wanted)
    orders = list(drawing_orders([file.tree.products[file.labels[r]] for r in candidates], plan["draws"], plan["seed"]))
    points = []
    for k in plan["ks"]:
        shares = []
        for draw, order in enumerate(orders):
            drawn = candidates[np.sort([row for rows in order.values() for row in rows[:k]])]
            material = Material.of_rows(file, drawn, np.empty(0, np.intp), others)
            repeats = max(1, round(plan["views"] / len(drawn)))
            options = Recipe.model_validate(
                {**recipe, "name": "few-shot", "seed": draw + 1, "finetune": {**plan["finetune"], "repeats": repeats}}
            )
            shares.append(tested(options, material, _rows(file, "test", wanted), folder / f"k-{k}" / f"draw-{draw}"))
            print(k, draw, shares[-1], flush=True)
        short = sum(len(rows) < k for rows in orders[0].values())
        products_right, kinds_right = zip(*shares, strict=True)
        points.append(Point(k, short, Spread(products_right), Spread(kinds_right)))
    return points


def tested(recipe: Recipe, material: Material, rows: NDArray[np.intp], folder: Path) -> tuple[float, float]:
    """Accuracy of products and of kinds on the rows, after training; from the folder where it is done already."""
    done = folder / "result.json"
    if done.exists():
        stored = json.loads(done.read_text(encoding="utf-8"))
        if stored["recipe"] == recipe.as_json():
            return stored["accuracy"], stored["accuracy_kind"]
    folder.mkdir(parents=True, exist_ok=True)
    logits = trained_logits(recipe, material, rows, folder).astype(np.float64)
    truth, kinds = material.classes[rows], np.asarray(material.tree.kind_ids)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    by_kind = powers @ np.eye(kinds.max() + 1)[kinds]
    shares = accuracy(truth, logits.argmax(axis=1)), accuracy(kinds[truth], by_kind.argmax(axis=1))
    write_json(done, {"recipe": recipe.as_json(), "accuracy": shares[0], "accuracy_kind": shares[1]})
    (folder / "checkpoints" / "last.ckpt").unlink(missing_ok=True)
    return shares


def _rows(file: PantryFile, split: Any, labels: list[str]) -> NDArray[np.intp]:
    rows = file.rows(split)
    return rows[np.isin(np.asarray(file.tree.products)[file.labels[rows]], labels)]


if __name__ == "__main__":
    main()
