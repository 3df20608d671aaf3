"""The comparison as a page to read: a table for each row, and who is ahead."""

from collections.abc import Mapping, Sequence

from cratewise.model.conditions import Condition
from cratewise.model.peers.ledger import Ledger, Result
from cratewise.model.peers.part import Peer

PAGE = "baselines.md"
MEASURES = {
    "top_1": "top-1",
    "top_3": "top-3",
    "mean_average_precision": "mAP",
    "macro_f1": "macro-F1",
    "calibration_error": "ECE",
}
LOWER_IS_BETTER = "calibration_error"
NETWORK = "cratewise"


def write_page(
    ledger: Ledger,
    conditions: Sequence[Condition],
    peers: Sequence[Peer],
    network: Mapping[str, Mapping[str, float]] | None,
) -> None:
    """Writes `baselines.md` beside the ledger, with what it holds of these rows and peers."""
    (ledger.folder / PAGE).write_text(page(ledger, conditions, peers, network), encoding="utf-8")


def page(
    ledger: Ledger,
    conditions: Sequence[Condition],
    peers: Sequence[Peer],
    network: Mapping[str, Mapping[str, float]] | None,
) -> str:
    """The page as Markdown; `network` has the network's own figures by row, if it is to be compared."""
    titles = {peer.name: peer.title for peer in peers}
    lines = [
        f"# Peers: split by {ledger.terms.split}, seed {ledger.terms.seed}",
        "",
        "Each peer is fitted anew for each row, on the network's own training part and what that row allows; stopped,",
        "chosen and calibrated (one temperature) on the validation part. Figures are of the test part, each track",
        "once. Times are wall times; that of the encoding, the same for all who need it, stands apart.",
    ]
    for condition in conditions:
        results = {r.peer: r for r in ledger.results if r.row == condition.row and r.peer in titles}
        if results:
            ordered = [results[name] for name in titles if name in results]
            lines += _section(condition, ordered, titles, (network or {}).get(condition.row))
    return "\n".join([*lines, ""])


def _section(
    condition: Condition, results: Sequence[Result], titles: Mapping[str, str], network: Mapping[str, float] | None
) -> list[str]:
    first = results[0]
    threads = "1 thread" if first.n_threads == 1 else f"{first.n_threads} threads"
    lines = [
        "",
        f"## {condition.row}: {condition.text}",
        f"{first.figures.n_tracks:,} tracks; encoding {first.encode_s:.0f} s; {threads}.",
        "",
        "| method | " + " | ".join(MEASURES.values()) + " | fit | prediction |",
        "|" + "---|" * (len(MEASURES) + 3),
    ]
    for result in results:
        values = result.figures.as_dict()
        cells = [f"{values[name]:.3f}" for name in MEASURES]
        cells += [f"{result.fit_s:.1f} s", f"{result.predict_s:.2f} s"]
        lines.append(f"| {titles[result.peer]} | " + " | ".join(cells) + " |")
    if network is None:
        return lines
    cells = [f"{network[name]:.3f}" for name in MEASURES]
    lines.append(f"| **{NETWORK}** | " + " | ".join(cells) + " | | |")
    return [*lines, "", verdict(results, titles, network)]


def verdict(results: Sequence[Result], titles: Mapping[str, str], network: Mapping[str, float]) -> str:
    """Says whether the network wins a row, which is decided by top-1, and which figures a peer is better in."""
    behind = []
    for name, measure in MEASURES.items():
        sign = -1 if name == LOWER_IS_BETTER else 1
        best = max(results, key=lambda result: sign * result.figures.as_dict()[name])
        value = best.figures.as_dict()[name]
        if sign * value >= sign * network[name]:
            behind.append((name, f"{measure} ({titles[best.peer]}, {value:.3f})"))
    if not behind:
        return "The network wins, in every figure."
    wins = "does not win" if behind[0][0] == "top_1" else "wins"
    return f"The network {wins}; a peer is as good or better in {', '.join(text for _, text in behind)}."
