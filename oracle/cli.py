"""The command line of the oracle: python -m oracle <command>."""

import argparse
import importlib
import pkgutil
import sys
import traceback

from oracle import commands
from oracle.errors import OracleError


def main(arguments=None):
    """Runs a command. 0: all is well. 1: a check found a difference. 2: the user can mend it. 3: the oracle failed."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except OracleError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception:  # not 1, which says that a bundle differs
        traceback.print_exc()
        return 3


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m oracle",
        description="Makes golden bundles from the real PaddlePaddle and PaddleSeg, and checks them.",
    )
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="<command>")
    for name in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        command = importlib.import_module(f"{commands.__name__}.{name}")
        subparser = subparsers.add_parser(name.replace("_", "-"), help=command.HELP, description=command.DESCRIPTION)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser
