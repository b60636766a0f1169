"""Curves as geometry: what a template draws as SVG. Numbers only, so that no text of a journal is in a path."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

WIDTH, HEIGHT = 640, 160
"""Units of a drawing, whatever its size on a screen."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 24, 28
_POINTS = 400


@attrs.frozen
class Tick:
    """A mark on an axis: where, and what stands beside it."""

    at: float
    label: str


@attrs.frozen
class Chart:
    """One curve. ``line`` and ``area`` are values of a ``d``."""

    title: str
    summary: str
    """In words, for who sees no picture."""
    line: str
    area: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    mark: Tick | None = None
    """A line from top to bottom."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def stairs(title: str, points: Sequence[tuple[float, float]], unit: tuple[float, str], summary: str) -> Chart | None:
    """A curve that only rises, from 0 at the left. ``unit``: what the first coordinate is divided by, and its name.

    None where there is nothing to draw.
    """
    kept = _thinned([(x / unit[0], y) for x, y in points if math.isfinite(x) and math.isfinite(y)])
    if len(kept) < 2 or kept[-1][0] <= 0:
        return None
    most_x, most_y = kept[-1][0], max(max(y for _, y in kept), 1.0)
    scale = _Scale(most_x, most_y)
    path = f"M{scale.x(0)},{scale.y(kept[0][1])}"
    for x, y in kept:
        path += f"H{scale.x(x)}V{scale.y(y)}"
    base = scale.y(0)
    area = f"{path}V{base}H{scale.x(0)}Z"
    across = tuple(Tick(scale.x(each), f"{each:g} {unit[1]}") for each in _ticks(most_x, 5))
    up = tuple(Tick(scale.y(each), f"{each:,g}") for each in _ticks(most_y, 3, whole=True))
    return Chart(title, summary, path, area, across, up)


def polygon(
    title: str, points: Sequence[tuple[float, float]], summary: str, mark: tuple[float, str] | None = None
) -> Chart | None:
    """A line through chances (0 to 1) at steps. None where there are fewer than two. ``mark``: a step, and its name."""
    kept = _thinned(list(points))
    if len(kept) < 2 or kept[-1][0] <= 0:
        return None
    scale = _Scale(kept[-1][0], 1.0)
    path = "M" + "L".join(f"{scale.x(x)},{scale.y(y)}" for x, y in kept)
    area = f"{path}V{scale.y(0)}H{scale.x(kept[0][0])}Z"
    across = tuple(Tick(scale.x(each), f"step {each:g}") for each in _ticks(kept[-1][0], 5, whole=True) if each)
    up = tuple(Tick(scale.y(each), f"{100 * each:g} %") for each in (0.0, 0.5, 1.0))
    marked = Tick(scale.x(mark[0]), mark[1]) if mark is not None else None
    return Chart(title, summary, path, area, across, up, marked)


@attrs.frozen
class _Scale:
    most_x: float
    most_y: float

    def x(self, value: float) -> float:
        return round(_LEFT + value / self.most_x * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / self.most_y * (HEIGHT - _TOP - _BOTTOM), 1)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most so many, the first and the last among them."""
    if len(points) <= _POINTS:
        return points
    step = math.ceil(len(points) / (_POINTS - 1))
    return [*points[:-1:step], points[-1]]


def _ticks(most: float, about: int, *, whole: bool = False) -> list[float]:
    """Round numbers from 0 to ``most``."""
    raw = most / about
    power = 10 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= raw)
    if whole:
        step = max(round(step), 1)
    return [round(index * step, 6) for index in range(int(most / step + 1e-9) + 1)]
