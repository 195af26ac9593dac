"""Lines of history with the fan of the forecast, as SVG: geometry in attributes, colours in classes, words for who sees none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from trail.operations.wording import count


@dataclass(frozen=True)
class Outlook:
    """What is drawn.

    Attributes:
        counts: Counts of past windows, oldest first; null before the log.
        expected: Expected count of the next.
        low: Its tenth percentile.
        high: Its ninetieth percentile.
        noun: Word for one window.
    """

    counts: Sequence[float | None]
    expected: float
    low: float
    high: float
    noun: str


@dataclass(frozen=True)
class Canvas:
    """How large a drawing is, in its own units.

    Attributes:
        width: From the oldest window to the period predicted.
        height: From nothing to the highest value.
        margin: Around both.
    """

    width: float = 132.0
    height: float = 36.0
    margin: float = 4.0


#: Windows of width that the period predicted gets, so that its fan can be seen.
_AHEAD = 3.0
SMALL, LARGE = Canvas(), Canvas(640.0, 220.0, 10.0)
_Point = tuple[float, float]


def drawn(outlook: Outlook, canvas: Canvas = SMALL) -> Markup:
    """Returns the drawing: known windows as a line, the range as a fan from the last one, the expected count as a dot."""
    x, y = _scales(outlook, canvas)
    parts = [_line("spark-line", run) for run in _runs(outlook.counts, x, y)]
    known = [(x(place), y(value)) for place, value in enumerate(outlook.counts) if value is not None]
    end = x(len(outlook.counts) - 1 + _AHEAD)
    if known:
        fan = [known[-1], (end, y(outlook.high)), (end, y(outlook.low))]
        parts.insert(0, f'<polygon class="spark-fan" points="{_points(fan)}"/>')
        parts.append(_line("spark-next", [known[-1], (end, y(outlook.expected))]))
    ends = [(end, y(outlook.low)), (end, y(outlook.high))]
    parts.append(_line("spark-range", ends))
    parts.append(f'<circle class="spark-dot" cx="{end:.1f}" cy="{y(outlook.expected):.1f}" r="2.5"/>')
    size = f"{canvas.width + 2 * canvas.margin:g} {canvas.height + 2 * canvas.margin:g}"
    drawing = Markup("").join(Markup(each) for each in parts)  # noqa: S704 - numbers and class names of this module alone
    return Markup('<svg class="spark" viewBox="0 0 {}" role="img" aria-label="{}">{}</svg>').format(
        size, said(outlook), drawing
    )


def said(outlook: Outlook) -> str:
    """Returns in words what is drawn."""
    known = [value for value in outlook.counts if value is not None]
    noun = outlook.noun
    if not known:
        past = "No history"
    elif len(known) == 1:
        past = f"{count(known[-1])} last {noun}"
    else:
        past = (
            f"{len(known)} {noun}s from {count(known[0])} to {count(known[-1])}, {count(min(known))} at the least and "
            f"{count(max(known))} at the most"
        )
    return f"{past}; next {noun} {count(outlook.expected)} expected, range {count(outlook.low)} to {count(outlook.high)}"


def _scales(outlook: Outlook, canvas: Canvas) -> tuple[_Scale, _Scale]:
    known = [value for value in outlook.counts if value is not None]
    top = max([*known, outlook.high, outlook.expected, 1e-9])
    across = canvas.width / (len(outlook.counts) - 1 + _AHEAD)
    return (
        _Scale(canvas.margin, across),
        _Scale(canvas.margin + canvas.height, -canvas.height / top),
    )


@dataclass(frozen=True)
class _Scale:
    """A value as a place on the canvas."""

    start: float
    step: float

    def __call__(self, value: float) -> float:
        return self.start + self.step * value


def _runs(counts: Sequence[float | None], x: _Scale, y: _Scale) -> Iterator[list[_Point]]:
    """Yields the stretches without a gap."""
    run: list[_Point] = []
    for place, value in enumerate(counts):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((x(place), y(value)))
    if run:
        yield run


def _line(name: str, points: Sequence[_Point]) -> str:
    return f'<polyline class="{name}" points="{_points(points)}"/>'


def _points(points: Sequence[_Point]) -> str:
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in points)
