"""The plots of a run, as SVG."""
from statistics import median

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "fairlead", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
from matplotlib import pyplot  # noqa: E402

OWN, OTHERS = "#1b6ca8", "#9aa5b1"


def draw(bench, folder):
    """Writes them; their names."""
    folder.mkdir(exist_ok=True)
    names = []
    for key, (title, unit, series) in bench.plots.items():
        figure, axes = pyplot.subplots(figsize=(6.4, 0.6 + 0.38 * len(series)) if key != "memory" else (6.4, 3.2), layout="constrained")
        (_lines if key == "memory" else _bars)(axes, series)
        axes.set_xlabel("watches" if key == "memory" else unit)
        if key == "memory":
            axes.set_ylabel(unit)
        axes.set_title(title, loc="left", fontweight="bold")
        figure.savefig(folder / f"{key}.svg", metadata={"Date": None})
        pyplot.close(figure)
        names.append(f"{key}.svg")
    return names


def _bars(axes, series):
    """A bar for the median of each peer, a whisker from the least to the greatest."""
    for place, (title, values) in enumerate(series.items()):
        middle = median(values)
        axes.barh(place, middle, color=OWN if title == "Fairlead" else OTHERS, height=0.62)
        axes.errorbar(middle, place, xerr=[[middle - min(values)], [max(values) - middle]], color="#333333", capsize=2, linewidth=1)
        axes.annotate(f"{middle:,.0f}" if middle >= 100 else f"{middle:.3g}", (max(values), place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(series)), series)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlim(left=0)


def _lines(axes, series):
    for (title, points), color in zip(series.items(), (OWN, "#c2571a")):
        axes.plot([count for count, _ in points], [value for _, value in points], marker="o", color=color, label=title)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
