"""What a training learns from: the photos of a dataset, as the network sees them."""
