"""What commands share: kinds of arguments, and how they report."""

import argparse
from pathlib import Path


def report(bundles, find_problems, praise):
    """Prints what is wrong with each folder, or the praise; 1 where anything is."""
    from oracle.references import find_reference

    failed = False
    for folder in bundles:
        problems = find_problems(find_reference(), folder)
        failed = failed or bool(problems)
        print(
            f"{folder}: {praise}." if not problems else "\n".join(f"{folder}: {problem}" for problem in problems),
            flush=True,
        )
    return 1 if failed else 0


def existing_file(text):
    """A path; the file must be there."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def image_size(text):
    """(height, width) of a text like 64x128."""
    height, cross, width = text.partition("x")
    if not (cross and height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise argparse.ArgumentTypeError(f"{text} is not a size; one like 64x128 (height x width) is wanted")
    return int(height), int(width)


def seed_number(text):
    """A seed of a text."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not a seed; a whole number from 0 to 2^32 - 1 is wanted")
    return int(text)


def megabytes(folder):
    """The size of a folder."""
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6
