"""Three weak networks on real images, trained under different strategies for `bench.networks`."""
