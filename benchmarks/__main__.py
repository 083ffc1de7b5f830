"""`python -m benchmarks [PART…]`: measures all parts or those named (see PARTS), prints and keeps the tables."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import answers, inbound, start
from benchmarks.load import Figures
from benchmarks.servers import ROOT, branch, ours
from benchmarks.table import Row, drawn, keep

ANSWERS = {
    "201 entries": ("201", "p99 ≤ 5 ms"),
    "10,000 short entries": ("10000", "12", "p99 ≤ 20 ms, built in ≤ 10 s"),
    "10,000 entries": ("10000", "p99 ≤ 20 ms, built in ≤ 10 s"),
}
"""How many entries, how many wordings a copy keeps, and the goal without an embedder."""
SEGMENTS = {
    "sqlite": {"count": "< 2 s", "sample": "< 0.3 s"},
    "postgres": {"count": "< 1 s", "sample": "< 0.3 s"},
}
"""Goals with the most clients."""
SIZES = (10_000, 100_000, 1_000_000)
LARGEST = SIZES[-1]
ECHO = "plain mode, {} connections, one gunicorn worker (sync)"
WHOLE = "{} connections, SQLite, whole way; {}"
AGAIN, ANEW = "texts that were asked before", "no text was asked before"


def of_inbound() -> list[Row]:
    """WeChat messages in."""
    found = inbound.measure()
    rows: list[Row] = []
    for connections in (inbound.FEW, inbound.MANY):
        rows += _throughput(found, connections)
    rows += [_steady(mode, rate, figures) for mode, each in found.steady.items() for rate, figures in each.items()]
    return rows


def _throughput(found: inbound.Inbound, connections: int) -> list[Row]:
    def rate(name: str) -> str:
        return f"{found.per_second[name, connections]:.0f}/s"

    again, anew = (WHOLE.format(connections, texts) for texts in (AGAIN, ANEW))
    echo, ratio = ECHO.format(connections), f"plain to plain, {connections} connections"
    return [
        Row("quanfu, plain mode", again, rate("quanfu plain")),
        Row("quanfu, plain mode", anew, rate("quanfu plain, anew")),
        Row("quanfu, safe mode", again, rate("quanfu safe")),
        Row("WeRoBot echo", echo, rate("werobot")),
        Row("wechatpy and Flask echo", echo, rate("flask")),
        Row("quanfu to WeRoBot", f"{ratio}; {AGAIN}", f"{found.ratio(connections):.2f}", "0.25, then 0.5"),
        Row("quanfu to WeRoBot", f"{ratio}; {ANEW}", f"{found.ratio(connections, 'quanfu plain, anew'):.2f}", "0.25"),
    ]


def _steady(mode: str, rate: int, figures: Figures) -> Row:
    late = f", {figures.late} not answered in their request" if figures.late else ""
    took = f"p50 {figures.p50} ms, p99 {figures.p99} ms{late}"
    return Row(f"quanfu, {mode} mode", f"{rate}/s, open loop", took, "p99 < 50 ms")


def of_outbound() -> list[Row]:
    """A broadcast out, on both databases."""
    rows: list[Row] = []
    for database in ("sqlite", "postgres"):
        found = _told("benchmarks.outbound", database)
        where = f"{found['recipients']} recipients, {database}, a channel that counts"
        rows.append(Row("gate, render, claim, send, record", where, f"{found['pump_rate']:.0f}/s", "1,000/s"))
        rows.append(Row("fan-out", where, f"{found['fan_out_rate']:.0f}/s"))
        rows.append(Row("most memory", where, f"{found['memory']:.0f} MB"))
    return rows


def of_telegram() -> list[Row]:
    """Messages to Telegram."""
    return _sending(_told("benchmarks.telegram_sending"), "1,000/s")


def of_customer() -> list[Row]:
    """Customer-service messages to WeChat."""
    return _sending(_told("benchmarks.customer_sending"), "500/s")


def _sending(found: dict[str, Any], goal: str) -> list[Row]:
    """Only what goes the whole way has a goal; the others stand beside it."""
    messages, in_flight = found.pop("messages"), found.pop("in_flight")
    where = f"{messages} messages, {in_flight} in flight"
    whole, busy = f"{messages} messages, gate to record, SQLite", found.pop("whole_way_busy")
    told = f"{found.pop('whole_way_per_second')}/s, {busy} ms of the processor each"
    rows = [Row("whole way out, one process", whole, told, goal)]
    if limited := found.pop("at_the_paid_rate_per_second", None):
        rows.append(Row("whole way out, permits at 1,000/s", whole, f"{limited}/s", "≥ 95 % of the permits"))
    names = {name: name.removesuffix("_per_second").replace("_", " ") for name in found}
    return rows + [Row(names[name], where, f"{rate}/s") for name, rate in found.items()]


def of_permits() -> list[Row]:
    """Four workers and one account."""
    found = _told("benchmarks.permits")
    where = f"{found['workers']} worker processes, PostgreSQL, one account at 30/s for {found['seconds']} s"
    return [
        Row("share of the rate used", where, f"{found['share']:.1%}", "≥ 95 %"),
        Row("refused by the double", f"{where}; 30 tokens, refilled 30/s", f"{found['refused']}", "0"),
    ]


def of_broadcasting() -> list[Row]:
    """WeChat messages in while a broadcast goes out."""
    found = _told("benchmarks.broadcasting")
    meanwhile = f"{found['sent'] / found['seconds']:.0f} customer-service messages/s meanwhile"
    return [
        Row(
            "quanfu, plain mode",
            f"{rate}/s, open loop, one process, SQLite",
            f"p50 {figures['p50']} ms, p99 {figures['p99']} ms; {meanwhile}",
            "p99 ≤ 100 ms",
        )
        for rate, figures in found["steady"].items()
    ]


def of_start() -> list[Row]:
    """The start of the service and its memory."""
    found = start.measure()
    where = "demo branch on SQLite with a WeChat account"
    return [
        Row("start to first answer", f"{where}, median of {start.RUNS}", f"{found.seconds:.2f} s", "< 3 s"),
        Row("memory when idle", f"{where}, after {start.IDLE_SECONDS} s", f"{found.idle:.0f} MB", "< 200 MB"),
        Row("memory after messages", f"{start.MESSAGES} messages answered", f"{found.after_messages:.0f} MB"),
    ]


def of_webchat() -> list[Row]:
    """Five hundred open chat pages."""
    with branch() as environment, ours(environment | {"QUANFU_WEBCHAT__ADDRESS_PER_MINUTE": "100000"}) as running:
        found = _told("benchmarks.chats", str(running.port), str(running.pid))
    clients, rate = found["clients"], found["rate"]
    each = (found["connected"] - found["before"]) * 1024 / (clients - 1)
    where = f"{clients} clients connected, demo branch on SQLite"
    asked = f"{where}, {rate:.0f} messages/s, open loop"
    return [
        Row("memory of the server", where, f"{found['connected']:.0f} MB"),
        Row("memory for each client", f"{clients} clients beside one", f"{each:.0f} kB"),
        Row("message to the answer's event", asked, f"p50 {found['event_p50']} ms, p99 {found['event_p99']} ms"),
        Row("message to its response", asked, f"p50 {found['response_p50']} ms, p99 {found['response_p99']} ms"),
    ]


def of_answers() -> list[Row]:
    """Our answers beside other ways to find them."""
    return [
        _answers(f"{engine}, {size}", _told("benchmarks.answers", engine, *arguments), answers.goal(engine, goal))
        for size, (*arguments, goal) in ANSWERS.items()
        for engine in answers.engines(int(arguments[0]))
    ]


def _answers(what: str, found: dict[str, Any], goal: str) -> Row:
    if not found:
        return Row(what, "", f"not built: {answers.MEMORY} MB do not suffice", goal)
    where = f"{found['wordings']} wordings, {found['asked']} questions"
    right = "" if found["top1"] is None else f"top1 {found['top1']}, top3 {found['top3']}; "
    took = f"p50 {found['p50']} ms, p99 {found['p99']} ms (processor time {found['p99_work']} ms)"
    built = f"built in {found['build']} s (processor time {found['build_work']} s), {found['memory']} MB"
    return Row(what, where, f"{right}{took}; {built}", goal)


def of_segments() -> list[Row]:
    """Segments of four conditions in a large branch, and its figures, on both databases and at three sizes."""
    rows: list[Row] = []
    for database, goals in SEGMENTS.items():
        for clients in SIZES:
            found = _told("benchmarks.segments", database, str(clients))
            where = f"{clients} clients, {clients * 5} holdings, {database}"
            reached = goals if clients == LARGEST else {}
            rows += [_asked(name, found, where, reached) for name in found["seconds"]]
            rows += [_reckoned(found[part], part, where) for part in ("whole", "part")]
    return rows


def _asked(name: str, found: Mapping[str, Any], where: str, goals: Mapping[str, str]) -> Row:
    """One thing asked of the database; counts tell what they found."""
    told = f"{where}, {found['found'][name]} found" if name in found["found"] else where
    return Row(name.replace("_", " "), told, f"{found['seconds'][name]:.3f} s", goals.get(name.partition("_")[0], ""))


def _reckoned(found: Mapping[str, float], part: str, where: str) -> Row:
    took = f"{found['seconds']} s, {found['memory'] - found['before']} MB beside {found['before']} MB"
    return Row(f"figures, {part}", f"{where}, {found['clients']} clients due", took)


def of_imports() -> list[Row]:
    """Tables of clients and of holdings brought in, on both databases and at two sizes."""
    rows: list[Row] = []
    for database in SEGMENTS:
        for clients in SIZES[1:]:
            found = _told("benchmarks.importing", database, str(clients))
            rows += [_brought_in(name, figures, database) for name, figures in found.items()]
    return rows


def _brought_in(name: str, found: Mapping[str, int], database: str) -> Row:
    memory = f"{found['memory'] - found['before']} MB beside {found['before']} MB"
    return Row(name.replace("_", " "), f"{found['rows']} rows, {database}", f"{found['rate']} rows/s, {memory}")


PARTS: Mapping[str, Callable[[], Sequence[Row]]] = {
    "inbound": of_inbound,
    "outbound": of_outbound,
    "telegram": of_telegram,
    "customer": of_customer,
    "permits": of_permits,
    "broadcasting": of_broadcasting,
    "segments": of_segments,
    "imports": of_imports,
    "start": of_start,
    "webchat": of_webchat,
    "answers": of_answers,
}


def _told(module: str, *arguments: str) -> dict[str, Any]:
    """What a measurement in a process of its own prints last, a line of JSON."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(wanted: Sequence[str]) -> None:
    """Measure what is wanted, or all."""
    for part in wanted or PARTS:
        table = drawn(PARTS[part]())
        print(f"{part}\n\n{table}\n", flush=True)
        keep(part, table)


if __name__ == "__main__":
    main(sys.argv[1:])
