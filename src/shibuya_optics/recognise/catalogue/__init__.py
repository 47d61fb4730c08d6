"""What is known of each product: its look and its print, taught and forgotten."""
