"""Asks which faults a bundle brings to light."""

from pathlib import Path

HELP = "show which faults a bundle brings to light"
DESCRIPTION = (
    "Puts one fault after another into the reference's own float32 model and prints the first probe that fails, with "
    "its error in units of the noise."
)


def add_arguments(command):
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")


def run(options):
    from oracle.bundle import read_case
    from oracle.references import find_reference
    from oracle.sharpness import measure_sharpness, render_sharpness
    from oracle.train_sharpness import measure_training_sharpness, render_training_sharpness

    for folder in options.bundles:
        if read_case(folder)["phase"] == "train":
            table = render_training_sharpness(measure_training_sharpness(find_reference(), folder))
        else:
            table = render_sharpness(measure_sharpness(find_reference(), folder))
        print(f"## {folder.name}\n\n{table}\n", flush=True)
    return 0
