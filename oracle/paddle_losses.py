"""Losses of a PaddleSeg `loss:` section, as the formulas of PaddleSeg 2.8.0.

PaddleSeg's own classes multiply whole numbers by floats and float32 by float64, which paddlepaddle 3.3.1 refuses: here
the same formulas stand in the dtype of the logits. Logits are [n, c, h, w], labels int64 [n, h, w].
"""

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle
from oracle.paddle_switches import note_choice, note_switch


def build_loss(section, field="loss"):
    """A function (list of logits, label) → scalar loss: the sum of coef × loss over the model's outputs.

    Source: paddleseg/core/train.py, loss_computation.
    """
    types, coefficients = section["types"], section["coef"]
    if len(types) != len(coefficients):
        raise OracleError(
            f"Cannot build {field}: it has {len(types)} types and {len(coefficients)} coef; as many are wanted."
        )
    losses = [_build_type(entry, f"{field}.types[{index}]") for index, entry in enumerate(types)]

    def total(outputs, label):
        if len(outputs) != len(losses):
            raise OracleError(
                f"Cannot compute {field}: the model gives {len(outputs)} outputs; {len(losses)}, one for each type, "
                "are wanted."
            )
        return sum(
            coefficient * loss(logits, label) for coefficient, loss, logits in zip(coefficients, losses, outputs)
        )

    return total


def _build_type(section, field):
    arguments = {key: value for key, value in section.items() if key != "type"}
    if section.get("type") not in LOSSES:
        raise OracleError(
            f"Cannot build {field}: its type is {section.get('type')!r}; one of {sorted(LOSSES)} is wanted."
        )
    try:
        return LOSSES[section["type"]](**arguments)
    except TypeError as error:
        raise OracleError(f"Cannot build {field}: {error}; PaddleSeg's arguments are wanted.") from error


def _cross_entropy(weight=None, ignore_index=255, top_k_percent_pixels=1.0, avg_non_ignore=True, data_format="NCHW"):
    """Source: paddleseg/models/losses/cross_entropy_loss.py. Pixels are weighted by their class, and so is the mean."""
    _only_nchw(data_format)
    if weight is not None and not avg_non_ignore:
        raise TypeError(
            "weight without avg_non_ignore asks for the weight of ignored pixels, which the reference has not"
        )
    paddle, epsilon = load_paddle(), 1e-8

    def loss(logits, label):
        dtype = logits.dtype
        weights = None if weight is None else paddle.to_tensor(weight, dtype=dtype)
        logits = paddle.transpose(logits, [0, 2, 3, 1])  # [n, h, w, c]
        label = label.clone()  # a dice loss overwrites it before the way back
        pixels = paddle.nn.functional.cross_entropy(
            logits, label, weight=weights, ignore_index=ignore_index, reduction="none"
        )
        pixels = pixels.reshape(label.shape)
        mask = (label != ignore_index).astype(dtype) if avg_non_ignore else paddle.ones(label.shape, dtype=dtype)
        pixels = pixels * mask
        # Ignored pixels count as class 0 in the reference, and only the mask takes them out of the mean.
        coefficient = paddle.ones(label.shape, dtype=dtype)
        if weights is not None:
            coefficient = paddle.gather(weights, (label * mask.astype("int64")).flatten()).reshape(label.shape)
        if top_k_percent_pixels == 1.0:
            return paddle.mean(pixels) / (paddle.mean(mask * coefficient) + epsilon)
        every = pixels.flatten()
        pixels, indices = paddle.topk(every, int(top_k_percent_pixels * pixels.size))
        below = every < pixels[-1]
        others = note_choice(every, below)
        if others is not below:
            pixels, indices = every[~others], paddle.nonzero(~others).flatten()
        return pixels.mean() / (paddle.gather(coefficient.flatten(), indices).mean() + epsilon)

    return loss


def _ohem(thresh=0.7, min_kept=10000, ignore_index=255):
    """Source: paddleseg/models/losses/ohem_cross_entropy_loss.py. A mean over the pixels whose own class is least
    likely: all below `thresh`, and about `min_kept`.
    """
    paddle, epsilon = load_paddle(), 1e-5

    def loss(logits, label):
        dtype, kept = logits.dtype, label != ignore_index
        if 0 < min_kept < int(kept.sum()):
            kept = paddle.logical_and(kept, _unlikely(logits.detach(), label, kept, thresh, min_kept))
        target = paddle.where(kept, label, paddle.full_like(label, ignore_index))
        pixels = paddle.nn.functional.cross_entropy(
            paddle.transpose(logits, [0, 2, 3, 1]), target, ignore_index=ignore_index, reduction="none"
        )
        mask = kept.astype(dtype)
        return paddle.mean(pixels.reshape(label.shape) * mask) / (paddle.mean(mask) + epsilon)

    return loss


def _unlikely(logits, label, valid, thresh, min_kept):
    """Whether a pixel's own class is less likely than `thresh` or, where fewer pixels are, than that of the one in
    place `min_kept`; ignored ones count as likelier than any.
    """
    paddle = load_paddle()
    known = paddle.where(valid, label, paddle.zeros_like(label))
    probability = paddle.nn.functional.softmax(logits, axis=1)
    own = (
        paddle.take_along_axis(probability, known.unsqueeze(1), axis=1).flatten()
        + (1 - valid.astype(logits.dtype)).flatten()
    )
    last = paddle.sort(own)[min_kept - 1]
    if last > thresh:
        unlikely = note_choice(own, own < last)
    else:
        unlikely = note_switch(own - thresh, own < thresh)
    return unlikely.reshape(label.shape)


def _dice(weight=None, ignore_index=255, smooth=1.0):
    """Source: paddleseg/models/losses/dice_loss.py. A mean over images, then over classes. Like the reference's, it
    overwrites ignored labels, so that a loss after it counts those pixels as class 0.
    """
    paddle, epsilon = load_paddle(), 1e-8

    def loss(logits, label):
        dtype, classes = logits.dtype, logits.shape[1]
        mask = (label != ignore_index).astype(dtype)
        label[label == ignore_index] = 0
        total = paddle.zeros([], dtype=dtype)
        probabilities = paddle.nn.functional.softmax(logits, axis=1)
        for index in range(classes):
            probability, truth = probabilities[:, index] * mask, (label == index).astype(dtype) * mask
            intersection, cardinality = (
                paddle.sum(probability * truth, axis=[1, 2]),
                paddle.sum(probability + truth, axis=[1, 2]),
            )
            dice = (1 - (2 * intersection + smooth) / (cardinality + smooth + epsilon)).mean()
            total = total + (dice if weight is None else dice * weight[index])
        return total / classes

    return loss


def _mixed(losses, coef):
    """Source: paddleseg/models/losses/mixed_loss.py: the inner terms by their own coefficients."""
    if len(losses) != len(coef):
        raise TypeError(f"{len(losses)} losses and {len(coef)} coef")
    built = [_build_type(entry, f"losses[{index}]") for index, entry in enumerate(losses)]
    return lambda logits, label: sum(coefficient * loss(logits, label) for coefficient, loss in zip(coef, built))


def _only_nchw(data_format):
    if data_format != "NCHW":
        raise TypeError(f"data_format is {data_format!r}, and NCHW is known")


LOSSES = {"CrossEntropyLoss": _cross_entropy, "DiceLoss": _dice, "MixedLoss": _mixed, "OhemCrossEntropyLoss": _ohem}
