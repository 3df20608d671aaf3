"""How a catalogue is cut: each slice of a file becomes one partition, whichever machine does it. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cratewise.model.classifier import WINDOW

SLICE_ROWS = 4 * WINDOW
"""Rows of a slice: some seconds of work, so that little is done twice, and a partition of some megabytes.

A whole number of windows, so that the network is given the same batches as when the file is read at once: onnxruntime's
last bit hangs on the batch a track stands in.
"""
_LONGEST_STEM = 40


class Counted(NamedTuple):
    """A file's name and its rows."""

    name: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of one input, and the partition they become.

    Attributes:
        number: Place among all slices, from 0.
        file: Place of the input among all.
        start: The first row, counted from 0.
        n_rows: How many.
        partition: Name of the file they are written to; sorted by name, partitions are in the order of the input.
    """

    number: int
    file: int
    start: int
    n_rows: int
    partition: str


def slices_of(files: Iterable[Counted], slice_rows: int = SLICE_ROWS) -> Iterator[Slice]:
    """Cuts files into slices, none of which spans two."""
    number = 0
    for place, (name, n_rows) in enumerate(files):
        stem = re.sub(r"[^A-Za-z0-9]+", "-", name.rsplit("/", 1)[-1].removesuffix(".parquet")).strip("-")
        for start in range(0, n_rows, slice_rows):
            count = min(slice_rows, n_rows - start)
            partition = f"part-{number:06d}-{stem[:_LONGEST_STEM] or 'file'}-row-{start + 1}.parquet"
            yield Slice(number, place, start, count, partition)
            number += 1
