"""Notices over the API."""

from collections.abc import Callable

from starlette.testclient import TestClient

from services.events.consumers import consume
from services.jobs import submission
from services.notifications import inbox
from services.notifications.consumer import INBOX
from tests.api.conftest import Person
from tests.support.job_pictures import FREE, picture
from tests.support.job_workers import InlineWorker

URL = "/api/v1/notifications"


def test_notices_are_listed_newest_first_until_they_are_read(client: TestClient, person: Callable[..., Person]) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    made = submission.submit_many(anna.actor, FREE, [picture(anna.actor)] * 3)
    InlineWorker().run_all()
    consume(INBOX)
    first = client.get(URL, params={"limit": 2}, headers=anna.headers).json()
    assert first["has_more"] and [one["kind"] for one in first["data"]] == ["job.completed"] * 2
    after = {"limit": 2, "starting_after": first["data"][-1]["id"]}
    rest = client.get(URL, params=after, headers=anna.headers).json()
    assert [one["job_id"] for one in first["data"] + rest["data"]] == [job.id for job in made[::-1]]
    assert inbox.list_notifications(anna.actor).unread == 3
    assert client.post(f"{URL}/read", headers=ben.headers).status_code == 204
    assert inbox.list_notifications(anna.actor).unread == 3
    assert client.post(f"{URL}/read", headers=anna.headers).status_code == 204
    assert client.get(URL, params={"unread": True}, headers=anna.headers).json()["data"] == []
    assert all(one["read_at"] for one in client.get(URL, headers=anna.headers).json()["data"])
    assert client.get(URL, headers=ben.headers).json()["data"] == []
    assert client.get(URL).status_code == 401
