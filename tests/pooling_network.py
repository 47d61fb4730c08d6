"""A network small enough for any test that has a feature map: each cell of 8 px gives six numbers, embedding their mean."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

DEPTH = 6
CENTRE = np.linspace(-0.2, 0.3, DEPTH).astype(np.float32)


def pooling_embedder(*, side: int = 32, unit: bool = True, channels_last: bool = False) -> bytes:
    """An ONNX graph: `images` float32 `(n, 3, side, side)` to `embedding` float32 `(n, 6)`.

    Its feature map `cells` is how bright and how dark each colour is, 0 or above. `unit`: the mean over space is brought to
    length 1, and a centre taken off, as in an exported network; else the mean is the embedding.
    """
    mix = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32).reshape(DEPTH, 3, 1, 1)
    constants = {"mix": mix, "axes": np.array([1, 2] if channels_last else [2, 3]), "centre": CENTRE}
    nodes = [
        helper.make_node("AveragePool", ["images"], ["blocks"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["blocks", "mix"], ["mixed"]),
        helper.make_node("Relu", ["mixed"], ["bright"]),
        helper.make_node("Transpose", ["bright"], ["cells"], perm=[0, 2, 3, 1])
        if channels_last
        else helper.make_node("Identity", ["bright"], ["cells"]),
        helper.make_node("ReduceMean", ["cells", "axes"], ["mean" if unit else "embedding"], keepdims=0),
    ]
    if unit:
        nodes += [
            helper.make_node("LpNormalization", ["mean"], ["direction"], axis=1, p=2),
            helper.make_node("Sub", ["direction", "centre"], ["embedding"]),
        ]
    graph = helper.make_graph(
        nodes,
        "pooling",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DEPTH])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return bytes(model.SerializeToString())
