"""Following jobs as they change."""

import asyncio

from services.accounts.actor import Actor
from services.jobs import cancellation, submission
from services.jobs.watch import watcher
from tests.support.job_pictures import FREE, picture


def test_a_job_that_has_ended_is_looked_up_no_more_while_the_others_go_on(owner_sqlite: Actor) -> None:
    first, second = submission.submit_many(owner_sqlite, FREE, [picture(owner_sqlite)] * 2)
    cancellation.cancel_job(owner_sqlite, first.id)

    async def follow() -> tuple[bool, bool]:
        jobs = watcher().follow([first.id, second.id])
        async for job in jobs:
            if job.id == first.id:
                break
        still = watcher().follows(first.id), watcher().follows(second.id)
        await jobs.aclose()
        return still

    assert asyncio.run(follow()) == (False, True)
