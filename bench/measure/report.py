"""The report of a run."""
import goals
import machine

TITLES = {
    "requests": "Small requests", "lists": "Long lists", "posts": "Posts", "doors": "Doors", "logins": "Logins", "protocols": "Clients over TLS", "watches": "Watches", "exec": "Exec",
    "transfers": "Transfers", "starts": "Starts", "clusters": "500 clusters"}


def write(bench):
    """The text, in Markdown."""
    parts = ["# Results", f"One run of `bench/run.sh`. {machine.about(bench)}", "## Goals", goals.goals(bench)]
    if bench.not_measured:
        parts += ["What could not be measured, and why:", "\n".join(f"- {text}" for text in bench.not_measured)]
    shown = {"requests": ("requests.svg", "cpu.svg", "p99.svg"), "watches": ("memory.svg",)}
    for section, texts in bench.blocks.items():
        parts += [f"## {TITLES[section]}", *(f"![{name.removesuffix('.svg')}](results/{name})" for name in shown.get(section, ()) if name.removesuffix('.svg') in bench.plots), *texts]
    return "\n\n".join(parts) + "\n"
