"""The genres a listener would name, on two levels: families, and the styles under them."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from cratewise.errors import GenresError
from cratewise.tracks import normalised

_LONGEST_SHOWN = 60  # characters of a name in a message: it may come from a file
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Style:
    """A genre under a family, such as Deep House.

    Attributes:
        slug: Its key everywhere, such as `deep-house`; unique among families and styles.
        name: What a person reads.
        family: Slug of the one family it lies under.
    """

    slug: str
    name: str
    family: str


@dataclass(frozen=True, slots=True)
class Family:
    """A broad genre, as a record shop or a radio would shelve it.

    Attributes:
        slug: Its key everywhere, such as `hip-hop`.
        name: What a person reads.
        colour: `#rrggbb`, to be told apart on dark and on light ground.
        styles: Its styles, in the order of display.
    """

    slug: str
    name: str
    colour: str
    styles: tuple[Style, ...]


class Taxonomy:
    """All families and styles, in a fixed order that the network's outputs share.

    Attributes:
        families: Every family, in order.
        styles: Every style, in the order of the families.
    """

    def __init__(self, families: Iterable[Family]) -> None:
        """Checks and indexes the families.

        Raises:
            GenresError: If two nodes share a slug or a name, a style names another family than the one it lies
                under, or a colour is not `#rrggbb`.
        """
        self.families = tuple(families)
        self.styles = tuple(style for family in self.families for style in family.styles)
        self._nodes: dict[str, Family | Style] = {}
        self._names: dict[str, Family | Style] = {}
        self._families: dict[str, Family] = {}
        for family in self.families:
            if not _COLOUR.fullmatch(family.colour):
                raise GenresError(f"the colour of {family.slug!r} is {family.colour!r}", hint="Write it as #rrggbb.")
            self._add(family, family)
            for style in family.styles:
                self._add(style, family)

    def _add(self, node: Family | Style, family: Family) -> None:
        if isinstance(node, Style) and node.family != family.slug:
            raise GenresError(f"the style {node.slug!r} lies under {family.slug!r} but names {node.family!r}")
        name = node.name.casefold()
        if node.slug in self._nodes or name in self._names:
            raise GenresError(f"{node.slug!r} ({node.name}) stands twice in the taxonomy", hint="Rename one of them.")
        self._nodes[node.slug] = self._names[name] = node
        self._families[node.slug] = family

    def genre(self, slug: str) -> Family | Style:
        """Returns the family or style with that slug.

        Raises:
            GenresError: If there is none.
        """
        if slug not in self._nodes:
            raise GenresError(
                f"there is no genre {slug[:_LONGEST_SHOWN]!r}", hint="`cratewise genres` lists all of them."
            )
        return self._nodes[slug]

    def family_of(self, slug: str) -> Family:
        """Returns the family of a style, or the family itself.

        Raises:
            GenresError: If no family or style has that slug.
        """
        self.genre(slug)
        return self._families[slug]

    def named(self, name: str) -> Family | Style:
        """Returns the family or style of that display name, whatever its case.

        Raises:
            GenresError: If there is none.
        """
        node = self._names.get(name.strip().casefold())
        if node is None:
            raise GenresError(
                f"there is no genre called {name[:_LONGEST_SHOWN]!r}", hint="`cratewise genres` lists all of them."
            )
        return node


def slug_of(name: str) -> str:
    """Returns the slug of a display name: "Drum & Bass" becomes `drum-and-bass`."""
    return normalised(name.replace("&", " and ")).replace(" ", "-")


@lru_cache(maxsize=1)
def load_taxonomy() -> Taxonomy:
    """Returns the taxonomy that the package ships (`taxonomy.toml` beside this file)."""
    text = resources.files(__package__).joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return Taxonomy(_family(entry) for entry in tomllib.loads(text)["family"])


def _family(entry: Mapping[str, Any]) -> Family:
    styles = tuple(Style(slug_of(name), name, entry["slug"]) for name in entry["styles"])
    return Family(entry["slug"], entry["name"], entry["colour"], styles)
