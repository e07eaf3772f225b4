"""PaddleSeg's networks on PaddlePaddle: each part has a file of its own in oracle/."""

from oracle import mutations, paddle_draws, paddle_probes, paddle_switches, paddle_weights, reference, resize
from oracle import train_mutations, training


class PaddleReference:
    """See Reference."""

    name = "paddle"
    versions = staticmethod(reference.versions)
    build = staticmethod(reference.build_model)
    parameters = staticmethod(paddle_weights.list_parameters)
    set_weights = staticmethod(paddle_weights.set_weights)
    read_weights = staticmethod(paddle_weights.read_pdparams)
    calibrate = staticmethod(paddle_weights.calibrate_batch_norms)
    draws = staticmethod(paddle_draws.draws_from)
    probe_names = staticmethod(paddle_probes.find_probe_names)
    train = staticmethod(training.train_reference)
    draw_step = staticmethod(training.draw_step)
    learning_rates = staticmethod(training.learning_rates)
    cancelled_biases = staticmethod(training.biases_before_batch_norms)
    watched_switches = staticmethod(paddle_switches.watched_switches)
    flipped_switches = staticmethod(paddle_switches.flipped_switches)
    mutations = staticmethod(mutations.list_mutations)
    train_mutations = staticmethod(train_mutations.list_train_mutations)

    def classes(self, model):
        """Those of SegNeXt's last convolution."""
        return model.decode_head.conv_seg.weight.shape[0]

    def record(self, model, image, probes, replacements=None):
        """A float64 model resizes exactly."""
        if next(iter(model.parameters())).dtype != reference.load_paddle().float64:
            return paddle_probes.record_probes(model, image, probes, replacements)
        with resize.exact_resize():
            return paddle_probes.record_probes(model, image, probes, replacements)


REFERENCE = PaddleReference()
