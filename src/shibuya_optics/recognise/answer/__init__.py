"""From what the senses tell of a photo to an answer."""
