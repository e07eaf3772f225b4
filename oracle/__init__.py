"""The oracle: makes golden bundles from the real PaddlePaddle and PaddleSeg.

Run it from the project's root: `python -m oracle --help`. The format of what it makes is docs/bundle-format.md;
the environment it runs in is oracle/requirements.txt.
"""

GENERATOR = "tipcheck oracle 1"
