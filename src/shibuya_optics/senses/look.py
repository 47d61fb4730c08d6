"""Looking: what the network sees in a photo, as a vector, by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.errors import DamagedBundleError
from shibuya_optics.senses.graph import pooled_tensor, with_output

if TYPE_CHECKING:
    import onnxruntime

INPUT, OUTPUT = "images", "embedding"
BATCH = 16
_FATAL_ONLY = 4
_ERRORS_ONLY = 3
# Above this, the embedding is not made of the mean of the feature map alone.
_POOL_TOLERANCE = 1e-3


class Features(NamedTuple):
    """What the network sees of one photo before it averages over space, and after.

    Attributes:
        cells: float32 `(d, rows, columns)`, the last feature map, laid over the square that the contract cuts.
        embedding: float32 `(d,)`, of any length: `mean / |mean| - centre`, where `mean` is that of `cells` over space and
            `centre` is one vector for all photos.
    """

    cells: NDArray[np.float32]
    embedding: NDArray[np.float32]


class Look:
    """The network of a bundle, ready to look at photos.

    Args:
        embedder: an ONNX graph, `images` float32 `(n, 3, size, size)` to `embedding` float32 `(n, d)`.
        contract: how a photo becomes `images`.
        threads: for one look; None leaves it to ONNX Runtime, which takes the machine's physical cores.

    Raises:
        DamagedBundleError: ONNX Runtime refuses the graph, or its input or output is another than said above.
    """

    def __init__(self, embedder: bytes, contract: InputContract, threads: int | None = None) -> None:
        self.contract = contract
        self._opening = embedder, threads
        self._session = _session(embedder, threads)
        self.embedding_size = _checked_size(self._session, contract)

    def vectors(self, photos: Sequence[Pixels], batch: int = BATCH) -> NDArray[np.float32]:
        """Unit rows, float32 `(photos, d)`, of photos `uint8 (height, width, 3)`, RGB upright.

        A photo in which the network sees nothing at all gives a row of zeros.

        Raises:
            ContractError: an array is no photo.
            DamagedBundleError: the network gave numbers that are not finite.
        """
        rows = np.empty((len(photos), self.embedding_size), np.float32)
        for start in range(0, len(photos), batch):
            images = self.contract.tensor(photos[start : start + batch])
            rows[start : start + batch] = self._session.run([OUTPUT], {INPUT: images})[0]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all():
            raise DamagedBundleError("the bundle's embedder gave numbers that are not finite: fetch or build it again.")
        # A row of zeros has no direction: it stays as it is.
        rows /= np.where(lengths > 0, lengths, 1)
        return rows

    def features(self, photo: Pixels) -> Features | None:
        """The last feature map of a photo, for asking where in it something was seen; None where the network has none.

        It has one if its embedding is the mean of a feature map over space, at length 1, less a constant: networks of
        convolutions mostly are like that, transformers are not. The network is opened a second time for it, once.

        Raises:
            ContractError: the array is no photo.
        """
        if self._mapped is None:
            return None
        session, name = self._mapped
        embeddings, maps = session.run([OUTPUT, name], {INPUT: self.contract.tensor([photo])})
        return Features(_channels_first(maps, self.embedding_size)[0], embeddings[0])

    @cached_property
    def _mapped(self) -> tuple[onnxruntime.InferenceSession, str] | None:
        """The network with its feature map as an output, and the name of that; None where it has none that explains it."""
        embedder, threads = self._opening
        name = pooled_tensor(embedder, OUTPUT)
        if name is None:
            return None
        session = _session(with_output(embedder, name), threads)
        side = self.contract.size
        noise = np.random.default_rng(0).uniform(-1, 1, (2, 3, side, side)).astype(np.float32)
        noise[1] /= 10  # two images as unlike as it takes to tell a constant from a vector that varies
        embeddings, maps = session.run([OUTPUT, name], {INPUT: noise})
        if maps.ndim != 4 or self.embedding_size not in (maps.shape[1], maps.shape[3]):
            return None
        means = _channels_first(maps, self.embedding_size).mean(axis=(2, 3), dtype=np.float64)
        centres = means / np.linalg.norm(means, axis=1, keepdims=True) - embeddings
        return (session, name) if np.allclose(centres[0], centres[1], rtol=0, atol=_POOL_TOLERANCE) else None


def _channels_first(maps: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Feature maps `(n, d, rows, columns)`, of a network that has the channels second or last."""
    return maps if maps.shape[1] == channels else np.moveaxis(maps, 3, 1)


def _session(embedder: bytes, threads: int | None) -> onnxruntime.InferenceSession:
    import onnxruntime

    onnxruntime.set_default_logger_severity(_ERRORS_ONLY)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    # Threads that spin between photos would take a core from whoever else runs here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Laying the weights out anew takes half the start, and a network of convolutions runs no faster for it.
    options.add_session_config_entry("session.disable_prepacking", "1")
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(embedder, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no base class but Exception
        reason = str(error).splitlines()[0]
        raise DamagedBundleError(
            f"ONNX Runtime {onnxruntime.__version__} refuses the bundle's embedder ({reason}): build the bundle again, "
            "or update onnxruntime."
        ) from error


def _checked_size(session: onnxruntime.InferenceSession, contract: InputContract) -> int:
    """The length of an embedding, of a graph that has the promised input and output."""
    taken = {node.name: (node.type, node.shape) for node in session.get_inputs()}
    given = {node.name: (node.type, node.shape) for node in session.get_outputs()}
    image = (3, contract.size, contract.size)
    if list(taken) != [INPUT] or not _fits(taken[INPUT], image):
        raise DamagedBundleError(f"the bundle's embedder takes {taken}, not {INPUT!r} float32 (n, {image}).")
    if OUTPUT not in given or not _fits(given[OUTPUT], (None,)) or not isinstance(given[OUTPUT][1][1], int):
        raise DamagedBundleError(f"the bundle's embedder gives {given}, not {OUTPUT!r} float32 (n, d).")
    return int(given[OUTPUT][1][1])


def _fits(node: tuple[str, list[Any]], sizes: tuple[int | None, ...]) -> bool:
    """Whether a node is float32 of a free batch and these sizes; what is no number in the graph is free, too."""
    kind, (*shape,) = node
    if kind != "tensor(float)" or len(shape) != len(sizes) + 1 or isinstance(shape[0], int):
        return False
    return all(
        wanted is None or found == wanted or not isinstance(found, int)
        for found, wanted in zip(shape[1:], sizes, strict=True)
    )
