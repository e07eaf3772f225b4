"""A few steps of PaddleSeg's network with PaddleSeg's optimiser and schedule, in float64 or float32."""

import copy
import types
import warnings
from contextlib import contextmanager, nullcontext

import numpy as np

from oracle.draws import recorded_draws
from oracle.errors import OracleError
from oracle.paddle_draws import draws_from
from oracle.paddle_losses import build_loss
from oracle.paddle_model import load_paddle, load_paddleseg
from oracle.paddle_precision import exact_run
from oracle.paddle_rounding import rounded_operators
from oracle.rounding import GradientOverflow, PrecisionOverflow
from oracle.train_case import Trained


def train_reference(case, dtype, order=None, precision=None, loss_scale=1.0):
    """Runs all steps. `order` permutes every batch. In float64, resizing and running statistics are exact.

    In a precision the network computes in that format, forward and backward; the loss, which is scaled for the backward
    pass, the optimiser and the parameters between the steps are float32's. Raises PrecisionOverflow.
    """
    exact = dtype == "float64"
    model = case.start.built(dtype)
    model.train()
    with warnings.catch_warnings(), _exact_kernels_if(exact):
        warnings.filterwarnings("ignore", message="When training, we now always track")
        parameters = {
            name: parameter for name, parameter in model.named_parameters() if not parameter.stop_gradient
        }  # not the statistics
        optimizer = build_optimizer(model, case)
        loss_of = build_loss(case.loss)
        run = Trained([], [], {}, {}, {})
        for step in case.steps:
            run.lr.append(float(optimizer.get_lr()))
            loss = _backward(
                model, loss_of, step if order is None else step.reordered(order), dtype, precision, loss_scale
            )
            run.losses.append(loss)
            _unscale(parameters.values(), loss_scale)
            if not run.grads:
                run.grads = {
                    name: parameters[name].grad.numpy()
                    for name in case.start.parameters
                    if _has_gradient(parameters, name)
                }
            optimizer.step()
            optimizer._learning_rate.step()
            model.clear_gradients()
        state = model.state_dict()
        for name in case.start.parameters:
            if name in parameters:
                run.params[name] = state[name].numpy()
            elif name.endswith(("._mean", "._variance")):
                run.buffers[name] = state[name].numpy()
        return run


def build_optimizer(model, case):
    """PaddleSeg's optimiser of a model, with its schedule: built by PaddleSeg itself."""
    load_paddleseg()  # moments, powers of the betas and the learning rate are in the dtype of the parameters
    from paddleseg.cvlibs.builder import SegBuilder
    from paddleseg.utils import logger

    config = types.SimpleNamespace(
        optimizer_cfg=copy.deepcopy(case.optimizer), lr_scheduler_cfg=copy.deepcopy(case.lr_scheduler), iters=case.iters
    )
    builder = SegBuilder(config)
    builder.__dict__["model"] = model
    level, logger.log_level = logger.log_level, 0  # it prints every group's parameters
    try:
        return builder.optimizer
    except (RuntimeError, AssertionError, TypeError, KeyError) as error:
        raise OracleError(
            f"Cannot build the optimiser or its schedule: {' '.join(str(error).split())}; PaddleSeg's sections are "
            "wanted."
        ) from error
    finally:
        logger.log_level = level


def learning_rates(model, case, count):
    """The rates of the first `count` steps."""
    optimizer, rates = build_optimizer(model, case), []
    for _ in range(count):
        rates.append(float(optimizer.get_lr()))
        optimizer._learning_rate.step()
    return rates


def draw_step(model, image, source):
    """One training forward pass that draws from `source` and changes no weights but the running statistics."""
    paddle = load_paddle()
    model.train()
    with warnings.catch_warnings(), paddle.no_grad(), draws_from(model, source):
        warnings.filterwarnings("ignore", message="When training, we now always track")
        model(paddle.to_tensor(image, dtype=next(iter(model.parameters())).dtype))


def biases_before_batch_norms(model, image, draws):
    """Name of a convolution's bias → name of the batch norm behind it: exactly computed, it has no gradient."""
    paddle = load_paddle()
    latest, found, hooks = {}, {}, []

    def note(name):
        return lambda _layer, _inputs, output: latest.update(name=name, output=output)

    def compare(name):
        def hook(_layer, inputs):
            if latest.get("output") is inputs[0]:
                found[f"{latest['name']}.bias"] = name

        return hook

    for name, layer in model.named_sublayers():
        if isinstance(layer, paddle.nn.Conv2D) and layer.bias is not None:
            hooks.append(layer.register_forward_post_hook(note(name)))
        elif isinstance(layer, (paddle.nn.BatchNorm2D, paddle.nn.SyncBatchNorm)):
            hooks.append(layer.register_forward_pre_hook(compare(name)))
    try:
        draw_step(model, image, recorded_draws(draws))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _backward(model, loss_of, step, dtype, precision, loss_scale):
    paddle = load_paddle()
    with draws_from(model, recorded_draws(step.draws)), _exact_statistics_if(dtype == "float64", model):
        with rounded_operators(precision) if precision is not None else nullcontext() as validate:
            outputs = model(paddle.to_tensor(step.image, dtype=dtype))
        loss = loss_of(outputs, paddle.to_tensor(step.label))
    if precision is not None:
        validate(PrecisionOverflow)
    value = float(loss)
    if not np.isfinite(value):
        raise OracleError(f"Cannot train the reference: its loss is {value}; a finite one is wanted.")
    if precision is None:
        loss.backward()
    else:
        (loss * loss_scale).backward()
        validate(GradientOverflow)
    return value


def _unscale(parameters, loss_scale):
    for parameter in parameters:
        if parameter.grad is not None and loss_scale != 1:
            parameter.grad.set_value(parameter.grad / loss_scale)


def _has_gradient(parameters, name):
    return name in parameters and parameters[name].grad is not None


@contextmanager
def _exact_kernels_if(exact):
    """In float64, kernels that Paddle computes in float32 in part are exact, and one of float32 is refused."""
    if not exact:
        yield
        return
    clip = load_paddle().nn.clip
    original, clip.clip_by_norm = clip.clip_by_norm, _clip_by_norm
    try:
        with exact_run():
            yield
    finally:
        clip.clip_by_norm = original


def _clip_by_norm(x, max_norm, name=None):
    """Source: paddle/phi/kernels/funcs/clip_by_norm: what ClipGradByNorm calls for each gradient."""
    norm = float(x.norm())
    return x if norm <= max_norm else x * (max_norm / norm)


@contextmanager
def _exact_statistics_if(exact, model):
    """Sets running = 0.9 · old + 0.1 · batch anew.

    Paddle's kernel keeps the momentum 0.9 in float32 even for float64, which errs by 2.4e-7 of a batch's share.
    """
    paddle = load_paddle()
    hooks, before = [], {}

    def remember(layer, inputs):
        x = inputs[0].numpy()
        statistics = {"_mean": x.mean(axis=(0, 2, 3)), "_variance": x.var(axis=(0, 2, 3))}
        before[id(layer)] = {key: 0.9 * getattr(layer, key).numpy() + 0.1 * value for key, value in statistics.items()}

    def correct(layer, _inputs, _output):
        for key, value in before.pop(id(layer)).items():
            getattr(layer, key).set_value(paddle.to_tensor(value, dtype="float64"))

    if exact:
        for layer in model.sublayers():
            if isinstance(layer, paddle.nn.BatchNorm2D):
                assert layer._momentum == 0.9, "the reference's batch norms keep 0.9"
                hooks += [layer.register_forward_pre_hook(remember), layer.register_forward_post_hook(correct)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
