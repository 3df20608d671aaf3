"""Cover art drawn from a genre's colour: the same name always gives the same picture."""

import colorsys
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

SIDE = 120  # of the square, in the units of the drawing
VARIANTS = 500  # pictures there are of one genre


@dataclass(frozen=True, slots=True)
class Palette:
    """Four tones of one colour, as "#rrggbb"."""

    ground: str
    deep: str
    bright: str
    pale: str


def draw_cover(colour: str, seed: str) -> str:
    """Draws a square SVG picture.

    Args:
        colour: "#rrggbb", the genre's own.
        seed: Decides the motif and how it lies; a genre's slug, or the slug and a number for its variants.
    """
    chance = random.Random(seed)  # noqa: S311 - it draws pictures
    palette = _palette(colour)
    motif = chance.choice(MOTIFS)
    body = "".join(motif(chance, palette))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE * 4}" height="{SIDE * 4}">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{palette.ground}"/>'
        f'<stop offset="1" stop-color="{palette.deep}"/></linearGradient></defs>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="url(#g)"/>{body}</svg>'
    )


def _palette(colour: str) -> Palette:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    saturation = min(saturation, 0.72)

    def tone(lightness: float, turn: float = 0.0, strength: float = 1.0) -> str:
        tones = colorsys.hls_to_rgb((hue + turn) % 1.0, lightness, saturation * strength)
        return "#" + "".join(f"{round(tone * 255):02x}" for tone in tones)

    return Palette(ground=tone(0.42), deep=tone(0.2, 0.05), bright=tone(0.62, -0.04), pale=tone(0.84, -0.06, 0.9))


def _circle(x: float, y: float, radius: float, paint: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {paint}/>'


def _record(chance: random.Random, palette: Palette) -> list[str]:
    x, y = chance.uniform(20, 100), chance.uniform(60, 110)
    rings = [_circle(x, y, 66, f'fill="{palette.deep}" opacity=".85"')]
    rings += [
        _circle(x, y, radius, f'fill="none" stroke="{palette.bright}" stroke-width=".7" opacity=".45"')
        for radius in range(26, 64, 4)
    ]
    return [*rings, _circle(x, y, 20, f'fill="{palette.pale}"'), _circle(x, y, 3, f'fill="{palette.deep}"')]


def _waves(chance: random.Random, palette: Palette) -> list[str]:
    lines = []
    phase, height = chance.uniform(0, 6), chance.uniform(7, 13)
    for row, colour in enumerate((palette.pale, palette.bright, palette.ground, palette.deep)):
        level = 52 + row * 18
        points = " ".join(
            f"{x},{level + height * math.sin(x / 19 + phase + row * 0.9):.1f}" for x in range(0, SIDE + 1, 4)
        )
        lines.append(f'<polygon points="0,{SIDE} {points} {SIDE},{SIDE}" fill="{colour}" opacity=".8"/>')
    return [_circle(chance.uniform(30, 90), 30, 13, f'fill="{palette.pale}"'), *lines]


def _levels(chance: random.Random, palette: Palette) -> list[str]:
    bars = []
    for column in range(10):
        height = chance.uniform(18, 88)
        colour = palette.pale if column % 4 == 1 else palette.bright
        bars.append(
            f'<rect x="{10 + column * 10.2:.1f}" y="{(SIDE - height) / 2:.1f}" width="6" height="{height:.1f}" rx="3"'
            f' fill="{colour}" opacity=".9"/>'
        )
    return bars


def _quarters(chance: random.Random, palette: Palette) -> list[str]:
    shapes = []
    for row in range(3):
        for column in range(3):
            x, y = column * 40, row * 40
            colour = chance.choice((palette.pale, palette.bright, palette.deep, palette.ground))
            corner_x, corner_y = x + chance.choice((0, 40)), y + chance.choice((0, 40))
            far_x, far_y = 2 * x + 40 - corner_x, 2 * y + 40 - corner_y
            sweep = 1 if (far_x > corner_x) == (far_y > corner_y) else 0
            shapes.append(
                f'<path d="M{corner_x} {corner_y}H{far_x}A40 40 0 0 {sweep} {corner_x} {far_y}Z" fill="{colour}"'
                ' opacity=".88"/>'
            )
    return shapes


def _sunset(chance: random.Random, palette: Palette) -> list[str]:
    x, y = chance.uniform(40, 80), chance.uniform(52, 66)
    stripes = [
        f'<rect y="{y + 4 + step * 8:.1f}" width="{SIDE}" height="{1.4 + step * 0.9:.1f}" fill="{palette.deep}"/>'
        for step in range(7)
    ]
    return [_circle(x, y, 36, f'fill="{palette.pale}"'), *stripes]


def _peaks(chance: random.Random, palette: Palette) -> list[str]:
    shapes = [_circle(chance.uniform(25, 95), chance.uniform(22, 40), 10, f'fill="{palette.pale}"')]
    for level, colour in ((52, palette.bright), (72, palette.ground), (92, palette.deep)):
        points = " ".join(f"{x},{level + chance.uniform(-18, 14):.1f}" for x in range(0, SIDE + 1, 20))
        shapes.append(f'<polygon points="0,{SIDE} {points} {SIDE},{SIDE}" fill="{colour}" opacity=".92"/>')
    return shapes


def _ripples(chance: random.Random, palette: Palette) -> list[str]:
    left, right = chance.uniform(20, 45), chance.uniform(70, 100)
    return [
        _circle(x, y, radius, f'fill="none" stroke="{colour}" stroke-width="2.4" opacity=".7"')
        for x, y, colour in ((left, 40, palette.pale), (right, 84, palette.bright))
        for radius in range(6, 62, 8)
    ]


MOTIFS: tuple[Callable[[random.Random, Palette], list[str]], ...] = (
    _record,
    _waves,
    _levels,
    _quarters,
    _sunset,
    _peaks,
    _ripples,
)
