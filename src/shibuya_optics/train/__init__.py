"""Teach a network from a dataset: linear probe, fine-tune, export. The only room with PyTorch, where whole networks learn."""
