"""Draws the small data set."""

from pathlib import Path

HELP = "draw the street scenes"
DESCRIPTION = "Draws the project's small data set, in Cityscapes layout."


def add_arguments(command):
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder, such as fixtures/street")
    command.add_argument("--train", type=int, default=12, metavar="N")
    command.add_argument("--val", type=int, default=8, metavar="N")


def run(options):
    from oracle.street import make_street

    make_street(options.out, {"train": options.train, "val": options.val})
    return 0
