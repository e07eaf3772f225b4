"""The command line of the oracle: python -m oracle <command>."""

import argparse
import sys
from pathlib import Path

from oracle.errors import OracleError


def main(arguments=None):
    """Runs one command; 0 when all is well, 1 when a check found a difference, 2 when the user can mend it."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except OracleError as error:
        print(error, file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(prog="python -m oracle", description="Makes golden bundles from the real PaddlePaddle and PaddleSeg, and checks them.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="<command>")
    _add_make(commands)
    return parser


def _add_make(commands):
    command = commands.add_parser("make", help="make the bundles that specifications describe", description="Makes a bundle for each specification, in a folder named as the specification's file is.")
    command.add_argument("specs", nargs="+", type=Path, metavar="SPEC", help="a bundle specification, such as oracle/bundles/segnext-t.yml")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder that the bundles' folders go into, such as fixtures/golden")
    command.add_argument("--force", action="store_true", help="replace bundles that exist")
    command.set_defaults(run=_make)


def _make(options):
    from oracle.infer import make_infer_bundle
    from oracle.spec import read_spec

    specs = {path: read_spec(path) for path in options.specs}
    for path, spec in specs.items():
        destination = options.out / path.stem
        make_infer_bundle(spec, destination, options.force)
        size = sum(file.stat().st_size for file in destination.iterdir())
        print(f"{destination}: {size / 1e6:.2f} MB", flush=True)
    return 0
