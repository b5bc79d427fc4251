"""`make bench`: core, model server, gateway, rivals and search in one run, with the model and tables that are there.

Absolute times are the machine's; the ratios are Quintet's. What runs in this process is compared by its processor time,
so that other work on the machine does not count. Prints a table and writes reports/benchmark.json.
"""

import argparse
import json
import logging
import os
import platform
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import mlflow

from benchmarks import core, load, search_quality, served
from benchmarks.queries import requests, seed_rows
from benchmarks.rivals import rivals
from benchmarks.times import Times
from gateway.catalog import Catalog
from gateway.settings import GatewaySettings
from model import registry
from model.pyfunc_model import ARTIFACT
from model.recommender import Recommender
from scripts.services import LOCAL_STORE

REPORT = Path("reports/benchmark.json")
EVALUATION = Path("reports/evaluation.json")
N_CLIENTS = 16


@dataclass
class Report:
    """Rows of times, and ratios between them."""

    rows: dict[str, Times] = field(default_factory=dict)
    ratios: dict[str, tuple[float, str]] = field(default_factory=dict)
    """What is compared -> figure, and what is wanted of it."""

    def add(self, name: str, times: Times) -> None:
        """Note and print a row."""
        self.rows[name] = times
        errors = f"   {times.errors} errors" if times.errors else ""
        cpu = f"{times.cpu_p50:>9.2f}" if times.cpu_ms else " " * 9
        print(f"{name:<30} {cpu} {times.p50:>9.2f} {times.p99:>9.2f} {times.rate:>9.1f}{errors}", flush=True)

    def compare(self, name: str, figure: float, wanted: str) -> None:
        """Note a ratio."""
        self.ratios[name] = (round(figure, 3), wanted)


def artefact() -> Path:
    """Folder of the champion's recommender."""
    mlflow.set_tracking_uri(LOCAL_STORE)
    version = registry.version_at(registry.CHAMPION)
    if version is None:
        raise SystemExit("there is no champion to measure; make one with `make up`, or `make evaluate promote`")
    folder = mlflow.artifacts.download_artifacts(f"models:/{registry.NAME}/{version.version}")
    return Path(folder, "artifacts", ARTIFACT)


def bodies(recommender: Recommender, seed: int, *, inputs: bool) -> Iterator[str]:
    """Requests as JSON, for the model server (`inputs`) or the gateway."""
    for request in requests(recommender, seed):
        row = request.model_dump_json(exclude_defaults=True)
        yield f'{{"inputs":[{row}]}}' if inputs else row


def core_rate(folder: Path, n_processes: int, n: int) -> float:
    """Answers a second of so many processes that do nothing else."""
    with ProcessPoolExecutor(n_processes, get_context("spawn")) as pool:
        return sum(pool.map(_one_core, [folder] * n_processes, [n] * n_processes))


def _one_core(folder: Path, n: int) -> float:
    return core.measure_alone(Recommender.load(folder), n).rate


def measure_core(report: Report, recommender: Recommender, n: int) -> None:
    """Item 1: stages and floor."""
    measured = core.measure(recommender, n)
    for name, times in measured.items():
        report.add(name, times)
    wanted = "≤ 1.6 at 28 thousand tracks, ≤ 1.4 at 1.2 million"
    report.compare("core / floor", measured["core"].cpu_p50 / measured["floor"].cpu_p50, wanted)


def measure_servers(report: Report, recommender: Recommender, folder: Path, options: argparse.Namespace) -> None:
    """Items 2 and 3: one client at a time, then all clients at once."""
    alone = core_rate(folder, options.workers, options.requests)
    with served.stack(options.workers) as stack:
        for name, url, path, inputs in (
            ("model server", stack.model, "/invocations", True),
            ("gateway", stack.gateway, "/recommend_ranked", False),
        ):
            load.load(url, path, bodies(recommender, 3, inputs=inputs), N_CLIENTS, 5)  # warm up
            for n_clients in (1, N_CLIENTS):
                asked = bodies(recommender, 4 + n_clients, inputs=inputs)
                clients = "1 client" if n_clients == 1 else f"{n_clients} clients"
                report.add(f"{name}, {clients}", load.load(url, path, asked, n_clients, options.seconds))
    p50 = {name: times.p50 for name, times in report.rows.items()}
    many, one = report.rows[f"gateway, {N_CLIENTS} clients"], report.rows["gateway, 1 client"]
    report.compare("model server - core, ms at p50", p50["model server, 1 client"] - p50["core"], "small")
    report.compare("gateway - model server, ms at p50", one.p50 - p50["model server, 1 client"], "≤ 3")
    report.compare("gateway - core, ms at p50", one.p50 - p50["core"], "≤ 8")
    name = f"gateway, {N_CLIENTS} clients / {options.workers} core processes alone ({alone:.0f}/s), requests a second"
    report.compare(name, many.rate / alone, "≥ 0.6")
    report.compare(f"p99 of {N_CLIENTS} clients / p50 of one", many.p99 / one.p50, "≤ 8")
    report.compare("failed requests", many.errors + one.errors, "0")


def measure_rivals(report: Report, recommender: Recommender, n: int) -> None:
    """Item 4: how long each takes, and (by `make evaluate`, where it ran) how good its kind is."""
    with rivals(recommender) as others:
        for name, rival in others.items():
            asked = list(islice(seed_rows(recommender, seed=9), core.WARM_UP + n))
            timed = [core.timed(partial(rival, rows)) for rows in asked]
            report.add(name, Times.of(timed[core.WARM_UP :]))
            report.compare(f"{name} / core", report.rows[name].cpu_p50 / report.rows["core"].cpu_p50, "> 1")
    if EVALUATION.exists():
        warm = json.loads(EVALUATION.read_text())["warm"]
        for row, kind in (("als", "implicit's ALS"), ("audio_cosine", "cosine of the mean profile")):
            if row in warm:
                name = f"Quintet / {kind}, NDCG@500 of reports/evaluation.json"
                report.compare(name, warm["challenger"]["ndcg@500"] / warm[row]["ndcg@500"], "> 1")


def measure_search(report: Report, path: Path, n: int) -> None:
    """Item 5: kinds of query over catalog.db."""
    catalog = Catalog(path)
    catalog.search("warm up")
    tracks = search_quality.sample(path, n, seed=0)
    for name, query_of in search_quality.kinds(seed=0).items():
        result = search_quality.measure(catalog, tracks, query_of)
        report.add(f"search: {name}", Times(result.ms, result.cpu_ms))
    slowest = max(times.cpu_p50 for name, times in report.rows.items() if name.startswith("search"))
    report.compare(
        "slowest kind of search, ms of CPU at p50",
        slowest,
        "≤ 10 at 28 thousand tracks, ≤ 40 at 1.2 million",
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500, help="of everything that is measured in this process")
    parser.add_argument("--seconds", type=float, default=15, help="that each load lasts")
    parser.add_argument(
        "--workers", type=int, default=min(os.cpu_count() or 1, 4), help="processes of the model server"
    )
    options = parser.parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped too
    folder = artefact()
    recommender = Recommender.load(folder)
    report = Report()
    facts = {
        "n_tracks": len(recommender.catalog),
        "n_playlists": len(recommender.knowledge.colisten.sizes),
        "cores": os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "model_workers": options.workers,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"{'':<30} {'CPU p50':>9} {'p50 ms':>9} {'p99 ms':>9} {'1/s':>9}")
    measure_core(report, recommender, options.requests)
    measure_rivals(report, recommender, options.requests)
    measure_search(report, GatewaySettings().catalog_path, options.requests)
    measure_servers(report, recommender, folder, options)
    print()
    for name, (figure, wanted) in report.ratios.items():
        print(f"{name:<90} {figure:>8.2f}   wanted {wanted}")
    rows = {name: times.figures() for name, times in report.rows.items()}
    ratios = {name: {"figure": figure, "wanted": wanted} for name, (figure, wanted) in report.ratios.items()}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({**facts, "times": rows, "ratios": ratios}, indent=1))


if __name__ == "__main__":
    main()
