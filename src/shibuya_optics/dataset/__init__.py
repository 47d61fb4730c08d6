"""From the photo library, or a public set, to the one file that training and evaluation read."""
