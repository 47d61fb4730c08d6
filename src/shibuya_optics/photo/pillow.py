"""Every format but plain JPEG, by Pillow and pillow-heif, and any mode of pixels as upright 8-bit RGB."""

from __future__ import annotations

import warnings
from io import BytesIO
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image, ImageChops, UnidentifiedImageError

from shibuya_optics.errors import NotAPhotoError, PhotoError, TooManyPixelsError, TruncatedPhotoError
from shibuya_optics.photo.limits import MOST_PIXELS, Pixels, check_pixels
from shibuya_optics.photo.orientation import ORIENTATION_TAG, upright

_BITS_TAG, _PHOTOMETRIC_TAG, _WHITE_IS_ZERO = 258, 262, 0
_WIDE_MODES = {"I", "F"}


class _Quiet:
    """Keeps Pillow's warnings to itself while any thread decodes; catch_warnings alone is not safe across threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._caught = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._caught.__exit__(None, None, None)


_quiet = _Quiet()


def read_with_pillow(data: bytes, format_name: str, name: str, short_side: int | None = None) -> Pixels:
    """The first picture of a file, upright RGB `uint8 (height, width, 3)`; a JPEG scaled down to no less than `short_side`.

    Raises:
        TruncatedPhotoError: the file breaks off, or is damaged or of a variant that is not read.
        TooManyPixelsError, NotAPhotoError
    """
    try:
        with _quiet:
            if format_name == "HEIC":
                return _read_heic(data, name)
            with Image.open(BytesIO(data), formats=(format_name,)) as image:
                check_pixels(name, *image.size)
                if short_side:
                    image.draft(None, (short_side, short_side))
                return _upright_rgb(image, name)
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixelsError(
            f"{name} has more than {MOST_PIXELS // 10**6} megapixels, the most that are decoded: save it smaller."
        ) from error
    except Exception as error:  # a damaged file makes decoders raise nearly anything
        raise TruncatedPhotoError(
            f"{name} is a damaged {format_name.replace('WEBP', 'WebP')}, or of a variant that is not read{_reason(error)}: "
            "copy or download it again, or save it as JPEG."
        ) from error


def read_pillow_image(image: Image.Image, name: str) -> Pixels:
    """The pixels of a PIL image, upright RGB `uint8 (height, width, 3)`; the image stays as it is.

    Raises:
        PhotoError: it is empty, too large, or its file is damaged.
    """
    check_pixels(name, *image.size)
    try:
        with _quiet:
            return _upright_rgb(image, name)
    except PhotoError:
        raise
    except Exception as error:  # as above
        raise TruncatedPhotoError(f"{name} cannot be decoded{_reason(error)}: open its file again.") from error


def _read_heic(data: bytes, name: str) -> Pixels:
    import pillow_heif  # 20 ms that only HEIC files need

    heif = pillow_heif.open_heif(BytesIO(data))
    check_pixels(name, *heif.size)
    # Its decoder has already turned the picture, as the format demands; the EXIF orientation is for information only.
    return rgb(heif.to_pillow(), name)


def _upright_rgb(image: Image.Image, name: str) -> Pixels:
    # First the pixels: PNG may keep EXIF behind them, and newer Pillow turns a TIFF itself and then drops the tag.
    pixels = rgb(image, name)
    return upright(pixels, image.getexif().get(ORIENTATION_TAG))


def rgb(image: Image.Image, name: str) -> Pixels:
    """The pixels of a PIL image of any mode as 8-bit RGB, on white where they are transparent.

    Raises:
        NotAPhotoError: it holds 32-bit numbers, which have no agreed range.
    """
    if image.mode.startswith("I;16"):
        return np.repeat(_grey_of_16_bit(image)[..., None], 3, axis=2)
    if image.mode in _WIDE_MODES:
        raise NotAPhotoError(f"{name} holds 32-bit numbers instead of colours: save it with 8 or 16 bits a channel.")
    if image.has_transparency_data:
        image = _on_white(image)
    elif image.mode == "CMYK" and image.format in {"JPEG", "MPO"} and "adobe" not in image.info:
        # Pillow takes every CMYK JPEG as stored inverted, which is Adobe's habit and not the standard.
        image = ImageChops.invert(image)
    return np.asarray(image.convert("RGB"))


def _grey_of_16_bit(image: Image.Image) -> Pixels:
    values = np.asarray(image).astype(np.uint16)
    tags: Any = getattr(image, "tag_v2", {})
    values <<= 16 - int(tags.get(_BITS_TAG, (16,))[0])
    if tags.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO:
        values = ~values
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        values[values == transparent] = 0xFFFF
    return (values >> 8).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return ""
    words = " ".join(str(error).split())[:100]  # they may quote the damaged file
    return f" ({''.join(character for character in words if character.isprintable())})"
