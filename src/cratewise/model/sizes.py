"""Sizes of the network: what the data decides, and what the recipe does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the data decides: how many labels, families and styles there are, and rows of the tokens' tables."""

    n_labels: int
    n_families: int
    n_styles: int
    n_name_rows: int
    n_tag_rows: int


@dataclass(frozen=True, slots=True)
class Widths:
    """Sizes of the layers."""

    d_token: int = 32
    d_tag: int = 48
    d_periodic: int = 16
    d_tower: int = 192
    d_body: int = 384
    d_specialist: int = 512
    n_specialists: int = 4
    n_bins: int = 16
    specialist_dropout: float = 0.2
    d_confidence: int = 16
    dropout: float = 0.15
