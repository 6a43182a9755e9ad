"""One push from its claim to its mail: the store, and a module for each step."""
