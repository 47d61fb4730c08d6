from __future__ import annotations

import onnx
import pytest
from pooling_network import pooling_embedder
from tiny_bundle import tiny_embedder

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.senses.graph import Node, nodes, pooled_tensor, with_output


@pytest.fixture(scope="module")
def shipped() -> bytes:
    return read_bundle(find_bundle(None)).embedder


def slow_nodes(model: bytes) -> list[Node]:
    graph = onnx.load_model_from_string(model).graph
    return [Node(node.op_type, tuple(node.input), tuple(node.output)) for node in graph.node]


def test_the_operations_are_those_that_onnx_reads(shipped: bytes) -> None:
    for model in (shipped, tiny_embedder(), pooling_embedder()):
        assert list(nodes(model)) == slow_nodes(model)


def test_the_feature_map_is_what_is_averaged_last(shipped: bytes) -> None:
    assert pooled_tensor(shipped, "embedding") == slow_nodes(shipped)[-7].inputs[0]
    assert pooled_tensor(pooling_embedder(), "embedding") == "cells"
    assert pooled_tensor(tiny_embedder(), "embedding") is None
    assert pooled_tensor(pooling_embedder(), "no such output") is None


def test_a_further_output_is_all_that_changes(shipped: bytes) -> None:
    for model, name in ((shipped, "relu_35"), (tiny_embedder(), "x" * 300)):
        before, after = onnx.load_model_from_string(model), onnx.load_model_from_string(with_output(model, name))
        assert [output.name for output in after.graph.output] == ["embedding", name]
        del after.graph.output[1]
        assert after == before


def test_fields_of_a_fixed_length_are_stepped_over_and_groups_refused() -> None:
    eight, four = bytes([9 << 3 | 1]) + bytes(8), bytes([10 << 3 | 5]) + bytes(4)
    assert list(nodes(eight + four + tiny_embedder())) == slow_nodes(tiny_embedder())
    with pytest.raises(ValueError, match="wire type 3"):
        list(nodes(bytes([9 << 3 | 3])))
