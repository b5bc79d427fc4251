import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from service.workers import at_once
from tests.eventually import eventually
from tests.gateway.conftest import MatrixRow
from tests.ops.checkout import group
from tests.service.running import RunningService, ToyRegistry, running_service


def test_without_a_champion_it_waits_and_says_so(registry: ToyRegistry) -> None:
    with running_service(registry) as service:
        for answer in (service.client.get("/ping"), service.ask()):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        service.promote("1")
        assert service.client.get("/ping").status_code == 200
        assert service.ask().status_code == 200


def test_an_unreachable_registry_at_the_start_is_waited_for(registry: ToyRegistry) -> None:
    registry.alias, registry.reachable = "1", False
    with running_service(registry) as service:
        assert eventually(lambda: registry.looks > 2)
        assert service.client.get("/ping").status_code == 503
        assert service.metric("quintet_service_registry_up") == 0
        registry.reachable = True
        service.promote("1")


def test_the_answers_say_which_version_gave_them(service: RunningService) -> None:
    for version in ("1", "2"):
        service.promote(version)
        answer = service.ask()
        assert answer.json()["predictions"][0]["model"]["version"] == version
        assert answer.headers["X-Model-Version"] == version
        assert service.client.get("/ping").headers["X-Model-Version"] == version


def test_an_unreachable_registry_leaves_what_serves_alone(service: RunningService, matrix_row: MatrixRow) -> None:
    service.registry.reachable = False
    assert eventually(lambda: service.metric("quintet_service_registry_up") == 0)
    assert service.ask().status_code == 200
    matrix_row("MLflow's registry is unreachable", "the version in service goes on", "yes")


def test_a_champion_that_is_taken_back_leaves_what_serves_alone(service: RunningService) -> None:
    service.registry.alias = None
    assert eventually(lambda: service.status()["champion"] is None)
    assert service.ask().status_code == 200


def test_the_old_version_is_gone_after_the_swap(service: RunningService) -> None:
    old = service.pid()
    assert group(old)
    service.promote("2")
    assert eventually(lambda: not group(old))
    assert eventually(lambda: not service.status()["draining"])


def test_what_a_stubborn_old_version_started_is_gone_too(registry: ToyRegistry) -> None:
    registry.behaviours["1"] = "stubborn"
    registry.alias = "1"
    with running_service(registry) as service:
        service.promote("1")
        old = service.pid()
        assert eventually(lambda: len(group(old)) == 2)
        service.promote("2")
        assert eventually(lambda: not group(old))


def test_requests_under_way_are_answered_by_the_version_that_took_them(
    registry: ToyRegistry, matrix_row: MatrixRow
) -> None:
    registry.behaviours["1"] = "slow"
    registry.alias = "1"
    with running_service(registry) as service:
        service.promote("1")
        old = service.pid()
        with ThreadPoolExecutor() as pool:
            asked = [pool.submit(service.ask) for _ in range(5)]
            assert eventually(lambda: service.status()["live"]["in_flight"] == 5)
            registry.alias = "2"
        answers = [each.result() for each in asked]
        assert [(answer.status_code, answer.headers["X-Model-Version"]) for answer in answers] == [(200, "1")] * 5
        assert eventually(lambda: service.live() == "2")
        assert eventually(lambda: not group(old))
    matrix_row("another version takes over while requests are under way", "they are finished first", "0 of 5 failed")


def test_ten_promotions_under_load_lose_no_request(service: RunningService, matrix_row: MatrixRow) -> None:
    """Kept connections and new ones."""
    over = threading.Event()
    with ThreadPoolExecutor() as pool:
        clients = [pool.submit(service.ask_on, over, 0.01, keep) for keep in (True, True, False)]
        for version in range(2, 12):
            service.promote(str(version))
        time.sleep(0.2)
        over.set()
    answers = [answer for client in clients for answer in client.result()]
    assert {answer.status_code for answer in answers} == {200}
    gave = [answer.headers["X-Model-Version"] for answer in answers]
    assert set(gave) == {str(version) for version in range(1, 12)}
    assert [answer.json()["predictions"][0]["model"]["version"] for answer in answers] == gave
    assert service.metric("quintet_service_rollouts_total") == 11
    matrix_row("ten new model versions in a row, under load", "no failed request", f"0 of {len(answers)} failed")


def test_a_version_works_on_a_few_requests_at_a_time_and_the_others_wait_their_turn(registry: ToyRegistry) -> None:
    registry.alias, registry.behaviours["1"] = "1", "counts"
    with running_service(registry) as service, ThreadPoolExecutor(12) as pool:
        assert eventually(lambda: service.live() == "1")
        asked = [pool.submit(service.ask) for _ in range(12)]
        assert eventually(lambda: service.status()["live"]["in_flight"] == 12)
        assert service.client.get("/version").status_code == 200
        assert {answer.result().status_code for answer in asked} == {200}
        assert int(service.client.get("/version").text) == at_once(1, os.cpu_count() or 1)


def test_while_it_is_overtaken_a_version_gets_no_traffic(service: RunningService) -> None:
    """The alias goes back while the new version is still loading."""
    registry, old = service.registry, service.pid()
    registry.behaviours["2"] = "late"
    registry.alias = "2"
    assert eventually(lambda: service.status()["rollout"] == "starting 2")
    registry.alias = "1"
    assert eventually(lambda: service.status()["rollout"] is None)
    assert (service.live(), service.pid()) == ("1", old)
    assert service.metric("quintet_service_rollouts_total") == 1
