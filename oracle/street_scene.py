"""A picture of the street and its label map, and the classes and colours that they are drawn in."""

import numpy as np
from PIL import Image, ImageDraw

HEIGHT, WIDTH = 256, 512
IGNORED = 255
ROAD, PAVEMENT, BUILDING, FENCE, POLE, SIGN, TREE, GRASS, SKY, PERSON, CAR = 0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 13
COLOURS = {
    ROAD: (96, 94, 98),
    PAVEMENT: (150, 140, 138),
    BUILDING: (142, 118, 100),
    FENCE: (128, 112, 92),
    POLE: (120, 122, 120),
    SIGN: (210, 190, 60),
    TREE: (70, 105, 55),
    GRASS: (110, 135, 75),
    SKY: (165, 190, 225),
    PERSON: (150, 75, 90),
    CAR: (70, 80, 130),
}
SPREAD = {BUILDING: 42, CAR: 80, PERSON: 80, SIGN: 60, SKY: 22}


class Scene:
    """A picture and its label map, drawn together so that they agree to the pixel."""

    def __init__(self, random):
        self.random = random
        self.image = Image.new("RGB", (WIDTH, HEIGHT))
        self.label = Image.new("L", (WIDTH, HEIGHT), SKY)
        self.shades = {kind: self.shade(kind) for kind in COLOURS}
        self.horizon = int(random.integers(96, 124))
        self.middle = int(random.integers(200, 312))

    def shade(self, kind):
        spread = SPREAD.get(kind, 16)
        return tuple(int(np.clip(value + self.random.integers(-spread, spread + 1), 0, 255)) for value in COLOURS[kind])

    def polygon(self, points, kind, shade=None):
        flat = [(round(x), round(y)) for x, y in points]
        ImageDraw.Draw(self.image).polygon(flat, fill=shade or self.shades[kind])
        ImageDraw.Draw(self.label).polygon(flat, fill=kind)

    def box(self, left, top, right, bottom, kind, shade=None):
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], kind, shade)

    def ellipse(self, left, top, right, bottom, kind, shade=None):
        bounds = [round(left), round(top), round(right), round(bottom)]
        ImageDraw.Draw(self.image).ellipse(bounds, fill=shade or self.shades[kind])
        ImageDraw.Draw(self.label).ellipse(bounds, fill=kind)
