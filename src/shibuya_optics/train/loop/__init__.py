"""How a network learns: linear probe, then fine-tune."""
