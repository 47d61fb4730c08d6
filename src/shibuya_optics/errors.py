"""The error tree. Every message says what was wrong, what was received, what is accepted, and what to do.

OpticsError
+-- InputError                 what the caller gave cannot be used; the command line exits 2
|   +-- PhotoError
|   |   +-- PhotoNotFoundError
|   |   +-- EmptyPhotoError
|   |   +-- NotAPhotoError
|   |   +-- TruncatedPhotoError
|   |   +-- TooManyPixelsError
|   |   +-- TooManyBytesError
|   +-- LabelError
|   |   +-- UnknownLabelError
|   +-- ContractError
|   +-- LibraryError
|   +-- DatasetError
|   +-- RecipeError
|   +-- ViewsError
|   +-- RunError
|   +-- WeightsError
|   +-- TeachError
|   +-- ListingError
|   +-- BundleError
|       +-- BundleNotFoundError
|       +-- DamagedBundleError
|       +-- NewerBundleError
+-- MissingExtraError          an optional part of the package is not installed
"""

from __future__ import annotations


class OpticsError(Exception):
    """Anything this package raises on purpose. `code` is stable and meant for programs; the message is for people."""

    code = "error"


class InputError(OpticsError):
    """What the caller gave cannot be used."""

    code = "input"


class PhotoError(InputError):
    """A photo cannot be used."""

    code = "photo"


class PhotoNotFoundError(PhotoError):
    """There is no such file, or no photo in the folder."""

    code = "photo-not-found"


class EmptyPhotoError(PhotoError):
    """The photo holds no bytes."""

    code = "photo-empty"


class NotAPhotoError(PhotoError):
    """The bytes are of no image format that is read."""

    code = "photo-not-an-image"


class TruncatedPhotoError(PhotoError):
    """The image starts well and breaks off, or is damaged inside."""

    code = "photo-truncated"


class TooManyPixelsError(PhotoError):
    """The image has more pixels than are decoded."""

    code = "photo-too-many-pixels"


class TooManyBytesError(PhotoError):
    """The file is larger than is read."""

    code = "photo-too-many-bytes"


class LabelError(InputError):
    """A label is not well formed."""

    code = "label"


class UnknownLabelError(LabelError):
    """A label is well formed, and not among those known here."""

    code = "label-unknown"


class ContractError(InputError):
    """An input contract is not well formed, or a photo array does not fit it."""

    code = "contract"


class LibraryError(InputError):
    """A photo library cannot be read or written."""

    code = "library"


class DatasetError(InputError):
    """A dataset file or a public set cannot be used."""

    code = "dataset"


class RecipeError(InputError):
    """A training recipe is not well formed."""

    code = "recipe"


class ViewsError(InputError, ValueError):
    """A range of the random views is out of its limits. A ValueError too, which pydantic takes for a recipe's fault."""

    code = "views"


class RunError(InputError):
    """A run folder cannot be used."""

    code = "run"


class WeightsError(InputError):
    """Starting weights are missing or do not fit the network."""

    code = "weights"


class TeachError(InputError):
    """A product cannot be taught from what was given."""

    code = "teach"


class ListingError(InputError):
    """A service that lists products by their barcodes cannot be asked."""

    code = "listing"


class BundleError(InputError):
    """A bundle cannot be used."""

    code = "bundle"


class BundleNotFoundError(BundleError):
    """There is no such bundle."""

    code = "bundle-not-found"


class DamagedBundleError(BundleError):
    """A bundle is not a zip, lacks a part, or a part does not have the recorded hash."""

    code = "bundle-damaged"


class NewerBundleError(BundleError):
    """A bundle was written by a newer version of this package."""

    code = "bundle-newer"


class MissingExtraError(OpticsError):
    """An optional part of the package is not installed."""

    code = "missing-extra"

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(f'{needed_for} needs an optional part: run `pip install "shibuya-optics[{extra}]"`.')
        self.extra = extra
