"""What a bundle on disk asks of the reference."""

from oracle.bundle import read_array
from oracle.infer import Case
from oracle.train_case import Step, TrainCase
from oracle.verify import read_weights


def read_infer_case(reference, folder, case):
    """The Case of a bundle of phase "infer", all its weights as arrays."""
    return Case(
        reference=reference,
        model=case["model"],
        image=read_array(folder, case["inputs"]["image"]),
        draws={name: read_array(folder, array) for name, array in case["draws"].items()},
        parameters=case["parameters"],
        seed=None,
        arrays=read_weights(reference, folder, case),
    )


def read_train_case(reference, folder, case):
    """The TrainCase of a bundle of phase "train"."""
    train = case["train"]
    steps = [
        Step(
            read_array(folder, step["image"]),
            read_array(folder, step["label"]),
            {name: read_array(folder, array) for name, array in step["draws"].items()},
        )
        for step in train["steps"]
    ]
    weights = read_weights(reference, folder, case)
    start = Case(reference, case["model"], steps[0].image, {}, case["parameters"], None, weights)
    return TrainCase(start, train["optimizer"], train["lr_scheduler"], train["iters"], train["loss"], steps)
