"""PaddleSeg's NMF with fixed bases in two groups: a batch beside its pictures one by one. Needs what
oracle/requirements.txt has.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))

from oracle.paddle_model import load_paddle, load_paddleseg

paddle = load_paddle()
library = load_paddleseg()

from paddleseg.models.layers.nmf_2d import NMF2D

paddle.seed(1)
ham = NMF2D({"RAND_INIT": False, "MD_S": 2, "MD_R": 4})
ham.eval()
pictures = paddle.rand([2, 8, 4, 4])
with paddle.no_grad():
    ham(pictures[:1])  # The first forward draws the bases.
    together = ham(pictures)
    for at in range(2):
        apart = float(abs(together[at] - ham(pictures[at : at + 1])[0]).max())
        print(f"paddleseg {library.__version__}: picture {at} differs by {apart:.2f}; 0 is wanted")
