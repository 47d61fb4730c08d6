"""From a trained network to a bundle: the ONNX graph, the catalogue, and proof that both say what PyTorch says."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.errors import RunError
from shibuya_optics.senses import Look

# Above this, a logit of the exported graph is not the one that was trained.
PARITY_TOLERANCE = 1e-4


class Centred(nn.Module):
    """A network whose embedding is the unit vector less the mean of the training photos' unit vectors.

    All unit vectors of one network share a large part, since its features are not negative. With that part taken away,
    cosines tell products apart, and a product learned by training and one taught as a mean of photos are compared on
    equal terms: without it, every taught product is near every photo. After Wang, Chao, Weinberger, van der Maaten,
    "SimpleShot", 2019 (arXiv 1911.04623).
    """

    centre: Tensor

    def __init__(self, network: nn.Module, centre: Tensor) -> None:
        """`network`: `(batch, 3, size, size)` to `(batch, d)`; `centre`: `(d,)`."""
        super().__init__()
        self.network = network
        self.register_buffer("centre", centre)

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, size, size)` to `(batch, d)`, of any length."""
        return functional.normalize(self.network(images), dim=1) - self.centre


def export_onnx(network: nn.Module, contract: InputContract) -> bytes:
    """The network as an ONNX graph: `images` float32 `(n, 3, size, size)` to `embedding` float32 `(n, d)`.

    Height and width stay free (multiples of 32), unless a part of the network says `free_size = False`. Names of source
    files, which PyTorch records, are taken out.
    """
    for module in network.modules():
        if callable(prepare := getattr(module, "before_export", None)):
            prepare()
    network = network.float().eval().cpu()
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # absent from its stub
    free = torch.export.Dim.DYNAMIC
    free_size = all(getattr(module, "free_size", True) for module in network.modules())
    example = torch.zeros(2, 3, contract.size, contract.size)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            (example,),
            input_names=["images"],
            output_names=["embedding"],
            dynamic_shapes=({0: free, 2: free, 3: free} if free_size else {0: free},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RunError("PyTorch exported no ONNX graph: install the versions of constraints.txt.")
    model = program.model_proto
    _strip(model)
    onnx.checker.check_model(model)
    stream = io.BytesIO()
    onnx.save_model(model, stream)
    return stream.getvalue()


def _strip(model: onnx.ModelProto) -> None:
    """Take out what says where and when the graph was made: it would differ between machines, and name their paths."""
    for part in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for part in (*model.graph.initializer, *model.graph.value_info):
        part.ClearField("metadata_props")


@torch.no_grad()
def largest_difference(
    network: nn.Module, look: Look, prototypes: NDArray[np.float32], scale: float, photos: Sequence[Pixels]
) -> float:
    """The largest difference between logits by PyTorch and by the exported graph.

    Raises:
        RunError: it is above 1e-4, so the export is not the network that was trained.
    """
    embedding = network.eval().cpu()(torch.from_numpy(look.contract.tensor(photos)))
    trained = functional.normalize(embedding, dim=1).numpy() @ prototypes.T
    difference = scale * float(np.abs(trained - look.vectors(photos) @ prototypes.T).max())
    if not difference <= PARITY_TOLERANCE:
        raise RunError(
            f"the exported network's logits differ by {difference:.2g} from the trained one's, at most "
            f"{PARITY_TOLERANCE:g} is accepted: install the versions of constraints.txt."
        )
    return difference
