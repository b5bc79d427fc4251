"""How everything grows with tracks and playlists: time, memory and latency of each step, a table and a plot.

    python -m benchmarks.growth data/processed --sizes 28352x450 300000x10000 1200000x100000

Each size is grown from the prepared data (`benchmarks.grow`), then prepared, trained, evaluated, loaded and asked, each
step in a process of its own. Figures go to reports/growth.json after every step; a size that is in there is not
measured again. Wall-clock times are of this machine as busy as it is; processor times say what an idle one would take.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks import grow

N_ANSWERS = 100
N_SEEDS = 5
ROOT = Path(__file__).resolve().parent.parent
SPARK = ROOT / ".venv-spark" / "bin" / "python"
STEPS = ("prepare", "train", "evaluate", "serve", "spark")
SPARK_REQUESTS = (200, 1000)
"""The rate is taken from the difference, so that it does not hold the start of Spark."""

Figures = dict[str, Any]


def run(command: list[str | Path], folder: Path, threads: int | None = None) -> Figures:
    """Run to the end: wall clock and processor seconds, and the peak of its memory in GB.

    folder: where it runs and keeps its MLflow store.  threads: of the libraries; None is as many as there are cores.
    Raises RuntimeError with the end of its output if it fails.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}", "PYTHONPATH": str(ROOT)}
    if threads is not None:
        environment["OMP_NUM_THREADS"] = str(threads)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{text[-2000:]}")
    return {
        "wall_s": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_gb": usage.ru_maxrss / 1e6,
        "last_line": text.strip().rpartition("\n")[2],
    }


def measure(
    original: Path, folder: Path, size: str, wanted: list[str], figures: Figures, save: Callable[[], None]
) -> None:
    """Fill in the figures of one size, step by step."""
    raw, processed = folder / "raw", folder / "processed"
    if not (raw / "playlists.parquet").exists():
        n_tracks, n_playlists = map(int, size.split("x"))
        grow.write(grow.read(original), raw, n_tracks, n_playlists, seed=0)
    folders: list[str | Path] = ["--processed-dir", processed]
    steps: dict[str, list[str | Path]] = {
        "prepare": ["-m", "data.prepare", "--data-source", raw, "--raw-dir", folder / "none", "--force", *folders],
        "train": ["-m", "model.train", "--force", "true", *folders],
        "evaluate": ["-m", "model.evaluate", "--report", folder / "evaluation.json", *folders],
        "serve": ["-m", "benchmarks.growth", processed, "--probe"],
    }
    for name in wanted:
        if name in figures:
            continue
        if name == "spark":
            figures[name] = {str(cores): spark_rate(processed, folder, cores) for cores in (1, 2)}
        else:
            figures[name] = run([sys.executable, *steps[name]], folder, threads=1 if name == "serve" else None)
            if name == "serve":
                figures[name] |= json.loads(figures[name]["last_line"])
        save()


def spark_rate(processed: Path, folder: Path, cores: int) -> float:
    """Requests a second of `recommend_batch` on so many cores of this machine."""
    walls: list[float] = []
    for n in SPARK_REQUESTS:
        pd.DataFrame({"seed_track_ids": seeds(processed, n)}).to_parquet(folder / "requests.parquet")
        command: list[str | Path] = [SPARK, "-m", "model.recommend_batch", "--requests", folder / "requests.parquet"]
        command += ["--output", folder / "answers.parquet", "--model", "models:/quintet@challenger"]
        walls.append(run([*command, "--master", f"local[{cores}]"], folder)["wall_s"])
    rate: float = (SPARK_REQUESTS[1] - SPARK_REQUESTS[0]) / (walls[1] - walls[0])
    return rate


def seeds(processed: Path, n: int) -> list[list[str]]:
    """Seeds of n requests: five tracks of one playlist, where it has so many."""
    playlists = pd.read_parquet(processed / "playlists.parquet")
    rng = np.random.default_rng(0)
    starts = rng.integers(0, len(playlists) - N_SEEDS, n)
    ids = playlists["track_id"].to_numpy()
    return [ids[start : start + N_SEEDS].tolist() for start in starts]


def probe(processed: Path) -> Figures:
    """Load the challenger as a worker does and ask it: seconds, GB and milliseconds."""
    import mlflow

    from model.contract import Request

    asked = [Request(seed_track_ids=ids) for ids in seeds(processed, N_ANSWERS + 5)]
    started, cpu = time.perf_counter(), time.process_time()
    model = mlflow.pyfunc.load_model("models:/quintet@challenger").unwrap_python_model()
    loaded, loaded_cpu = time.perf_counter() - started, time.process_time() - cpu
    answers: list[tuple[float, float]] = []
    for request in asked:
        started, cpu = time.perf_counter(), time.process_time()
        model.predict([request])
        answers.append((time.perf_counter() - started, time.process_time() - cpu))
    wall, processor = np.array(answers[5:]).T * 1e3
    return {
        "load_s": loaded,
        "load_cpu_s": loaded_cpu,
        "own_gb": memory_gb("RssAnon"),
        "mapped_gb": memory_gb("RssFile"),
        "p50_ms": float(np.median(wall)),
        "p99_ms": float(np.quantile(wall, 0.99)),
        "cpu_p50_ms": float(np.median(processor)),
    }


def memory_gb(kind: str) -> float:
    """What this process holds in memory now: `RssAnon` is its own, `RssFile` files that all processes share."""
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[kind].split()[0]) * 1024 / 1e9


def table(all_figures: Figures) -> str:
    """A row a size: processor seconds and peak memory of each step, what a worker holds, requests a second in Spark."""
    heads = "tracks × playlists", *STEPS[:3], "load", "own + mapped memory", "an answer, p50", "Spark, 1 / 2 cores"
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for size, figures in sorted(all_figures.items(), key=lambda one: _n_tracks(one[0])):
        cells = [_step(figures.get(name)) for name in ("prepare", "train", "evaluate")]
        serve, spark = figures.get("serve", {}), figures.get("spark", {})
        if "load_s" in serve:
            memory = f"{serve['own_gb']:.2f} + {serve['mapped_gb']:.2f} GB"
            cells += [f"{serve['load_cpu_s']:.1f} s", memory, f"{serve['cpu_p50_ms']:.0f} ms"]
        else:
            cells += ["–"] * 3
        cells.append(" / ".join(f"{rate:.1f}" for rate in spark.values()) or "–")
        n_tracks, n_playlists = (f"{int(number):,}" for number in size.split("x"))
        lines.append(f"| {n_tracks} × {n_playlists} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _n_tracks(size: str) -> int:
    return int(size.partition("x")[0])


def _step(figures: Figures | None) -> str:
    return f"{figures['cpu_s']:.0f} s, {figures['peak_gb']:.1f} GB" if figures else "–"


def plot(all_figures: Figures) -> Figure:
    """Processor time, memory and latency over the number of tracks, on logarithmic scales."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    axes = figure.subplots(1, 3)
    tracks = {size: _n_tracks(size) for size in sorted(all_figures, key=_n_tracks)}
    for name in ("prepare", "train", "evaluate"):
        there = [size for size in tracks if name in all_figures[size]]
        for axis, key in ((axes[0], "cpu_s"), (axes[1], "peak_gb")):
            axis.plot([tracks[s] for s in there], [all_figures[s][name][key] for s in there], "o-", label=name)
    there = [size for size in tracks if "load_s" in all_figures[size].get("serve", {})]
    for axis, key, name in (
        (axes[0], "load_cpu_s", "load"),
        (axes[1], "own_gb", "a serving worker's own"),
        (axes[2], "cpu_p50_ms", "an answer, p50"),
    ):
        axis.plot([tracks[s] for s in there], [all_figures[s]["serve"][key] for s in there], "o-", label=name)
    for axis, title in zip(axes, ("processor time, s", "memory, GB", "processor time, ms"), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="tracks", title=title)
        axis.grid(alpha=0.3)
        axis.legend()
    return figure


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("processed", type=Path, help="folder that `prepare` wrote")
    parser.add_argument("--sizes", nargs="+", default=["28352x450", "300000x10000"], help="TRACKSxPLAYLISTS")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    parser.add_argument("--work", type=Path, default=Path("var/growth"), help="for the grown data and models")
    parser.add_argument("--report", type=Path, default=Path("reports/growth.json"))
    parser.add_argument("--probe", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.probe:
        print(json.dumps(probe(options.processed)))
        return
    all_figures: Figures = json.loads(options.report.read_text()) if options.report.exists() else {}

    def save() -> None:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps(all_figures, indent=1))

    for size in options.sizes:
        figures, folder = all_figures.setdefault(size, {}), options.work.absolute() / size
        measure(options.processed.absolute(), folder, size, options.steps, figures, save)
    print(table(all_figures))
    plot(all_figures).savefig(options.report.with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
