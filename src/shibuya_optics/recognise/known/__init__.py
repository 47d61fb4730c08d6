"""Is it anything known? Each score of being known, and what they come to together."""
