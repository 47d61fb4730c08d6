"""An ONNX graph, read and added to as bytes: the package `onnx` is a part of training, and answering does without.

A graph is a protobuf message (`ModelProto`, `GraphProto`, `NodeProto`, `ValueInfoProto` of onnx.proto3), a row of fields, each a
number, a wire type and a value (protobuf.dev/programming-guides/encoding). Two messages one after the other are read as
one, merged; so an output is added by appending a message that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

POOLS = frozenset({"ReduceMean", "GlobalAveragePool"})
PASSES = frozenset({"Sub", "Div", "LpNormalization", "Identity", "Flatten", "Squeeze", "Reshape"})
"""What may stand between the mean over space and the embedding: a change of length, a shift, or of shape alone."""

_GRAPH, _GRAPH_NODE, _GRAPH_OUTPUT = 7, 1, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR = 1, 2, 4
_VALUE_NAME = 1
_VARINT, _EIGHT_BYTES, _DELIMITED, _FOUR_BYTES = 0, 1, 2, 5


class Node(NamedTuple):
    """One operation of a graph: its operator, and the names of the tensors that it takes and gives."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def pooled_tensor(model: bytes, output: str) -> str | None:
    """The name of the tensor of whose mean over space `output` is made; None where no such mean is found.

    The name is a guess from the operators alone: what the tensor holds, and that its mean gives the output, is for the
    caller to check.

    Args:
        model: an ONNX graph that ONNX Runtime accepts.
        output: the name of one of its outputs.
    """
    made_by = {name: node for node in nodes(model) for name in node.outputs}
    name = output
    while (node := made_by.get(name)) and node.inputs:
        if node.operator in POOLS:
            return node.inputs[0]
        if node.operator not in PASSES:
            return None
        name = node.inputs[0]
    return None


def with_output(model: bytes, name: str) -> bytes:
    """An ONNX graph with one of its inner tensors as a further output."""
    value = _delimited(_VALUE_NAME, name.encode())
    return model + _delimited(_GRAPH, _delimited(_GRAPH_OUTPUT, value))


def nodes(model: bytes) -> Iterator[Node]:
    """The operations of an ONNX graph, in its order, which is one of execution."""
    for field, graph in _parts(memoryview(model)):
        if field == _GRAPH:
            yield from (_node(part) for number, part in _parts(graph) if number == _GRAPH_NODE)


def _node(message: memoryview) -> Node:
    texts: dict[int, list[str]] = {_NODE_INPUT: [], _NODE_OUTPUT: [], _NODE_OPERATOR: []}
    for field, part in _parts(message):
        if field in texts:
            texts[field].append(str(part, "utf-8"))
    return Node("".join(texts[_NODE_OPERATOR]), tuple(texts[_NODE_INPUT]), tuple(texts[_NODE_OUTPUT]))


def _parts(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and bytes of the fields that have a length: texts and messages. Others are stepped over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        field, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            _, at = _varint(message, at)
        elif wire_type == _DELIMITED:
            length, at = _varint(message, at)
            yield field, message[at : at + length]
            at += length
        elif wire_type in (_EIGHT_BYTES, _FOUR_BYTES):
            at += 8 if wire_type == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire_type} at byte {at} is none of protobuf's that ONNX uses.")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The whole number that begins at a byte, 7 bits a byte, lowest first; and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _delimited(field: int, content: bytes) -> bytes:
    return _as_varint(field << 3 | _DELIMITED) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
