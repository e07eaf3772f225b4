"""Looks for seeds that a train bundle can use."""

from pathlib import Path

from oracle.errors import OracleError
from oracle.options import seed_number

HELP = "find seeds that a train bundle can use"
DESCRIPTION = (
    "Trains with one seed after another and says whose float32 runs agree about their own noise and leave no rectifier "
    "in doubt."
)


def add_arguments(command):
    command.add_argument("spec", type=Path, metavar="SPEC", help="a bundle specification of phase train")
    command.add_argument(
        "--from", dest="first", type=seed_number, default=1, metavar="N", help="the first seed (default: 1)"
    )
    command.add_argument("--count", type=int, default=8, metavar="N", help="how many are tried (default: 8)")


def run(options):
    from oracle.references import find_reference
    from oracle.spec import read_spec
    from oracle.train import UnfairSeed, run_training, train_case_from_spec

    spec = read_spec(options.spec)
    if spec["phase"] != "train":
        raise OracleError(f"Cannot try seeds of {options.spec}: its phase is {spec['phase']}; train is wanted.")
    for seed in range(options.first, options.first + options.count):
        try:
            goldens = run_training(train_case_from_spec(find_reference(), {**spec, "seed": seed}))
        except UnfairSeed as unfair:
            print(f"{seed}: not used; {unfair}", flush=True)
            continue
        spread, flips = goldens.spread, goldens.flips
        print(
            f"{seed}: good; the furthest run stands {spread.ratio:.3g} times as far as the next "
            f"({spread.figure} of {spread.probe}), {flips.count} values near to a jump of the gradient "
            f"move {flips.probe} by {flips.ratio:.3g} times its noise",
            flush=True,
        )
    return 0
