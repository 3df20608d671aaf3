"""The cover of a playlist: a record in the genre's colour with the genre's name, as a JPEG. Pure.

Every cover is of one style, so that they stand beside each other as a set.
"""

import colorsys
import io
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIDE = 640
"""Pixels of the square."""
MOST_BYTES = 190_000
"""Of the JPEG: base64 makes a third more of it, and Spotify takes 256 KB as sent."""

_MARGIN = 48
_LARGEST_LETTERS, _SMALLEST_LETTERS = 104, 26
_FINER = 2  # drawn so much larger and made smaller, which smooths the edges


@dataclass(frozen=True, slots=True)
class CoverDesign:
    """What a cover shows.

    Attributes:
        title: The genre's name.
        colour: "#rrggbb".
    """

    title: str
    colour: str


@lru_cache(maxsize=128)
def draw_cover(design: CoverDesign) -> bytes:
    """Draws a JPEG of `SIDE` pixels square and at most `MOST_BYTES`; the same design always gives the same picture, and
    is drawn once.

    A title in letters that the font does not have stays out; the colour tells the genre then.
    """
    from PIL import Image

    large = SIDE * _FINER
    picture = _gradient(large, design.colour)
    _draw_record(picture, design)
    _draw_title(picture, design)
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    for quality in (92, 85, 75, 60, 40):
        packed = io.BytesIO()
        small.save(packed, "JPEG", quality=quality, optimize=True)
        if packed.tell() <= MOST_BYTES:
            break
    return packed.getvalue()


def _tone(colour: str, lightness: float, turn: float = 0.0) -> tuple[int, int, int]:
    hue, _, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1.0, lightness, min(saturation, 0.72))
    return round(red * 255), round(green * 255), round(blue * 255)


def _gradient(side: int, colour: str) -> "Image":
    from PIL import Image

    wide = side * 3 // 2  # turned by 45 degrees, it still fills the square
    margin = (wide - side) // 2
    slope = Image.linear_gradient("L").resize((wide, wide)).rotate(45)
    slope = slope.crop((margin, margin, margin + side, margin + side))
    dark, bright = (Image.new("RGB", (side, side), tone) for tone in (_tone(colour, 0.14, 0.05), _tone(colour, 0.42)))
    return Image.composite(dark, bright, slope)


def _draw_record(picture: "Image", design: CoverDesign) -> None:
    """A record that leaves the picture at the right, where each genre has it a little elsewhere."""
    from PIL import Image, ImageDraw

    chance = random.Random(design.title)  # noqa: S311 - it draws pictures
    side = picture.width
    x, y = side * chance.uniform(0.68, 0.8), side * chance.uniform(0.26, 0.36)
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)

    def circle(radius: float, **paint: object) -> None:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), **paint)  # type: ignore[arg-type]

    circle(side * 0.46, fill=(*_tone(design.colour, 0.1, 0.05), 235))
    for ring in range(14):
        circle(side * (0.2 + ring * 0.018), outline=(*_tone(design.colour, 0.62, -0.04), 70), width=_FINER)
    circle(side * 0.15, fill=(*_tone(design.colour, 0.66, -0.04), 255))
    circle(side * 0.02, fill=(*_tone(design.colour, 0.1, 0.05), 255))
    picture.paste(layer, mask=layer)


def _draw_title(picture: "Image", design: CoverDesign) -> None:
    """The title at the bottom left, as large as it fits in three lines."""
    from PIL import ImageDraw, ImageFont

    title = design.title
    if not title.strip() or not all(character <= "\u024f" and character.isprintable() for character in title):
        return
    draw = ImageDraw.Draw(picture)
    width = picture.width - 2 * _MARGIN * _FINER
    for letters in range(_LARGEST_LETTERS, _SMALLEST_LETTERS - 1, -6):
        font = ImageFont.load_default(letters * _FINER)
        lines = _lines(title, font, width)  # type: ignore[arg-type]
        if len(lines) <= 3 and all(font.getlength(line) <= width for line in lines):
            break
    else:
        lines = [_cut(line, font, width) for line in lines]  # type: ignore[arg-type]
    height = round(letters * _FINER * 1.08)
    bottom = picture.height - _MARGIN * _FINER
    for number, line in enumerate(reversed(lines[:3])):
        at = (_MARGIN * _FINER, bottom - number * height)
        draw.text(at, line, font=font, fill=_tone(design.colour, 0.96), anchor="ls", stroke_width=_FINER)


def _cut(line: str, font: "FreeTypeFont", width: float) -> str:
    """A line that no size makes short enough, cut off."""
    if font.getlength(line) <= width:
        return line
    while font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"


def _lines(title: str, font: "FreeTypeFont", width: float) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
