"""What is true of every backbone, whatever library it comes from."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from shibuya_optics.contract import InputContract
from shibuya_optics.senses import Look
from shibuya_optics.train.bundling.onnx_export import Centred, export_onnx


def parameter_ids(modules: list[nn.Module]) -> list[int]:
    return [id(parameter) for module in modules for parameter in module.parameters()]


def check_backbone(network: nn.Module, size: int, stages: int) -> None:
    """Its parts hold every parameter once, and one step changes its weights."""
    parts = network.stages()  # type: ignore[operator]  # every backbone has it
    assert len(parts) >= stages
    assert sorted(parameter_ids(parts)) == sorted(parameter_ids([network]))
    _check_step(network, size)


def _check_step(network: nn.Module, size: int) -> None:
    """A gradient reaches the first and the last part; the numbers of batch-norm stay as they are."""
    torch.manual_seed(0)
    before = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    images, wanted = torch.randn(4, 3, size, size), torch.randn(4, network.embedding_size)  # type: ignore[call-overload]
    network.train()
    optimiser = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.1)
    functional.mse_loss(network(images), wanted).backward()  # type: ignore[no-untyped-call]  # torch has no types here
    optimiser.step()
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed
    parts = network.stages()  # type: ignore[operator]  # every backbone has it
    for part in (parts[0], parts[-1]):
        gradients = [parameter.grad for parameter in part.parameters() if parameter.grad is not None]
        assert any(bool(gradient.abs().max() > 0) for gradient in gradients)
    assert not any("running_" in name for name in changed)


def check_export(network: nn.Module, size: int) -> None:
    """Its graph says what PyTorch says, of batches of 1 and of 3, within 1e-4."""
    embedding_size = int(network.embedding_size)  # type: ignore[arg-type]
    centred = Centred(network, torch.full((embedding_size,), 0.01))
    contract = InputContract(size=size, resize=size)
    look = Look(export_onnx(centred, contract), contract)
    for count in (1, 3):
        images = torch.randn(count, 3, size, size)
        with torch.no_grad():
            expected = centred.eval()(images).numpy()
        seen = look._session.run(["embedding"], {"images": images.numpy()})[0]
        assert seen.shape == (count, embedding_size)
        assert np.abs(seen - expected).max() <= 1e-4
