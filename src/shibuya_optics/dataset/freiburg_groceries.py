"""Brings Freiburg Groceries into the photo library, with its five official folds unchanged.

Freiburg Groceries (Jund, Abdo, Eitel, Burgard, "The Freiburg groceries dataset", 2016, arXiv 1611.05799): 4,947 photos
of 25 kinds of packaged groceries, taken in shops and homes. Its authors state no licence: measure on it, and ship
nothing that was trained on it.

The fold of a photo is the one whose `folds/test<k>.txt` lists it. What `folds/train<k>.txt` lists is all the others, or
a little less: the authors left 28 photos of candy out of three of those lists, which a table of folds cannot say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath

from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.dataset.public import Listed, PublicSet, PublicSummary, a_few, add_listed, check_present
from shibuya_optics.errors import DatasetError

FACTS = PublicSet(
    title="Freiburg Groceries",
    source="github.com/PhilJd/freiburg_groceries_dataset",
    creator="Philipp Jund, Nichola Abdo, Andreas Eitel, Wolfram Burgard",
    licence="none stated",
)
CLASSES = "classid.txt"
FOLDS = 5
IMAGES = "images"
PARENT = "Groceries"
ORIGIN = "public:freiburg-groceries"
List = dict[str, str]
"""From a photo's path below `images` to its class id."""


def add_freiburg_groceries(
    folder: str | os.PathLike[str],
    library_root: str | os.PathLike[str],
    *,
    progress: Progress = silent,
) -> PublicSummary:
    """Add the photos of Freiburg Groceries that are not in the library yet, all for training, each with its fold.

    Raises:
        DatasetError: the folder is not the set, a list is not well formed, the test lists do not part the photos, or a
            train list has photos of its test list; nothing was added.
        PhotoError: a photo does not read; what came before it was added, and running again goes on there.
        LibraryError: the library cannot be read or written.
    """
    home = Path(folder)
    names = _read_classes(home)
    tests = [_read_list(_list(home, "test", fold), names) for fold in range(FOLDS)]
    trains = [_read_list(_list(home, "train", fold), names) for fold in range(FOLDS)]
    classes: List = dict(chain.from_iterable(test.items() for test in tests))
    _check_parting(home, tests, classes)
    left_out = [_left_out(fold, trains[fold], tests[fold], classes) for fold in range(FOLDS)]
    listed = [
        Listed(f"{IMAGES}/{path}", f"{PARENT}/{names[name]}", "train", ORIGIN, fold)
        for fold, test in enumerate(tests)
        for path, name in test.items()
    ]
    summary = add_listed(home, listed, FACTS, library_root, progress=progress)
    return replace(summary, warnings=(*summary.warnings, *_left_out_warning(left_out)))


def _list(home: Path, part: str, fold: int) -> Path:
    return home / "folds" / f"{part}{fold}.txt"


def _read_classes(home: Path) -> dict[str, str]:
    """From the class id to a readable name, as `Tomato sauce`."""
    wanted = [home / CLASSES, *(_list(home, part, fold) for part in ("train", "test") for fold in range(FOLDS))]
    missing = [str(path.relative_to(home)) for path in wanted if not path.is_file()]
    if missing:
        raise DatasetError(
            f"{home} is not the Freiburg Groceries set: {a_few(missing)} missing; give the folder with {CLASSES} and "
            f"the folders folds and {IMAGES} ({FACTS.source})."
        )
    names = {}
    for number, line in enumerate(_lines(home / CLASSES), 1):
        name, _, class_id = line.strip().rpartition(" ")
        if not name or not class_id.isdecimal():
            raise DatasetError(f"{home / CLASSES} line {number}: {line!r} is not understood; as `TOMATO_SAUCE 23`.")
        names[class_id] = name.replace("_", " ").capitalize()
    return names


def _read_list(path: Path, names: Mapping[str, str]) -> List:
    listed: List = {}
    for number, line in enumerate(_lines(path), 1):
        photo, _, class_id = line.strip().rpartition(" ")
        place = PurePosixPath(photo)
        if not photo or ".." in place.parts or place.is_absolute() or class_id not in names:
            raise DatasetError(
                f"{path} line {number}: {line!r} is not understood; a line is as `tea/TEA0123.jpg 16`, with a class id "
                f"of {CLASSES}."
            )
        listed[photo] = class_id
    return listed


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


def _check_parting(home: Path, tests: Sequence[List], classes: List) -> None:
    """Refuse test lists that share photos, or leave photos of the folder out."""
    if sum(map(len, tests)) != len(classes):
        twice = [path for path in classes if sum(path in test for test in tests) > 1]
        raise DatasetError(f"{home} has {len(twice)} photos in more than one test list: {a_few(twice)}; get it again.")
    check_present(home, [f"{IMAGES}/{path}" for path in classes])
    found = {path.relative_to(home / IMAGES).as_posix() for path in (home / IMAGES).rglob("*.jpg")}
    unlisted = sorted(found - classes.keys())
    if unlisted:
        raise DatasetError(f"{home} has {len(unlisted)} photos in no test list: {a_few(unlisted)}; take them out.")


def _left_out(fold: int, train: List, test: List, classes: List) -> list[str]:
    """The photos that are neither in the train nor in the test list of a fold."""
    odd = [path for path, name in train.items() if path in test or classes.get(path) != name]
    if odd:
        raise DatasetError(
            f"folds/train{fold}.txt lists {len(odd)} photos that are in folds/test{fold}.txt, in no test list, or of "
            f"another class there: {a_few(odd)}; get the set again."
        )
    return sorted(classes.keys() - train.keys() - test.keys())


def _left_out_warning(left_out: Sequence[list[str]]) -> tuple[str, ...]:
    total = sum(map(len, left_out))
    if not total:
        return ()
    of = ", ".join(f"{len(paths)} of fold {fold}" for fold, paths in enumerate(left_out) if paths)
    warning = (
        f"the official train lists leave out {total} photos that are not in their test list either ({of}): here a turn "
        f"learns from all photos of the other folds."
    )
    return (warning,)
