"""The parts of `bench.tables`: the tables, searches on them, and what these add up to."""
