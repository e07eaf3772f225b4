"""What a training run depends on, and what it leads to."""

from dataclasses import dataclass

import numpy as np

from oracle.draws import reorder_draws
from oracle.infer import Case

# Optimisers that divide a gradient by its own size: rounding noise then moves a parameter as far as a gradient would.
ADAPTIVE = ("Adam", "AdamW", "AdamWDL", "AdamWDL_CAE", "adam")


@dataclass
class Step:
    """One batch."""

    image: np.ndarray  # float32 [b, 3, h, w]
    label: np.ndarray  # int64 [b, h, w]
    draws: dict  # name → float32

    def reordered(self, order):
        """The same batch in another order: equal in exact arithmetic."""
        return Step(self.image[list(order)], self.label[list(order)], reorder_draws(self.draws, order))


@dataclass
class TrainCase:
    """All that a training run depends on."""

    start: Case  # the weights before the first step
    optimizer: dict
    lr_scheduler: dict
    iters: int
    loss: dict
    steps: list


@dataclass
class Trained:
    """What a run leads to; arrays in the run's dtype, in the order of state_dict()."""

    lr: list
    losses: list
    grads: dict  # of the first step
    params: dict  # after the last
    buffers: dict  # after the last
