"""A contact sheet: the photo, what each family of views does to it alone, and views as training draws them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from shibuya_optics.augment.options import OFF, ViewOptions
from shibuya_optics.augment.studio import Studio
from shibuya_optics.augment.views import random_view
from shibuya_optics.contract import Pixels

PAPER, INK = 255, (40, 40, 40)
CAPTION, GAP, COLUMNS = 18, 6, 5
# Each family of views: its options, and a value for each width or chance that shows a family which is off.
FAMILIES: dict[str, dict[str, Any]] = {
    "crop": {"area": (0.35, 1.0), "aspect": 1.25},
    "rotation": {"rotation": 15.0},
    "perspective": {"perspective": 0.12},
    "mirror": {"mirror": 1.0},
    "light": {"brightness": 0.25, "contrast": 0.25, "gamma": 1.3},
    "colour": {"saturation": 0.3, "cast": 0.06},
    "shadow": {"shadow": 1.0},
    "glare": {"glare": 1.0},
    "occlusion": {"erase": 1.0},
    "blur": {"blur": 1.0},
    "motion": {"motion": 1.0},
    "noise": {"noise": 1.0},
    "JPEG": {"jpeg": 1.0},
    "background": {"background": 1.0},
}
CHANCES = {"mirror", "shadow", "glare", "erase", "blur", "motion", "noise", "jpeg", "background"}


def contact_sheet(photo: Pixels, options: ViewOptions, views: int, seed: int, side: int = 192) -> Pixels:
    """The photo first, then each family alone, captioned, then views with all of them as the options have it.

    A family that the options leave off is shown all the same, at a usual strength, and captioned as off.

    Args:
        photo: RGB `uint8 (height, width, 3)`.
        options: the ranges.
        views: how many views there are besides the photo, 1 or more; the families come first.
        seed: same seed, same sheet.
        side: of each view, px.

    Returns:
        RGB `uint8 (height, width, 3)`.
    """
    studio = Studio.of(photo)
    cells = [_captioned(_fitted(photo, side), "the photo")]
    for place, name in enumerate([*FAMILIES][:views]):
        alone, off = family_alone(options, name)
        caption = f"{name}{' (off)' if off else ''}"
        if name == "background" and not studio.cut:
            caption = "background: not plain"
        view = random_view(studio, side, alone, np.random.default_rng((seed, place)))
        cells.append(_captioned(view, caption))
    for place in range(len(FAMILIES), views):
        view = random_view(studio, side, options, np.random.default_rng((seed, place)))
        cells.append(_captioned(view, "as trained"))
    return _laid_out(cells)


def family_alone(options: ViewOptions, name: str) -> tuple[ViewOptions, bool]:
    """Options with one family alone, its chance 1; and whether the options have it off."""
    usual = FAMILIES[name]
    off = all(getattr(options, key) == getattr(OFF, key) for key in usual)
    alone = {key: value if off or key in CHANCES else getattr(options, key) for key, value in usual.items()}
    # All that is no width and no chance, such as a radius, stays as the options have it.
    still = {key: getattr(OFF, key) for family in FAMILIES.values() for key in family}
    return replace(options, **{**still, **alone}), off


def _fitted(photo: Pixels, side: int) -> Pixels:
    """The whole photo, shrunk or grown to fit, in the middle of a white square."""
    scale = side / max(photo.shape[:2])
    wide, high = (max(1, round(length * scale)) for length in (photo.shape[1], photo.shape[0]))
    small = cv2.resize(photo, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    square = np.full((side, side, 3), PAPER, np.uint8)
    top, left = (side - high) // 2, (side - wide) // 2
    square[top : top + high, left : left + wide] = small
    return square


def _captioned(view: Pixels, caption: str) -> Pixels:
    """The view with a white line under it that says what it shows."""
    cell = cv2.copyMakeBorder(view, 0, CAPTION, 0, 0, cv2.BORDER_CONSTANT, value=(PAPER, PAPER, PAPER))
    cv2.putText(cell, caption, (2, cell.shape[0] - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return np.asarray(cell, np.uint8)


def _laid_out(cells: list[Pixels]) -> Pixels:
    """Cells of one size in rows."""
    columns = min(COLUMNS, len(cells))
    high, wide = cells[0].shape[0] + GAP, cells[0].shape[1] + GAP
    sheet = np.full((math.ceil(len(cells) / columns) * high + GAP, columns * wide + GAP, 3), PAPER, np.uint8)
    for place, cell in enumerate(cells):
        top, left = place // columns * high + GAP, place % columns * wide + GAP
        sheet[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return sheet
