"""Probes: which of a network's named outputs a bundle holds. `logits`, the full-resolution output, comes last."""

import re
from fnmatch import fnmatchcase

from oracle.errors import OracleError

LOGITS = "logits"

# `probes: blocks` of a specification: what a person reads first of a SegNeXt or a VAN.
BLOCKS = re.compile(
    r"backbone"
    r"|(backbone\.)?(patch_embed\d+|block\d+\.\d+|norm\d+)"
    r"|head"
    r"|decode_head(\.(squeeze|hamburger(\.(ham_in|ham|ham_out))?|align|conv_seg))?"
    rf"|{LOGITS}"
)


def choose_probes(names, choice):
    """Those of `names` that the specification asks for: "every", "blocks" or a list of globs."""
    if choice == "every":
        return list(names)
    if choice == "blocks":
        chosen = [name for name in names if BLOCKS.fullmatch(name)]
    else:
        chosen = [name for name in names if any(fnmatchcase(name, glob) for glob in choice)]
    if not chosen:
        raise OracleError(f"Cannot choose probes: {choice} matches none of the model's {len(names)} sublayers.")
    return chosen
