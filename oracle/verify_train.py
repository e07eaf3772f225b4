"""What a bundle of phase "train" must keep besides: its batches, its probes, and what only the reference can say of its
names, draws and schedule.
"""

import math

import numpy as np

from oracle.bundle import read_array
from oracle.draws import bases_problems, seeded_draws
from oracle.infer import Case
from oracle.train_case import TrainCase
from oracle.verify import image_problems, probe_problems, read_weights

STEP_KEYS = {"image", "label", "draws"}
TRAIN_KEYS = {"optimizer", "lr_scheduler", "iters", "loss", "steps", "expect"}
EXPECT_KEYS = {"lr", "loss", "grads", "params", "buffers"}
STATISTICS = ("._mean", "._variance")
LR_TOLERANCE = 1e-9  # the judge's


def verify_steps(folder, case):
    """Images, labels and draws by themselves."""
    train = case["train"]
    if set(train) != TRAIN_KEYS or set(train["expect"]) != EXPECT_KEYS:
        return [
            f"train has the keys {sorted(train)}, train.expect {sorted(train.get('expect', {}))}; {sorted(TRAIN_KEYS)} "
            f"and {sorted(EXPECT_KEYS)} are wanted."
        ]
    problems = [] if train["steps"] else ["train.steps is empty; at least one is wanted."]
    for index, step in enumerate(train["steps"]):
        field = f"train.steps[{index}]"
        if set(step) != STEP_KEYS:
            problems.append(f"{field} has the keys {sorted(step)}; {sorted(STEP_KEYS)} are wanted.")
            continue
        image, label = read_array(folder, step["image"]), read_array(folder, step["label"])
        problems += image_problems(f"{field}.image", image)
        if label.dtype != np.int64 or label.shape != (image.shape[0], *image.shape[2:]):
            problems.append(f"{field}.label is {label.dtype} {list(label.shape)}; int64 [B, H, W] is wanted.")
        problems += _label_problems(field, label, case)
        for name, reference in step["draws"].items():
            problems += _draw_problems(f"{field}.draws: {name}", name, read_array(folder, reference), case["model"])
    return problems


def verify_training_probes(folder, case):
    """Gradients, parameters, statistics, losses and learning rates by themselves."""
    expect, count = case["train"]["expect"], len(case["train"]["steps"])
    problems = [
        f"train.expect.{key} has {len(expect[key])} entries; {count}, one a step, are wanted."
        for key in ("lr", "loss")
        if len(expect[key]) != count
    ]
    for index, loss in enumerate(expect["loss"]):
        if set(loss) - {"noise_at"} != {"value", "noise"} or not (
            math.isfinite(loss["value"])
            and 0 <= loss["noise"] < abs(loss["value"])
            and all(0 <= noise < math.inf for noise in loss.get("noise_at", {}).values())
        ):
            problems.append(
                f"train.expect.loss[{index}] is {loss}; a finite value and a noise smaller than it are wanted."
            )
    order = list(case["parameters"])
    for kind in ("grads", "params", "buffers"):
        wanted = [name for name in order if name.endswith(STATISTICS) == (kind == "buffers")]
        names = [probe["name"] for probe in expect[kind]]
        problems += [f"{kind}: {name} stands there twice." for name in sorted(set(names)) if names.count(name) > 1]
        problems += [f"{kind}: {name} is none of the model's {kind}." for name in names if name not in wanted]
        if [name for name in wanted if name in set(names)] != [name for name in dict.fromkeys(names) if name in wanted]:
            problems.append(f"{kind} do not stand in the order of parameters.")
        for probe in expect[kind]:
            problems += [f"{kind}: {probe['name']} {what}" for what in probe_problems(folder, probe)]
            if probe["shape"] != case["parameters"].get(probe["name"], probe["shape"]):
                problems.append(
                    f"{kind}: {probe['name']} has the shape {probe['shape']}; parameters say "
                    f"{case['parameters'][probe['name']]}."
                )
    return problems


def verify_training_run(reference, folder, case):
    """Names and shapes of parameters and draws, and the learning rates, against the reference itself."""
    train, step = case["train"], case["train"]["steps"][0]
    image = read_array(folder, step["image"])
    start = Case(reference, case["model"], image, {}, case["parameters"], None, read_weights(reference, folder, case))
    model, drawn = start.built("float32"), {}
    parameters = reference.parameters(model)
    problems = []
    if list(parameters.items()) != list(case["parameters"].items()):
        problems.append("parameters are not the names and shapes of the model's state_dict(), in its order.")
    reference.draw_step(model, image, seeded_draws(0, drawn))
    wanted = {name: list(values.shape) for name, values in drawn.items() if name not in parameters}
    for index, entry in enumerate(train["steps"]):
        given = {name: list(read_array(folder, reference).shape) for name, reference in entry["draws"].items()}
        if given != wanted:
            problems.append(f"train.steps[{index}].draws have the shapes {given}; the reference draws {wanted}.")
    schedule = TrainCase(start, train["optimizer"], train["lr_scheduler"], train["iters"], train["loss"], [])
    rates = train["expect"]["lr"]
    for index, (lr, expected) in enumerate(zip(rates, reference.learning_rates(model, schedule, len(rates)))):
        if not abs(lr - expected) <= LR_TOLERANCE * abs(expected):
            problems.append(f"train.expect.lr[{index}] is {lr}; the schedule says {expected}.")
    return problems


def _label_problems(field, label, case):
    ignored = {entry.get("ignore_index", 255) for entry in case["train"]["loss"]["types"]}
    classes = case["model"].get("num_classes")
    known = np.unique(label[~np.isin(label, list(ignored))])
    if known.size == 0:
        return [f"{field}.label holds no class; every pixel is ignored."]
    if known[0] < 0 or (classes is not None and known[-1] >= classes):
        return [
            f"{field}.label holds {known[0]} to {known[-1]}; classes 0 to {classes - 1 if classes else '…'} and "
            f"{sorted(ignored)} are wanted."
        ]
    return []


def _draw_problems(field, name, values, section):
    if name.endswith(".bases"):
        yield from bases_problems(field, values, section)
    elif not np.all((values == 0) | (values == 1)):
        yield f"{field} is not of flags 0 and 1."
