"""Brings Grocery Store into the photo library, with its official split unchanged.

Grocery Store (Klasson, Zhang, Kjellstrom, "A hierarchical grocery store image dataset with visual and semantic
labels", WACV 2019): 81 products of 43 kinds, photographed with a phone in shops. Its split keeps shop visits apart. A
studio picture of each product, as in a web shop, comes with it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.dataset.public import Listed, PublicSet, PublicSummary, add_listed
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import Split

FACTS = PublicSet(
    title="Grocery Store",
    source="github.com/marcusklasson/GroceryStoreDataset",
    creator="Marcus Klasson",
    licence="MIT",
)
CLASSES = "classes.csv"
LISTS: dict[Split, str] = {"train": "train.txt", "validation": "val.txt", "test": "test.txt"}
NATURAL = "public:grocery-store"
ICONIC = "iconic"
Part = Literal["natural", "natural-and-iconic", "web-to-own"]


class Product(NamedTuple):
    """One row of `classes.csv`. `name` is `kind/product`, `picture` the studio picture's path as it stands there."""

    name: str
    picture: str


def add_grocery_store(
    folder: str | os.PathLike[str],
    library_root: str | os.PathLike[str],
    *,
    part: Part = "natural",
    progress: Progress = silent,
) -> PublicSummary:
    """Add the photos of Grocery Store that are not in the library yet.

    Args:
        folder: the set.
        library_root: the photo library.
        part: `natural`: the photos taken in shops, in their official split. `natural-and-iconic`: the studio pictures,
            too, for training, with the origin `web`. `web-to-own`: the studio pictures alone for training, and the
            official validation and test photos with the origin `own`.
        progress: sees every photo.

    Raises:
        DatasetError: the folder is not the set, a list is not well formed, photos are missing, or the library holds the
            set as another part; nothing was added.
        PhotoError: a photo does not read; what came before it was added, and running again goes on there.
        LibraryError: the library cannot be read or written.
    """
    home = _home(Path(folder))
    products = _read_classes(home / CLASSES)
    natural = [row for split, file in LISTS.items() for row in _read_list(home / file, split, products)]
    listed = natural
    if part != "natural":
        # The department, Fruit or Packages, stands in the paths of the lists alone.
        labels = {label.partition("/")[2]: label for label in (row.label for row in natural)}
        listed = [*_iconic(home, products, labels), *natural]
    if part == "web-to-own":
        listed = [row._replace(origin="own") if row.origin == NATURAL else row for row in listed]
        listed = [row for row in listed if row.split != "train" or row.origin == "web"]
    return add_listed(home, listed, FACTS, library_root, progress=progress)


def _home(folder: Path) -> Path:
    """The folder with the lists; in a clone of the authors' repository it is `dataset/`."""
    wanted = (CLASSES, *LISTS.values())
    for home in (folder, folder / "dataset"):
        if all((home / name).is_file() for name in wanted):
            return home
    missing = [name for name in wanted if not (folder / name).is_file()]
    raise DatasetError(
        f"{folder} is not the Grocery Store set: {', '.join(missing)} missing; give the folder with "
        f"{', '.join(wanted)} and the folders train, val and test ({FACTS.source})."
    )


def _read_classes(path: Path) -> dict[tuple[str, str], Product]:
    """From (fine id, coarse id) to the product."""
    columns = (
        "Class ID (int)",
        "Coarse Class ID (int)",
        "Coarse Class Name (str)",
        "Class Name (str)",
        "Iconic Image Path (str)",
    )
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        table = csv.DictReader(file)
        if not set(columns) <= set(table.fieldnames or ()):
            raise DatasetError(f"{path} has the columns {table.fieldnames}: {', '.join(columns)} are expected.")
        rows = [[(row[column] or "").strip() for column in columns] for row in table]
    return {(fine, coarse): Product(f"{kind}/{product}", picture) for fine, coarse, kind, product, picture in rows}


def _read_list(path: Path, split: Split, products: Mapping[tuple[str, str], Product]) -> list[Listed]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        _listed(line, split, products, f"{path} line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]


def _listed(line: str, split: Split, products: Mapping[tuple[str, str], Product], where: str) -> Listed:
    photo, *ids = (part.strip() for part in line.split(","))
    parts = PurePosixPath(photo).parts
    if len(ids) != 2 or len(parts) < 3 or ".." in parts or PurePosixPath(photo).is_absolute():
        raise DatasetError(
            f"{where}: {line!r} is not understood; a line is as `train/Fruit/Kiwi/Kiwi_001.jpg, 7, 3` "
            f"(path, class id, coarse class id)."
        )
    product = products.get((ids[0], ids[1]))
    if product is None:
        raise DatasetError(f"{where}: class {ids[0]} of coarse class {ids[1]} is not in {CLASSES}.")
    return Listed(photo, f"{parts[1]}/{product.name}", split, NATURAL)


def _iconic(home: Path, products: Mapping[tuple[str, str], Product], labels: Mapping[str, str]) -> Iterator[Listed]:
    """The studio pictures, which stand in the folder that `classes.csv` says, or in `iconic`."""
    for product in products.values():
        parts = PurePosixPath(product.picture.lstrip("/")).parts
        if not parts or ".." in parts or product.name not in labels:
            raise DatasetError(
                f"{home / CLASSES} gives {product.name} the studio picture {product.picture!r}, or no photo: a path "
                f"below the set's folder and a listed photo of each product are expected."
            )
        as_listed = PurePosixPath(*parts)
        place = as_listed if (home / as_listed).is_file() else PurePosixPath(ICONIC, *parts[1:])
        yield Listed(str(place), labels[product.name], "train", "web")
