"""Teach a network from a dataset: linear probe, fine-tune, export. The only room, with those above it, that needs PyTorch."""
