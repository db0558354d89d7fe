"""The plots of a run, as SVG."""
from html import escape
from statistics import median

OWN, OTHERS, LINES = "#1b6ca8", "#9aa5b1", ("#1b6ca8", "#c2571a")
WIDTH, LEFT = 720, 140


def draw(bench, folder):
    """Writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, (title, unit, series) in bench.plots.items():
        (folder / f"{key}.svg").write_text((_lines if key == "memory" else _bars)(title, unit, series))


def _svg(height, title, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>', _text(10, 24, title, "start", ' font-weight="bold" font-size="15"'), *parts, "</svg>"]) + "\n"


def _text(x, y, text, anchor, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(str(text))}</text>'


def _bars(title, unit, series):
    """A bar for the median of each peer, a whisker from the least to the greatest."""
    # One that is far beyond all others is cut off, with its number beside it: nothing could be read of the others.
    greatest = sorted((max(values) for values in series.values()), reverse=True)
    shown = greatest[0] if len(greatest) < 2 or greatest[0] < 8 * greatest[1] else 1.3 * greatest[1]
    scale = (WIDTH - LEFT - 90) / shown
    parts, y = [], 42
    for name, values in series.items():
        least, middle, most = (LEFT + min(of(values), shown) * scale for of in (min, median, max))
        parts += [
            _text(LEFT - 8, y + 15, name, "end"),
            f'<rect x="{LEFT}" y="{y}" width="{middle - LEFT:.1f}" height="20" fill="{OWN if name == "Fairlead" else OTHERS}"/>',
            f'<path d="M{least:.1f} {y + 10}H{most:.1f}M{least:.1f} {y + 6}v8M{most:.1f} {y + 6}v8" stroke="#222"/>',
            _text(most + 8, y + 15, f"{median(values):,.0f}" if median(values) >= 100 else f"{median(values):.3g}", "start")]
        y += 28
    return _svg(y + 24, f"{title}, {unit}", [*parts, _text(LEFT, y + 12, ("median of the rounds; whiskers from the least to the greatest" if any(len(values) > 1 for values in series.values()) else "one reading of each") + ("; the longest is cut off" if shown < greatest[0] else ""), "start", ' font-size="11" fill="#555"')])


def _lines(title, unit, series):
    """A line for each kind of client, over the number of watches."""
    points = [point for line in series.values() for point in line]
    across, up = (WIDTH - LEFT - 130) / max(count for count, _ in points), 220 / max(value for _, value in points)
    parts = [f'<path d="M{LEFT} 50V270H{WIDTH - 130}" fill="none" stroke="#222"/>']
    parts += [_text(LEFT + count * across, 288, f"{count:,}", "middle") for count in sorted({count for count, _ in points})]
    for number, ((name, line), color) in enumerate(zip(series.items(), LINES)):
        places = [(LEFT + count * across, 270 - value * up) for count, value in line]
        parts.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [_text(x - 6, y - 6 + 24 * number, f"{value:,.0f}", "end", f' fill="{color}"') for (x, y), (_, value) in zip(places, line)]
        parts.append(_text(LEFT + 12, 62 + 18 * number, name, "start", f' fill="{color}"'))
    return _svg(300, f"{title}, {unit}", parts)
