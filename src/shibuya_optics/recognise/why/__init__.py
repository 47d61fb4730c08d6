"""Why an answer is as it is: where the network looked, what it was reminded of, and both drawn on the photo."""
