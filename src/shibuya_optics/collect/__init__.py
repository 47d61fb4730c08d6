"""Photos come in: the photo library, and what fills it."""
