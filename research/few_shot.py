"""Few-shot curves on Grocery Store beside that of `optics evaluate --few-shot`, by networks that saw none of the products.

    python research/few_shot.py packaged               # fine-tuned: writes docs/research/few-shot-packaged-finetuned.json
    python research/few_shot.py all
    python research/few_shot.py all --taught imagenet  # taught: writes docs/research/few-shot-all-imagenet.json
    python research/few_shot.py all --taught freiburg

Fine-tuned: for each k and draw, a network is trained from k photos a product and tested. Every training sees the same number
of views, so that many photos do not mean long training. What is done is not done again. Taught: a network that was trained on
other photos, as `few_shot.toml` says, stays as it is, and is taught the products.

The photos drawn are those that `optics evaluate --few-shot` teaches from, so that all curves differ in the method alone. The
test photos are those of the test split; nothing is chosen by them: the recipe in `few_shot.toml` is the same for all k.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.accuracy import accuracy
from shibuya_optics.evaluate.few_shot import Draws, Point, Seen, Spread, drawing_orders, few_shot
from shibuya_optics.files import write_json
from shibuya_optics.labels import is_below
from shibuya_optics.train.backbones import load_backbone
from shibuya_optics.train.bundling.prototypes import unit_rows
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import plain_loader
from shibuya_optics.train.loop.fitting import fit
from shibuya_optics.train.loop.probe import embed
from shibuya_optics.train.methods.held_out import trained_logits
from shibuya_optics.train.recipe import Recipe

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "docs" / "research"


def main() -> None:
    """Train and test what is not done yet, then write the curve."""
    plan = tomllib.loads((HERE / "few_shot.toml").read_text(encoding="utf-8"))
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("set", choices=plan["sets"])
    options.add_argument("--taught", metavar="NETWORK", help="teach this network, and train none")
    options.add_argument("--runs", type=Path, default=Path("runs/few-shot"))
    given = options.parse_args()
    chosen = plan["sets"][given.set]
    networks = list(chosen.get("taught", ()))
    if given.taught and given.taught not in networks:
        options.error(
            f"--taught {given.taught}: few_shot.toml has {', '.join(networks) or 'no network'} for {given.set}"
        )
    name, recipe = given.taught or "finetuned", chosen["recipe"]
    with PantryFile.open(recipe["dataset"]) as file:
        if given.taught:
            network = chosen["taught"][given.taught]
            points = taught_curve(file, chosen["products"], plan, network, given.runs / given.taught)
            method = {"method": "taught", "network": network}
        else:
            points = curve(file, chosen["products"], plan, recipe, given.runs / given.set)
            method = {"method": "fine-tuned", "recipe": recipe, "finetune": plan["finetune"]}
    document = {"set": given.set, **method, "points": [point.as_json() for point in points]}
    write_json(RESULTS / f"few-shot-{given.set}-{name}.json", document)


def taught_curve(
    file: PantryFile, products: str, plan: dict[str, Any], network: dict[str, Any], folder: Path
) -> list[Point]:
    """One point a k, by a network that is taught the products and not trained on them.

    `network` is a recipe, or a `backbone` and a `contract` alone: that network as it was trained elsewhere. A recipe's network
    sees from the mean of what it was trained on, as bundles do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contract, centre = InputContract(**network["contract"]), np.float32(0)
    if "dataset" in network:
        recipe = Recipe.model_validate({**network, "name": "few-shot"})
        with PantryFile.open(recipe.dataset) as other:
            material = Material.of_rows(other, other.rows("train"), np.empty(0, np.intp))
            module = fit(recipe, material, folder).network
            centre = embed(module, plain_loader(material, material.training, contract))[0].mean(axis=0)
    else:
        module, _ = load_backbone(network["backbone"])
    wanted = _below(file, products)
    everything = Material.of_rows(file, np.empty(0, np.intp), np.empty(0, np.intp))
    seen = []
    for split in ("train", "test"):
        vectors, classes = embed(module, plain_loader(everything, _rows(file, split, wanted), contract))
        seen.append(Seen(unit_rows(vectors - centre), tuple(file.tree.products[i] for i in classes)))
    draws = Draws(tuple(plan["ks"]), plan["draws"], plan["seed"])
    # Of the bundle, only the scale from cosines to probabilities counts here, for the likeliest kinds.
    return few_shot(seen[0], seen[1], draws, read_bundle(find_bundle()))


def curve(file: PantryFile, products: str, plan: dict[str, Any], recipe: dict[str, Any], folder: Path) -> list[Point]:
    """One point a k, over the draws."""
    wanted = _below(file, products)
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


def _below(file: PantryFile, products: str) -> list[str]:
    return [label for label in file.tree.products if not products or is_below(label, products)]


def _rows(file: PantryFile, split: Any, labels: list[str]) -> NDArray[np.intp]:
    rows = file.rows(split)
    return rows[np.isin(np.asarray(file.tree.products)[file.labels[rows]], labels)]


if __name__ == "__main__":
    main()
