"""A bundle small enough for any test: its network averages a 32 px photo to 4 x 4 colours, an embedding of 48 numbers.

Photos of one plain colour are told apart by their colour, so a test can say what looks like what.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from shibuya_optics.bundle import Bundle, Costs, Decision
from shibuya_optics.contract import InputContract
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.answer.fusing import Scored, look_alone

SIZE = 48
CONTRACT = InputContract(size=32, resize=32, interpolation="bilinear")
DECISION = Decision(
    scale=20.0,
    temperature=1.0,
    known_midpoint=0.8,
    known_slope=20.0,
)
COSTS = Costs(right_kind=0.2, rolled_up=0.95)
PRODUCTS = ("Dairy/Butter/Red", "Dairy/Butter/Crimson", "Dairy/Milk/Green", "Blue")
COLOURS = {
    "Dairy/Butter/Red": (250, 10, 10),
    "Dairy/Butter/Crimson": (250, 10, 60),
    "Dairy/Milk/Green": (10, 250, 10),
    "Blue": (10, 10, 250),
}


def by_look(cosines: NDArray[np.float32], familiarity: NDArray[np.float32], decision: Decision = DECISION) -> Scored:
    """What looking says, where every product has a look."""
    return look_alone(cosines, familiarity, np.ones(cosines.shape[1], np.bool_), decision)


def tiny_embedder(
    side: int = CONTRACT.size, names: tuple[str, str] = ("images", "embedding"), scale: float = 1
) -> bytes:
    """An ONNX graph: `names[0]` float32 `(n, 3, side, side)` to `names[1]` float32 `(n, 48)`, multiplied by `scale`."""
    pooled = side // 4
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", [names[0]], ["cells"], kernel_shape=[pooled] * 2, strides=[pooled] * 2),
            helper.make_node("Flatten", ["cells"], ["flat"]),
            helper.make_node("Mul", ["flat", "scale"], [names[1]]),
        ],
        "tiny",
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info(names[1], TensorProto.FLOAT, ["n", SIZE])],
        [helper.make_tensor("scale", TensorProto.FLOAT, [], [scale])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def plain_photo(colour: tuple[int, int, int], side: int = 40) -> NDArray[np.uint8]:
    """A photo of one colour, uint8 `(side, side, 3)`."""
    return np.full((side, side, 3), colour, np.uint8)


def noisy_photo(colour: tuple[int, int, int], seed: int, noise: int = 30, side: int = 40) -> NDArray[np.uint8]:
    """A photo of about one colour, uint8 `(side, side, 3)`; every seed gives another."""
    spread = np.random.default_rng(seed).integers(-noise, noise + 1, (side, side, 3))
    return np.clip(np.asarray(colour) + spread, 0, 255).astype(np.uint8)


def vector_of(colour: tuple[int, int, int]) -> NDArray[np.float32]:
    """The unit vector `(48,)` that the tiny network gives for a photo of one colour; the slow obvious way."""
    row = np.repeat((np.asarray(colour, np.float64) / 255 - 0.5) / 0.5, SIZE // 3)
    return (row / np.linalg.norm(row)).astype(np.float32)


def tiny_bundle(products: tuple[str, ...] = PRODUCTS) -> Bundle:
    """A bundle of some of the four products above, each with its colour as prototype and two exemplars."""
    prototypes = np.array([vector_of(COLOURS[label]) for label in products], np.float32).reshape(-1, SIZE)
    return Bundle(
        name="tiny",
        embedder=tiny_embedder(),
        contract=CONTRACT,
        tree=LabelTree(products),
        prototypes=prototypes,
        exemplars=np.repeat(prototypes, 2, axis=0).astype(np.float16),
        exemplar_products=np.repeat(np.arange(len(products)), 2).astype(np.int32),
        decision=DECISION,
        costs=COSTS,
        licence="MIT",
        created_at="2025-01-01T00:00:00+00:00",
        lineage=({"name": "tiny network", "licence": "MIT"},),
        results={"accuracy": 0.5},
        card="# tiny\n\nÜber das Netz.\n",
    )
