"""Trains the reference on a data set."""

from pathlib import Path

HELP = "train the reference on a data set"
DESCRIPTION = (
    "Trains PaddleSeg's network from random weights by a PaddleSeg yml, with PaddleSeg's data pipeline and evaluation."
)


def add_arguments(command):
    command.add_argument(
        "config", type=Path, metavar="YML", help="a PaddleSeg yml; paths in it are relative to the working directory"
    )
    command.add_argument("--seed", type=int, required=True)
    command.add_argument("--iters", type=int, help="the yml's by default")
    command.add_argument(
        "--evaluate-every",
        type=int,
        default=1000,
        metavar="N",
        help="iterations between evaluations; there is one after the last in any case",
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="JSON", help="losses, learning rates and evaluations"
    )
    command.add_argument("--save", type=Path, metavar="PDPARAMS", help="the trained weights, by paddle.save")


def run(options):
    from oracle.train_data import train_on_data

    train_on_data(options.config, options.seed, options.iters, options.evaluate_every, options.out, options.save)
    return 0
