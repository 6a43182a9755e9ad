"""How large a tweaked network may become."""

from __future__ import annotations

from dataclasses import dataclass, replace

from include.tweaker.network import Cost, Network


@dataclass(frozen=True)
class Caps:
    """The most that a tweaked network may cost; what exceeds it is never trained.

    Args:
        parameters: Trainable parameters.
        macs: Multiply-adds for one image.
        times_own: A network that is large already may become this many times as large instead.
    """

    parameters: int = 50_000_000
    macs: int = 20_000_000_000
    times_own: int = 64

    def around(self, network: Network) -> Network:
        """Return a network with these caps; without them where its own cost isn't known."""
        own = network.cost({})
        if own is None:
            return network
        most = Cost(
            max(self.parameters, self.times_own * own.parameters), max(self.macs, self.times_own * own.macs)
        )
        return replace(network, caps=most)


DEFAULT_CAPS = Caps()
