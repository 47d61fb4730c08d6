"""From what was learned to a bundle: its products, its decision numbers, what it is worth."""
