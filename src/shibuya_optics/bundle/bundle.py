"""The bundle: one file with everything that answering needs, a zip without pickle.

`embedder.onnx` is the network, `catalogue.npz` how each product looks, `packs.json` what is printed on it, `bundle.json` the
input contract, label tree, decision numbers, licence, lineage and hashes, and `MODEL_CARD.md` the account for people.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle.archive import read_archive, write_archive
from shibuya_optics.bundle.numbers import Costs, Decision, Fusion
from shibuya_optics.bundle.printed import Printed, printed_as_json, printed_from_json
from shibuya_optics.contract import InputContract
from shibuya_optics.errors import BundleError, DamagedBundleError, InputError
from shibuya_optics.labels import LabelTree

EMBEDDER, CATALOGUE, PACKS, CARD = "embedder.onnx", "catalogue.npz", "packs.json", "MODEL_CARD.md"
LEARNED_WEIGHT = 10.0
"""What a prototype that training gave weighs against one taught photo."""
_ARRAYS = {
    "prototypes": np.float32,
    "prototype_weights": np.float32,
    "exemplars": np.float16,
    "exemplar_products": np.int32,
    "held_out": np.float16,
    "held_out_products": np.int32,
    "differences": np.float16,
}
_THRESHOLDS = ("product_threshold", "kind_threshold")
_SINCE = {"held_out": 3, "held_out_products": 3, "differences": 4}


def _none_held_out() -> NDArray[np.float16]:
    return np.empty((0, 0), np.float16)


def _all_learned() -> NDArray[np.float32]:
    return np.empty(0, np.float32)


@dataclass(frozen=True, eq=False, kw_only=True)
class Bundle:
    """What a bundle file holds. `d` is the length of an embedding, `products` the number of labels in the tree.

    Attributes:
        name: as people call it, `pantry-mobile`.
        embedder: an ONNX graph: `images` float32 `(n, 3, size, size)` to `embedding` float32 `(n, d)`.
        contract: how a photo becomes `images`.
        tree: the products; row numbers below are its class ids.
        prototypes: float32 `(products, d)`, unit rows. A product taught later gets the mean direction of its photos,
            and must compete fairly: so these, too, lie where the photos of their products lie, in a space centred on
            the mean of all photos. Bare rows of a classifier do not, and lose to anything taught. A product that was taught
            by words or a barcode alone has no look: its row is zeros.
        exemplars: float16 `(e, d)`, unit rows: embeddings of photos, at least one a product that has a look.
        exemplar_products: int32 `(e,)`: the class id of each exemplar.
        decision: the numbers that turn likeness into an answer.
        fusion: the numbers that weigh looking against reading.
        costs: what right and wrong answers are worth.
        held_out: float16 `(h, d)`, unit rows: embeddings of photos that nothing was learned from; answer sets are measured on
            them.
        held_out_products: int32 `(h,)`: the class id of each.
        differences: float16 `(2, d, a)`: the directions along which photos trained on differ, of one product and altogether
            (`recognise/known/mahalanobis.py`); `a` is 0 where they are not known.
        printed: what is printed on the packs of products, by label; a product of which nothing is known is left out.
        licence: of the network's weights, as an SPDX expression.
        created_at: when the network was exported; ISO 8601 with a zone.
        taught: the labels that came by teaching from photos, without training.
        lineage: JSON objects: what the weights and data come from, with licences.
        results: JSON object: what was measured.
        card: the text of `MODEL_CARD.md`.
        prototype_weights: float32 `(products,)`: length of the sum of which the prototype is the direction, where a
            taught photo adds a unit vector; 0 without a look; left out, every prototype is learned and weighs
            `LEARNED_WEIGHT`.

    Raises:
        BundleError: the parts do not fit each other; the message says which.
    """

    name: str
    embedder: bytes = field(repr=False)
    contract: InputContract
    tree: LabelTree = field(repr=False)
    prototypes: NDArray[np.float32] = field(repr=False)
    exemplars: NDArray[np.float16] = field(repr=False)
    exemplar_products: NDArray[np.int32] = field(repr=False)
    decision: Decision
    fusion: Fusion = field(default_factory=Fusion)
    costs: Costs = field(default_factory=Costs)
    printed: Mapping[str, Printed] = field(default_factory=dict, repr=False)
    licence: str
    created_at: str
    taught: frozenset[str] = field(default=frozenset(), repr=False)
    lineage: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    results: Mapping[str, Any] = field(default_factory=dict, repr=False)
    card: str = field(default="", repr=False)
    prototype_weights: NDArray[np.float32] = field(default_factory=_all_learned, repr=False)
    held_out: NDArray[np.float16] = field(default_factory=_none_held_out, repr=False)
    held_out_products: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32), repr=False)
    differences: NDArray[np.float16] = field(default_factory=lambda: np.empty((2, 0, 0), np.float16), repr=False)

    def __post_init__(self) -> None:
        if not self.prototype_weights.size:
            object.__setattr__(self, "prototype_weights", np.full(len(self.tree), LEARNED_WEIGHT, np.float32))
        if not self.held_out.size:
            object.__setattr__(self, "held_out", np.empty((0, *self.prototypes.shape[1:]), np.float16))
        if not self.differences.size:
            object.__setattr__(self, "differences", np.empty((2, *self.prototypes.shape[1:], 0), np.float16))
        _check_shapes(self)
        _check_values(self)

    @property
    def embedding_size(self) -> int:
        """`d`, the length of an embedding."""
        return int(self.prototypes.shape[1])


def _check_shapes(bundle: Bundle) -> None:
    products, exemplars = len(bundle.tree), bundle.exemplar_products.size
    size = bundle.prototypes.shape[1] if bundle.prototypes.ndim == 2 else 0
    expected = {
        "prototypes": (products, size),
        "prototype_weights": (products,),
        "exemplars": (exemplars, size),
        "exemplar_products": (exemplars,),
        "held_out": (bundle.held_out_products.size, size),
        "held_out_products": (bundle.held_out_products.size,),
        "differences": (2, size, bundle.differences.shape[-1]),
    }
    for name, shape in expected.items():
        array = getattr(bundle, name)
        if array.dtype != _ARRAYS[name] or array.shape != shape:
            raise BundleError(
                f"the catalogue's {name} are {array.dtype} {array.shape}, and {products} products need "
                f"{np.dtype(_ARRAYS[name])} {shape}."
            )


def _check_values(bundle: Bundle) -> None:
    weights = bundle.prototype_weights
    if not np.isfinite(bundle.differences).all():
        raise BundleError("the catalogue's differences are not all finite.")
    if not np.all(np.isfinite(weights) & (weights >= 0)):
        raise BundleError("the catalogue's prototype_weights are not all 0 or above.")
    looks = weights > 0
    lengths = {"exemplars": np.ones(len(bundle.exemplars)), "held_out": np.ones(len(bundle.held_out))}
    for name, expected in {"prototypes": looks, **lengths}.items():
        measured = np.linalg.norm(getattr(bundle, name).astype(np.float32), axis=1)
        if not np.allclose(measured, expected, atol=1e-2):
            raise BundleError(f"the catalogue's {name} are not all of length 1.")
    _check_products(bundle, looks)


def _check_products(bundle: Bundle, looks: NDArray[np.bool_]) -> None:
    for name in ("exemplar_products", "held_out_products"):
        ids = getattr(bundle, name)
        if ids.size and not 0 <= ids.min() <= ids.max() < len(bundle.tree):
            raise BundleError(f"the catalogue's {name} name products that the label tree does not hold.")
    remembered = np.bincount(bundle.exemplar_products, minlength=len(bundle.tree)) > 0
    for label, look, photos in zip(bundle.tree.products, looks, remembered, strict=True):
        if look != photos:
            raise BundleError(f"product {label!r} has {'no exemplar' if look else 'exemplars, and no look'}.")
        if not look and not bundle.printed.get(label):
            raise BundleError(f"of product {label!r} neither a look nor print is known.")
    if not all(label in bundle.tree for label in (*bundle.taught, *bundle.printed)):
        raise BundleError("a taught label, or one with print, is not in the label tree.")


def write_bundle(bundle: Bundle, path: str | os.PathLike[str]) -> Path:
    """Write a bundle, whole or not at all. The same bundle gives the same bytes.

    Raises:
        BundleError: the file cannot be written.
    """
    catalogue = io.BytesIO()
    np.savez(catalogue, allow_pickle=False, **{name: getattr(bundle, name) for name in _ARRAYS})
    index = {
        "name": bundle.name,
        "created_at": bundle.created_at,
        "licence": bundle.licence,
        "contract": bundle.contract.as_json(),
        "decision": asdict(bundle.decision),
        "fusion": asdict(bundle.fusion),
        "costs": asdict(bundle.costs),
        "labels": list(bundle.tree.products),
        "taught": sorted(bundle.taught),
        "lineage": list(bundle.lineage),
        "results": dict(bundle.results),
    }
    parts = {
        EMBEDDER: bundle.embedder,
        CATALOGUE: catalogue.getvalue(),
        PACKS: printed_as_json(bundle.printed),
        CARD: bundle.card.encode(),
    }
    write_archive(Path(path), index, parts)
    return Path(path)


def read_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Read a bundle and check every part of it. The network itself is checked when it is opened.

    Raises:
        BundleNotFoundError: there is no such file.
        NewerBundleError: it was written by a newer version of this package.
        DamagedBundleError: it is not as it was written, or its parts do not fit each other.
    """
    path = Path(path)
    index, parts = read_archive(path)
    try:
        return _assemble(index, parts)
    except KeyError as error:
        raise DamagedBundleError(f"{path} is damaged: it lacks {error}: fetch or build it again.") from error
    except (InputError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedBundleError(f"{path} is damaged: {error}") from error


def _assemble(index: Mapping[str, Any], parts: Mapping[str, bytes]) -> Bundle:
    with np.load(io.BytesIO(parts[CATALOGUE]), allow_pickle=False) as stored:
        known = [name for name in _ARRAYS if index["schema"] >= _SINCE.get(name, 1)]
        arrays = {name: stored[name] for name in known}
    return Bundle(
        name=index["name"],
        embedder=parts[EMBEDDER],
        contract=InputContract.from_json(index["contract"]),
        tree=LabelTree(tuple(index["labels"])),
        decision=_decision(index),
        licence=index["licence"],
        created_at=index["created_at"],
        taught=frozenset(index["taught"]),
        lineage=tuple(index["lineage"]),
        results=index["results"],
        card=parts[CARD].decode(),
        # Format 1 knew nothing of print.
        fusion=Fusion.from_json(index["fusion"]) if index["schema"] > 1 else Fusion(),
        printed=printed_from_json(parts[PACKS]) if index["schema"] > 1 else {},
        costs=Costs.from_json(index["costs"]) if index["schema"] > 2 else Costs(),
        **arrays,
    )


def _decision(index: Mapping[str, Any]) -> Decision:
    """The decision numbers; formats 1 and 2 had thresholds in the place of costs, and one test of the known; format 3 had no `Typical`."""
    stored = dict(index["decision"])
    if index["schema"] < 3:
        stored = {name: number for name, number in stored.items() if name not in _THRESHOLDS}
        stored |= {"kinds_midpoint": 0.0, "kinds_slope": 0.0}
    if index["schema"] < 4:
        stored |= {"typical_weight": 0.0, "learned_midpoint": 0.0, "learned_slope": 0.0}
    return Decision.from_json(stored)
