"""The report of a run."""
import gateway
import goals
import machine
import peers

TITLES = {
    "requests": "Small requests", "lists": "Long lists", "posts": "Posts", "doors": "Doors", "logins": "Logins", "protocols": "Clients over TLS", "watches": "Watches", "exec": "Exec",
    "transfers": "Transfers", "starts": "Starts", "clusters": "500 clusters"}


def write(bench):
    """The text, in Markdown."""
    parts = ["# Results", f"One run of `bench/run.sh`. {machine.about(bench)}", "## Goals", goals.goals(bench)]
    parts.append(f"Audit records that Fairlead dropped in the whole run, of reads, because the file took no more: {sum(bench.facts.get('dropped', {}).values()):,.0f}.")
    if bench.not_measured:
        parts += ["What could not be measured, and why:", "\n".join(f"- {text}" for text in bench.not_measured)]
    shown = {"requests": ("requests.svg", "cpu.svg", "p50.svg", "p99.svg", "allocated.svg", "resident.svg"), "watches": ("memory.svg",)}
    for section, texts in bench.blocks.items():
        parts += [f"## {TITLES[section]}", *(f"![{name.removesuffix('.svg')}](results/{name})" for name in shown.get(section, ()) if name.removesuffix('.svg') in bench.plots), *texts]
    parts += ["## Settings", "All verify the upstream's certificate, send the target on as it came, and (but for bare YARP) put the cluster's credential in the place of the caller's.", "\n".join(f"- **{peer.title}**: {peer.settings}." for peer in (*peers.ALL, gateway.Fairlead))]
    return "\n\n".join(parts) + "\n"
