"""`make compose-test`: build the stack, use it, kill its parts, take it down and up again, print what was measured."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.compose_stack import ROOT, Stack, StackFailed, docker

BASE = "python:3.11-slim"
LIMITS_MB = {"gateway": 250, "model": 1200}
"""Of an image without its base, which differs from one registry's mirror to the next."""
CODE = {
    "gateway": "gateway/__init__.py",
    "page": "frontend/__init__.py",
    "model": "model/__init__.py",
    "airflow": "dags/__init__.py",
}
"""A file of each image's code; the image of MLflow's server has none."""
REBUILD_S = 10
SERVERS = ("postgres", "mlflow", "model", "gateway", "page", "airflow-api", "airflow-scheduler", "airflow-dags")


def check(holds: bool, what: str) -> None:
    """Raise StackFailed unless it holds."""
    if not holds:
        raise StackFailed(what)


def row(what: str, found: str) -> None:
    """Print a line of the table."""
    print(f"| {what} | {found} |", flush=True)


def until(condition: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
    """Wait for the condition. Raises StackFailed after the time-out."""
    ends = time.monotonic() + timeout_s
    while not condition():
        check(time.monotonic() < ends, f"{what}: not within {timeout_s:.0f} s")
        time.sleep(0.5)


def up(stack: Stack, *options: str) -> float:
    """Seconds that `docker compose up -d --wait` took."""
    started = time.monotonic()
    try:
        stack.compose("up", "--detach", "--wait", *options)
    except StackFailed as error:
        logs = stack.compose("logs", "--tail", "15", "bootstrap", "model", "airflow-scheduler")
        raise StackFailed(f"{error}\n{logs}") from error
    return time.monotonic() - started


def recommend(stack: Stack) -> tuple[int, Any]:
    """A search and a recommendation for what it finds, as a listener's page would ask."""
    status, found = stack.ask("GATEWAY_PORT", "/search?q=a&limit=2")
    check(status == 200 and bool(found["tracks"]), f"search answered {status} {found}")
    seeds = [track["track_id"] for track in found["tracks"]]
    return stack.ask("GATEWAY_PORT", "/recommend_ranked", {"seed_track_ids": seeds, "k": 5})


def smoke(stack: Stack) -> str:
    """Search, recommend, feedback, the page, Airflow, and who cannot reach whom."""
    status, answer = recommend(stack)
    check(status == 200 and len(answer["tracks"]) == 5, f"/recommend_ranked answered {status} {answer}")
    liked = {"track_id": answer["tracks"][0]["track_id"], "event": "like", "request_id": answer["request_id"]}
    status, noted = stack.ask("GATEWAY_PORT", "/feedback", liked)
    check(status == 202, f"/feedback answered {status} {noted}")
    until(lambda: state(stack)["likes"] > 0, "the feedback is in the database")
    check(stack.ask("PAGE_PORT", "/_stcore/health")[0] == 200, "the page is not healthy")
    until(lambda: airflow_healthy(stack), "Airflow's scheduler and DAG processor are healthy")
    reach = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"
    for service, host, port in (("page", "model", "8001"), ("page", "postgres", "5432"), ("model", "postgres", "5432")):
        try:
            stack.compose("exec", "-T", service, "python", "-c", reach, host, port)
        except StackFailed:
            continue
        raise StackFailed(f"{service} can reach {host}")
    return f"{answer['model']['name']} version {answer['model']['version']} recommends; the page cannot reach the model"


def airflow_healthy(stack: Stack) -> bool:
    """Whether Airflow says so of its scheduler and DAG processor."""
    status, health = stack.ask("AIRFLOW_PORT", "/api/v2/monitor/health")
    return status == 200 and all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))


def state(stack: Stack) -> dict[str, Any]:
    """What must survive: the champion, the runs, the feedback."""
    api = "/api/2.0/mlflow"
    _, alias = stack.ask("MLFLOW_PORT", f"{api}/registered-models/alias?name=quintet&alias=champion")
    _, experiment = stack.ask("MLFLOW_PORT", f"{api}/experiments/get-by-name?experiment_name=quintet")
    wanted = {"experiment_ids": [experiment["experiment"]["experiment_id"]], "max_results": 1000}
    _, runs = stack.ask("MLFLOW_PORT", f"{api}/runs/search", wanted)
    _, feedback = stack.ask("GATEWAY_PORT", "/feedback/summary")
    return {
        "champion": alias["model_version"]["version"],
        "runs": len(runs["runs"]),
        "likes": feedback["stored"]["events"].get("like", 0),
    }


def kill(stack: Stack, service: str) -> str:
    """Kill a server; the others must hold meanwhile, and all be well afterwards."""
    restarts = stack.container(service)["RestartCount"]
    stack.crash(service)
    if service == "gateway":
        meanwhile = f"page {stack.ask('PAGE_PORT', '/_stcore/health')[0]}"
        check(meanwhile == "page 200", f"the gateway is down, and the page answers {meanwhile}")
    elif service == "model":
        meanwhile = f"recommendations {recommend(stack)[0]}"
    else:
        status = recommend(stack)[0]
        check(status == 200, f"{service} is down, and a recommendation answers {status}")
        meanwhile = "recommendations 200"
    seconds = stack.recovered(service, restarts)
    until(lambda: recommend(stack)[0] == 200, f"recommendations after {service} was killed", 60)
    return f"{meanwhile} meanwhile; healthy after {seconds:.0f} s"


def rebuild(target: str, changed: str) -> float:
    """Seconds to build the image again after a change to a file of its code, in a copy of the checkout."""
    with tempfile.TemporaryDirectory() as copy:
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        for name in filter(lambda name: name and (ROOT / name).is_file(), names):
            (Path(copy) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, Path(copy) / name)
        with (Path(copy) / changed).open("a") as code:
            code.write(f"\nCHANGED = {time.time()}\n")
        started = time.monotonic()
        docker("build", "--quiet", "--file", f"{copy}/docker/Dockerfile", "--target", target, copy)
        return time.monotonic() - started


def run(stack: Stack) -> None:
    """The whole test. Raises StackFailed."""
    print("| what | found |\n| --- | --- |", flush=True)
    row("`up -d --build --wait` from empty volumes", f"{up(stack, '--build'):.0f} s")
    base = int(docker("image", "inspect", "--format", "{{.Size}}", BASE))
    for image in ("gateway", "page", "model", "mlflow", "airflow"):
        size = int(docker("image", "inspect", "--format", "{{.Size}}", f"quintet-{image}"))
        row(f"image {image}", f"{size / 1e6:.0f} MB, {(size - base) / 1e6:.0f} MB without {BASE}")
        limit = LIMITS_MB.get(image, 10_000)
        check(size - base <= limit * 1e6, f"the image {image} has more than {limit} MB on top of {BASE}")
    row("smoke test", smoke(stack))
    for service in SERVERS:
        row(f"{service} killed", kill(stack, service))
    before = state(stack)
    stack.compose("down")
    row("`down`, `up -d --wait`", f"{up(stack):.0f} s")
    check(state(stack) == before, f"before: {before}, after: {state(stack)}")
    row("still there", ", ".join(f"{name} {value}" for name, value in before.items()))
    for target, changed in CODE.items():
        seconds = rebuild(target, changed)
        row(f"image {target} again after a change to {changed}", f"{seconds:.1f} s")
        check(seconds <= REBUILD_S, f"building {target} again took more than {REBUILD_S} s")


def main() -> int:
    """0 if everything held, 1 if not, 2 where there is no engine to try it with."""
    try:
        docker("info", timeout_s=60)
        docker("compose", "version", timeout_s=60)
    except StackFailed as error:
        print(f"compose-test needs a container engine with compose, and reaches none:\n{error}", file=sys.stderr)
        return 2
    stack = Stack("quintet-test")
    try:
        stack.compose("down", "--volumes")
        run(stack)
    except StackFailed as error:
        print(f"\ncompose-test: {error}", file=sys.stderr)
        return 1
    finally:
        stack.compose("down", "--volumes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
