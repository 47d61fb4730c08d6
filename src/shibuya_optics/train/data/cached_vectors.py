"""What a frozen network sees in the photos of a dataset, computed once and kept beside the dataset.

The file `<dataset>.features/<key>.h5` holds `vectors`, float32 `(photos, d)`, unit rows. Its name is a hash of the network,
its contract and the dataset's content, so that no other network's or dataset's vectors can be taken for it. On the way the
photos seen so far lie in `<key>.part/`; a pass that was killed goes on from them. Where several processes want vectors that are
not there yet, one looks and the others wait.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.files import alone_in, replacing, write_whole
from shibuya_optics.senses import Look
from shibuya_optics.train.data.progress_bar import with_bar

AT_ONCE = 256


def cached_vectors(
    file: PantryFile, embedder: bytes, contract: InputContract, *, progress: bool = False
) -> NDArray[np.float32]:
    """Unit rows `(photos of the dataset, d)`, by row.

    Args:
        file: the dataset.
        embedder: an ONNX graph, as a bundle holds it.
        contract: how a photo becomes its input.
        progress: show a bar on the terminal while photos are looked at.

    Raises:
        DamagedBundleError: ONNX Runtime refuses the graph.
        OSError: nothing can be written beside the dataset.
    """
    folder = file.path.with_name(f"{file.path.name}.features")
    path = folder / f"{_key(file, embedder, contract)}.h5"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        with alone_in(folder, wait=True):
            if not path.exists():
                _fill(path, file, Look(embedder, contract), progress=progress)
    with h5py.File(path, "r") as stored:
        vectors: NDArray[np.float32] = stored["vectors"][:]
    return vectors


def _key(file: PantryFile, embedder: bytes, contract: InputContract) -> str:
    parts = [hashlib.sha256(embedder).hexdigest(), json.dumps(contract.as_json(), sort_keys=True), file.hash]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _fill(path: Path, file: PantryFile, look: Look, *, progress: bool) -> None:
    pieces = path.with_suffix(".part")
    pieces.mkdir(exist_ok=True)
    starts = range(0, len(file), AT_ONCE)
    for start in with_bar(starts, "looking at photos") if progress else starts:
        piece = pieces / f"{start}.npy"
        if not piece.exists():
            rows = range(start, min(start + AT_ONCE, len(file)))
            stream = io.BytesIO()
            np.save(stream, look.vectors([file.photo(row) for row in rows]), allow_pickle=False)
            write_whole(piece, stream.getvalue())
    with replacing(path) as part, h5py.File(part, "w") as stored:
        vectors = stored.create_dataset("vectors", (len(file), look.embedding_size), np.float32)
        for start in starts:
            vectors[start : start + AT_ONCE] = np.load(pieces / f"{start}.npy", allow_pickle=False)
    shutil.rmtree(pieces, ignore_errors=True)
