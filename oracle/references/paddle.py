"""PaddleSeg's networks on PaddlePaddle. Their parts are the files oracle/paddle_*.py."""

from oracle import (
    paddle_draws,
    paddle_model,
    paddle_mutations,
    paddle_precision,
    paddle_probes,
    paddle_rounding,
    paddle_switches,
    paddle_train_mutations,
    paddle_training,
    paddle_weights,
)
from oracle.rounding import PrecisionOverflow, round_to, stores


class PaddleReference:
    """See Reference."""

    name = "paddle"
    versions = staticmethod(paddle_model.versions)
    build = staticmethod(paddle_model.build_model)
    parameters = staticmethod(paddle_weights.list_parameters)
    set_weights = staticmethod(paddle_weights.set_weights)
    read_weights = staticmethod(paddle_weights.read_pdparams)
    calibrate = staticmethod(paddle_weights.calibrate_batch_norms)
    draws = staticmethod(paddle_draws.draws_from)
    probe_names = staticmethod(paddle_probes.find_probe_names)
    train = staticmethod(paddle_training.train_reference)
    draw_step = staticmethod(paddle_training.draw_step)
    learning_rates = staticmethod(paddle_training.learning_rates)
    cancelled_biases = staticmethod(paddle_training.biases_before_batch_norms)
    watched_switches = staticmethod(paddle_switches.watched_switches)
    flipped_switches = staticmethod(paddle_switches.flipped_switches)
    mutations = staticmethod(paddle_mutations.list_mutations)
    train_mutations = staticmethod(paddle_train_mutations.list_train_mutations)

    def record(self, model, image, probes, replacements=None, precision=None):
        """A float64 model resizes exactly, and no kernel of it is one of float32."""
        if precision is not None:
            return _record_rounded(model, image, probes, replacements or {}, precision)
        if next(iter(model.parameters())).dtype != paddle_model.load_paddle().float64:
            return paddle_probes.record_probes(model, image, probes, replacements)
        with paddle_precision.exact_run():
            return paddle_probes.record_probes(model, image, probes, replacements)


def _record_rounded(model, image, probes, replacements, precision):
    if stores(precision):
        image = round_to(image, precision)
        replacements = {name: round_to(values, precision) for name, values in replacements.items()}
    with paddle_rounding.rounded_operators(precision) as validate:
        values = paddle_probes.record_probes(model, image, probes, replacements)
    validate(PrecisionOverflow)
    return values


REFERENCE = PaddleReference()
