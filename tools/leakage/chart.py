"""A picture of shares with their intervals, as SVG text: the same to the byte on every machine."""

from __future__ import annotations

from html import escape

WIDTH, LEFT, RIGHT, STEP, TOP = 940, 300, 280, 26, 34
INK, PALE, LEAK = "#222", "#8a8a8a", "#bd1f01"
# look → shape, colour, filled
LOOKS = {
    "slice": ("circle", LEAK, False),
    "track": ("square", PALE, True),
    "artist": ("diamond", INK, True),
    "own": ("diamond", INK, True),
    "published": ("circle", PALE, True),
    "copied": ("circle", PALE, False),
}


def dots(rows: list[dict], legend: dict[str, str], *, axis: str, note: str = "") -> str:
    """Draw a row a system, on it a mark a figure.

    Parameters
    ----------
    rows : list of dict
        label, words (right of the row), marks: a list of dict look (of `LOOKS`), mean, low, high.
    legend : dict of str to str
        Look → what it means.
    axis, note : str
        Below the axis, and below that.

    Returns
    -------
    str
    """
    bottom = TOP + STEP * len(rows)
    height = bottom + 62 + 20 * len(legend) + (20 if note else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        parts.append(f'<line x1="{x}" y1="{TOP - 12}" x2="{x}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(_text(x, bottom + 18, f"{tenth / 10:.1f}", "middle"))
    parts.append(_text(_x(0.5), bottom + 38, axis, "middle"))
    for number, row in enumerate(rows):
        parts += _row(row, TOP + STEP * number)
    y = bottom + 62
    for look, words in legend.items():
        parts += [_mark(look, LEFT, y - 4), _text(LEFT + 16, y, words)]
        y += 20
    parts += [_text(LEFT, y, note, colour=PALE)] if note else []
    return "\n".join([*parts, "</svg>\n"])


def _row(row, y):
    parts = [_text(LEFT - 12, y + 4, row["label"], "end"), _text(_x(1) + 12, y + 4, row["words"], colour=PALE)]
    offsets = (
        [0] if len(row["marks"]) == 1 else [7 * (i - (len(row["marks"]) - 1) / 2) for i in range(len(row["marks"]))]
    )
    for one, off in zip(row["marks"], offsets, strict=True):
        at = round(y + off, 1)
        colour = LOOKS[one["look"]][1]
        if one["low"] is not None:
            parts.append(f'<line x1="{_x(one["low"])}" y1="{at}" x2="{_x(one["high"])}" y2="{at}" stroke="{colour}"/>')
        parts.append(_mark(one["look"], _x(one["mean"]), at))
    return parts


def _x(share):
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _text(x, y, words, anchor="start", colour=INK):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _mark(look, x, y):
    shape, colour, filled = LOOKS[look]
    drawn = f'fill="{colour if filled else "#fff"}" stroke="{colour}" stroke-width="1.5"'
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="4.5" {drawn}/>'
    if shape == "square":
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {drawn}/>'
    return f'<path d="M{x} {y - 5.5:.1f}l5.5 5.5-5.5 5.5-5.5-5.5z" {drawn}/>'
