"""What helps: trains each row of `ablation.toml` with each seed, and writes the table `docs/research/ablation.md`.

    python research/ablation.py               # all rows that are not done yet, then the table
    python research/ablation.py --rows cutmix margin
    python research/ablation.py --table       # the table alone, from what is done

Every (row, seed) trains the recipe `[recipe]`, changed as the row says, on the train split less one fold (seed s leaves
fold s - 1 out) and less every fifth product. It is judged three times, never on the test split, and no epoch is chosen:

- validation: photos of the validation split, of the products trained on: accuracy, accuracy of kinds, log loss;
- fold: photos of the fold left out, of the products trained on: accuracy, log loss;
- unseen: photos of the products left out, each fold's asked for after teaching `SHOTS` photos a product from the others.

A training that was stopped goes on where it was; what is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tomllib
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.accuracy import accuracy, likeliest_kinds
from shibuya_optics.files import write_json, write_whole
from shibuya_optics.train.bundling.prototypes import make_prototypes, unit_rows
from shibuya_optics.train.data.material import LEFT_OUT, Material
from shibuya_optics.train.data.photos import plain_loader
from shibuya_optics.train.loop.fitting import Fitted, fit
from shibuya_optics.train.loop.probe import embed
from shibuya_optics.train.recipe import Recipe

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "docs" / "research" / "ablation.md"
EVERY, SHOTS, DRAWS = 5, 1, 20
MEASURES = {
    "accuracy": "validation: accuracy",
    "accuracy_kind": "kinds",
    "log_loss": "log loss",
    "fold_accuracy": "fold: accuracy",
    "fold_log_loss": "log loss",
    "unseen": "unseen",
    "minutes": "minutes",
}
DIFFERENCES = {"accuracy": 100, "log_loss": 1, "unseen": 100}


def main() -> None:
    """Train what is asked for, then write the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--plan", type=Path, default=HERE / "ablation.toml")
    options.add_argument("--runs", type=Path, default=Path("runs/ablation"))
    options.add_argument("--rows", nargs="*", help="only these rows (default: all)")
    options.add_argument("--seeds", nargs="*", type=int, help="only these seeds (default: those of the plan)")
    options.add_argument("--table", action="store_true", help="train nothing, write the table of what is done")
    given = options.parse_args()
    plan = tomllib.loads(given.plan.read_text(encoding="utf-8"))
    if not given.table:
        for row in plan["row"]:
            for seed in given.seeds or plan["seeds"]:
                if not given.rows or row["name"] in given.rows:
                    run(row, seed, plan["recipe"], given.runs)
    write_whole(TABLE, table(plan, given.runs).encode())


def run(row: dict[str, Any], seed: int, base: dict[str, Any], runs: Path) -> None:
    """Train and judge one row with one seed, unless that is done."""
    folder = runs / row["name"] / f"seed-{seed}"
    recipe = Recipe.model_validate({**merged(base, row.get("change", {})), "name": "ablation", "seed": seed})
    done = folder / "result.json"
    if done.exists() and json.loads(done.read_text(encoding="utf-8"))["recipe"] == recipe.as_json():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with PantryFile.open(recipe.dataset) as file:
        held_out = file.tree.products[::EVERY]
        training = np.intersect1d(file.fold_rows(seed - 1).learned, file.rows("train"))
        material = Material.of_rows(file, training, np.empty(0, np.intp), held_out, recipe.origins)
        start = perf_counter()
        fitted = fit(recipe, material, folder)
        minutes = (perf_counter() - start) / 60
        measured = {**judge(fitted, material, recipe, seed - 1), "minutes": minutes}
    write_json(done, {"recipe": recipe.as_json(), "measured": measured})
    print(row["name"], seed, {name: round(value, 4) for name, value in measured.items()}, flush=True)


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A recipe's tables with some of their values changed."""
    result = dict(base)
    for name, value in change.items():
        result[name] = merged(base.get(name, {}), value) if isinstance(value, dict) else value
    return result


def judge(fitted: Fitted, material: Material, recipe: Recipe, fold: int) -> dict[str, float]:
    """What a training is judged by, see above; shares 0 to 1."""
    file, network = material.file, fitted.network
    vectors, labels = embed(network, plain_loader(material, material.training, recipe.contract))
    centre = vectors.mean(axis=0)
    prototypes = make_prototypes(fitted.head.unit_directions().detach().numpy(), unit_rows(vectors - centre), labels)

    def told(rows: NDArray[np.intp]) -> tuple[float, float, float]:
        """Accuracy, accuracy of kinds and log loss of the products trained on."""
        vectors, truth = embed(network, plain_loader(material, material.known(rows), recipe.contract))
        logits = torch.from_numpy(fitted.head.scale.item() * unit_rows(vectors - centre) @ prototypes.T)
        shares = torch.softmax(logits, dim=1).numpy()
        kinds = np.asarray(material.tree.kind_ids)
        return (
            accuracy(truth, shares.argmax(axis=1)),
            accuracy(kinds[truth], likeliest_kinds(shares, material.tree.kind_ids)),
            float(-np.log(shares[np.arange(len(truth)), truth]).mean()),
        )

    natural = np.array([origin != "web" for origin in file.origins])
    validation = told(file.rows("validation"))
    in_fold = told(np.flatnonzero((file.folds == fold) & natural))
    strange = np.flatnonzero((material.classes == LEFT_OUT) & (file.folds >= 0) & natural)
    vectors, _ = embed(network, plain_loader(material, strange, recipe.contract))
    return {
        "accuracy": validation[0],
        "accuracy_kind": validation[1],
        "log_loss": validation[2],
        "fold_accuracy": in_fold[0],
        "fold_log_loss": in_fold[2],
        "unseen": taught_accuracy(unit_rows(vectors - centre), file.labels[strange], file.folds[strange]),
    }


def taught_accuracy(vectors: NDArray[np.float32], labels: NDArray[np.int32], folds: NDArray[np.int8]) -> float:
    """Share of photos nearest to the mean of their own product's taught photos; taught from other folds than theirs."""
    right = []
    products = np.unique(labels)
    for fold in np.unique(folds):
        asked = folds == fold
        for draw in range(DRAWS):
            rng = np.random.default_rng((int(fold), draw))
            means = []
            for product in products:
                there = np.flatnonzero((labels == product) & ~asked)
                means.append(vectors[rng.permutation(there)[:SHOTS]].mean(axis=0))
            said = products[(vectors[asked] @ unit_rows(np.stack(means)).T).argmax(axis=1)]
            right.append(said == labels[asked])
    return float(np.concatenate(right).mean())


def table(plan: dict[str, Any], runs: Path) -> str:
    """The table of what is done: mean over the seeds, and of each row's difference from the first row, paired by seed."""
    measured = {row["name"]: results(runs / row["name"]) for row in plan["row"]}
    base = measured[plan["row"][0]["name"]]
    lines = [
        "# What helps, and what does not",
        "",
        (HERE / "ablation-intro.md").read_text(encoding="utf-8").strip(),
        "",
        "| row | seeds | "
        + " | ".join([*MEASURES.values(), *(f"{MEASURES[name]} against base" for name in DIFFERENCES)])
        + " |",
        "|---" * (2 + len(MEASURES) + len(DIFFERENCES)) + "|",
    ]
    for row in plan["row"]:
        found = measured[row["name"]]
        if found:
            means = [statistics.mean(one[name] for one in found.values()) for name in MEASURES]
            numbers = [
                f"{value:.1f}" if name == "minutes" else f"{value:.3f}"
                for name, value in zip(MEASURES, means, strict=True)
            ]
            gains = [difference(found, base, name, times) for name, times in DIFFERENCES.items()]
            lines.append(f"| {row['what']} | {len(found)} | " + " | ".join([*numbers, *gains]) + " |")
    return "\n".join(lines) + "\n"


def results(folder: Path) -> dict[int, dict[str, float]]:
    """What was measured of a row, by seed."""
    files = sorted(folder.glob("seed-*/result.json"))
    read = {int(file.parent.name.partition("-")[2]): json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {seed: document["measured"] for seed, document in read.items()}


def difference(found: dict[int, dict[str, float]], base: dict[int, dict[str, float]], name: str, times: float) -> str:
    """Mean difference over the seeds that both have, times a factor (100: points), and that of each seed."""
    gains = [times * (found[seed][name] - base[seed][name]) for seed in sorted(found.keys() & base.keys())]
    if not gains:
        return "-"
    digits = 1 if times > 1 else 3
    return f"{statistics.mean(gains):+.{digits}f} ({', '.join(f'{gain:+.{digits}f}' for gain in gains)})"


if __name__ == "__main__":
    main()
