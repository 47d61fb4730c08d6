"""The ways to train by a recipe."""
