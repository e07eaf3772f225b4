"""References: the frameworks that goldens come from, a file for each. The folder is the list.

A file `NAME.py` here holds `REFERENCE`, an object with what `Reference` says. Whoever makes or checks bundles is given
one, and imports no framework.
"""

import importlib
import pkgutil
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from oracle.errors import OracleError

DEFAULT = "paddle"


class Reference(Protocol):
    """A framework with its library of models. Models are its own; arrays are NumPy's, parameters named by state_dict().

    In float64 `record` and `train` compute exactly what the framework computes only in float32 or in part.
    """

    name: str

    def versions(self, section: "dict | None" = None) -> dict[str, str]:
        """`framework` and `model_library`, for `made_by` of what a network of this `model:` section gives."""

    def build(self, section: dict, dtype: str) -> Any:
        """The network of a `model:` section in evaluation mode, its parameters "float32" or "float64"."""

    def parameters(self, model) -> dict[str, list[int]]:
        """Every name and shape, in the model's order, buffers included."""

    def set_weights(self, model, weights: dict[str, np.ndarray], subject: str = "the model") -> None:
        """Sets all of them; a missing, unexpected or misshapen one is an OracleError about `subject`."""

    def read_weights(self, path) -> dict[str, np.ndarray]:
        """Name → float32 of a file of weights as the framework saves them."""

    def calibrate(self, model, image: np.ndarray, draws: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
        """Sets each batch norm, layer after layer, to move_statistics of this input; gives name → values."""

    def draws(self, model, source) -> AbstractContextManager:
        """While it lasts, the model draws from `source` (oracle/draws.py)."""

    def probe_names(self, model, image: np.ndarray) -> list[str]:
        """The outputs that can be recorded, in the order in which they are finished; `logits` comes last."""

    def record(
        self,
        model,
        image: np.ndarray,
        probes: list[str],
        replacements: "dict | None" = None,
        precision: "str | None" = None,
    ) -> dict:
        """One forward pass: name → NCHW values, each as it was before `replacements[name]` was put in its place.

        With a precision of oracle/rounding.py, of a float32 model: as if it ran in that format. Raises
        PrecisionOverflow.
        """

    def train(
        self,
        case,
        dtype: str,
        order: "tuple | None" = None,
        precision: "str | None" = None,
        loss_scale: float = 1.0,
    ) -> Any:
        """All steps of a TrainCase, every batch in this order; gives a Trained (oracle/train_case.py).

        With a precision, in "float32": as if the network ran in that format, its gradients that many times as large.
        Raises PrecisionOverflow.
        """

    def draw_step(self, model, image: np.ndarray, source) -> None:
        """One forward pass as in training, for what it draws. Only running statistics change."""

    def learning_rates(self, model, case, count: int) -> list[float]:
        """Those of the first `count` steps."""

    def cancelled_biases(self, model, image: np.ndarray, draws: dict[str, np.ndarray]) -> dict[str, str]:
        """Name of a convolution's bias → name of the batch norm behind it: that bias has no gradient."""

    def watched_switches(self) -> AbstractContextManager[list]:
        """Takes, while it lasts, the distances from every switch (oracle/switches.py)."""

    def flipped_switches(self, near: list) -> AbstractContextManager:
        """While it lasts, what `near[n]` marks in the n-th call stands on the other side of its switch."""

    def mutations(self) -> list:
        """Faults of a forward pass: `name`, and `apply(model)`, which puts it into a built model; False: it has no such
        part."""

    def train_mutations(self) -> list:
        """Faults of training: `name`, and `change(case)`, a changed TrainCase, or None where there is no such thing."""


def list_references() -> list[str]:
    """The names of all."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find_reference(name: str = DEFAULT) -> Reference:
    """The reference of this name."""
    if name not in list_references():
        raise OracleError(f"Cannot use the reference {name}: there is none; one of {list_references()} is wanted.")
    return importlib.import_module(f"{__name__}.{name}").REFERENCE
