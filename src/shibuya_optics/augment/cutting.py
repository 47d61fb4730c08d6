"""Cutting the product out of a studio picture, whose background is plain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.contract import Pixels

Mask = NDArray[np.uint8]
# Grey levels: how far the background strays from its own median, for noise, JPEG and uneven light.
TOLERANCE = 10
# The share of the border that is background; the rest may be a product that reaches the edge.
PLAIN_BORDER = 0.7
# Less or more of the picture than this is no product on a background.
SHARES = (0.01, 0.9)
# Nor is what is smaller than this, px.
SMALLEST = 12
# A hull that fills this much of the tightest turned rectangle is that of a pack; and where a pack's outline fills this much
# of its hull, the rest is print as white as the background. Round things fill 0.785 of their rectangle.
BOXY, NEARLY_CONVEX = 0.86, 0.82


def cut_out(photo: Pixels) -> Mask | None:
    """Where in a studio picture the product is.

    Background is what is connected to the picture's border and like it; so white parts within a product belong to the
    product, and so does what is seen through a hole in it.

    Args:
        photo: RGB `uint8 (height, width, 3)`.

    Returns:
        `uint8 (height, width)`, 0 for background, 255 for the product, with an edge of about a pixel between them; None
        where the border is not plain, or where what is left is next to nothing or nearly everything.
    """
    background = _background(photo)
    if background is None:
        return None
    product = _largest_parts(255 - background)
    share = cv2.countNonZero(product) / product.size
    if not SHARES[0] <= share <= SHARES[1]:
        return None
    mask = _soften(_made_whole(product))
    return mask if min(cv2.boundingRect(mask)[2:]) >= SMALLEST else None


def _background(photo: Pixels) -> Mask | None:
    """255 where the background is, 0 elsewhere; None where the border is of several colours."""
    border = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]])
    colour = np.median(border, axis=0)
    like_colour = (np.abs(border - colour) <= TOLERANCE).all(axis=1)
    if like_colour.mean() < PLAIN_BORDER:
        return None
    low, high = np.clip(colour - TOLERANCE, 0, 255), np.clip(colour + TOLERANCE, 0, 255)
    # One pixel of background all around connects all that touches the border.
    plain = cv2.copyMakeBorder(cv2.inRange(photo, low, high), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    filled = np.zeros((plain.shape[0] + 2, plain.shape[1] + 2), np.uint8)
    cv2.floodFill(plain, filled, (0, 0), 128, flags=4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8))
    return np.ascontiguousarray(filled[2:-2, 2:-2])


def _largest_parts(product: Mask) -> Mask:
    """The product without specks: only parts of at least a twentieth of the largest stay."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats(product, connectivity=8)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    if count <= 2:
        return product
    return np.asarray(np.where(np.isin(parts, np.flatnonzero(areas >= areas.max() / 20)), 255, 0), np.uint8)


def is_boxy(product: Mask) -> bool:
    """Whether a mask has the outline of a pack: nearly a rectangle, straight or turned."""
    hull = cv2.convexHull(cv2.findNonZero(product))
    _, (wide, high), _ = cv2.minAreaRect(hull)
    return cv2.contourArea(hull) >= BOXY * wide * high


def _made_whole(product: Mask) -> Mask:
    """The hull of a pack, for it is convex; any other product as it is, with holes filled."""
    outlines, _ = cv2.findContours(product, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(product)
    cv2.drawContours(whole, outlines, -1, 255, cv2.FILLED)
    if not is_boxy(product):
        return whole
    hull = np.zeros_like(product)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.concatenate(outlines)), 255)
    return hull if cv2.countNonZero(whole) >= NEARLY_CONVEX * cv2.countNonZero(hull) else whole


def _soften(product: Mask) -> Mask:
    """Less by a pixel in about 120 all around, where the background shines through, and a soft edge."""
    rim = max(1, round(min(product.shape) / 120))
    inner = cv2.erode(product, np.ones((3, 3), np.uint8), iterations=rim, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(inner, (3, 3), 0.7), np.uint8)
