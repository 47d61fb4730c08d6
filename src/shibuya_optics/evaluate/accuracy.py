"""How often the answer is right, and how far chance may have moved that number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError


def accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The share, 0 to 1, of photos whose predicted class id is the true one. Both arrays: (photos,).

    Raises:
        InputError: there are no photos, or the arrays are not of one length.
    """
    true_ids, predicted_ids = np.asarray(truth), np.asarray(predicted)
    if true_ids.ndim != 1 or true_ids.shape != predicted_ids.shape or true_ids.size == 0:
        raise InputError(
            f"class ids of shapes {true_ids.shape} and {predicted_ids.shape}: give one true and one predicted id "
            f"a photo, for one photo or more."
        )
    return float(np.mean(true_ids == predicted_ids))


def wilson_interval(right: int, photos: int, level: float = 0.95) -> tuple[float, float]:
    """The range, 0 to 1, that holds the true share with probability `level`, when `right` of `photos` were right.

    The score interval of Wilson (1927), which stays inside 0 to 1 and holds for few photos and for shares near 0 or 1.
    It takes the photos to be independent; photos of one shoot are not, so it is the narrowest honest range.

    Raises:
        InputError: there are no photos, more are right than there are, or `level` is not between 0 and 1.
    """
    if not 0 <= right <= photos or photos == 0 or not 0 < level < 1:
        raise InputError(
            f"{right} right of {photos} photos at level {level}: give 0 <= right <= photos, 0 < level < 1."
        )
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = right / photos
    middle = (share + z * z / (2 * photos)) / (1 + z * z / photos)
    reach = z / (1 + z * z / photos) * math.sqrt(share * (1 - share) / photos + z * z / (4 * photos * photos))
    low = 0.0 if right == 0 else middle - reach
    high = 1.0 if right == photos else middle + reach
    return low, high


def likeliest_kinds(confidences: NDArray[np.floating], kind_ids: Sequence[int]) -> NDArray[np.intp]:
    """The kind that each photo most likely shows: the one whose products have the largest confidence together.

    That may be another kind than the likeliest product's: two butters at 0.3 each outweigh a milk at 0.4.

    Args:
        confidences: (photos, products), 0 to 1.
        kind_ids: for each product the position of its kind, as `LabelTree.kind_ids`.

    Returns:
        (photos,), positions of kinds; the first of equals.
    """
    membership = np.zeros((len(kind_ids), max(kind_ids) + 1))
    membership[np.arange(len(kind_ids)), kind_ids] = 1
    likeliest: NDArray[np.intp] = np.argmax(np.asarray(confidences, np.float64) @ membership, axis=1)
    return likeliest
