"""Numbers on how good the answers are: pure functions on arrays, and the judge that runs a recogniser for them."""
