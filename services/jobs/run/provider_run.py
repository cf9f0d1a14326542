"""One run of a job that has a provider's steps in its recipe, part by part.

Each part has a checkpoint with its result: the key of a picture, or why it was not done. After a restart the parts that
have one are not done again, so a provider is not asked for what it has already answered. For workers only.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from services.engine.checkpoints import Checkpoints
from services.engine.slots import Slot
from services.jobs.run import faults
from services.jobs.run.attempts import MAX_STARTS, discard, log_failure, pause
from services.jobs.run.intermediates import Intermediate, NotDone, remove
from services.jobs.run.progress import Tracked
from services.jobs.run.provider_calls import ASKING, Waiting, poll, submit
from services.jobs.run.rendering import prepare, render
from services.jobs.run.retries import retrying
from services.jobs.settlement import Outcome, Start
from services.studio.recipes import Leg, legs, parse_recipe
from services.studio.rendered import Cancelled

Made = TypeVar("Made")


class ProviderRun:
    """The parts of one run in order. Of two workers that hold it, both come to the same parts in the same order: what
    is decided here rests on checkpoints alone."""

    def __init__(self, start: Start, retries: int, tracked: Tracked, slot: Slot, checkpoints: Checkpoints) -> None:
        self._start, self._retries, self._tracked = start, retries, tracked
        self._slot, self._checkpoints = slot, checkpoints
        self._kept: list[str] = []

    def work(self) -> Outcome | None:
        """The end of the run, for this start to write; None if it is no longer wanted."""
        outcome = self._outcome()
        for key in self._kept:  # whatever came of it has its checkpoint by now
            remove(key)
        return None if outcome is None else replace(outcome, attempt=self._start.attempt)

    def _outcome(self) -> Outcome | None:
        found = self._up_to_the_last_provider()
        if isinstance(found, NotDone):
            return Outcome(self._start.attempt, failure=found.failure)
        if found is None:
            return None
        part = partial(render, self._start, self._tracked, self._slot, found)
        finished = self._checkpoints.once("finish", partial(self._retried, part), _discard)
        return Outcome(self._start.attempt, failure=finished.failure) if isinstance(finished, NotDone) else finished

    def _up_to_the_last_provider(self) -> Intermediate | NotDone | None:
        at: Intermediate | None = None
        parts = legs(parse_recipe(self._start.recipe))[:-1]
        for index, leg in enumerate(parts):
            self._tracked.report(ASKING if leg.by_provider else "Preparing", 0.9 * index / (len(parts) + 1))
            found = self._asked(leg, at) if leg.by_provider else self._prepared(leg, at)
            if found is not None and found.key:
                self._kept.append(found.key)
            if not isinstance(found, Intermediate):
                return found
            at = found
        return at

    def _prepared(self, leg: Leg, at: Intermediate | None) -> Intermediate | NotDone | None:
        part = partial(prepare, self._start, leg, at, self._tracked)
        return self._checkpoints.once("prepare", partial(self._retried, part), _forget)

    def _asked(self, leg: Leg, at: Intermediate | None) -> Intermediate | NotDone | None:
        """The provider's picture. Submissions are repeated, after a pause that outlives a restart, while that may
        help; a job that the provider makes of one is polled, with pauses of the same kind."""
        attempt = 1
        while True:
            with self._slot.released():
                part = partial(submit, self._start, leg, at, attempt, self._tracked)
                found = self._checkpoints.once("submit", partial(self._retried, part), _leave)
                while isinstance(found, Waiting):
                    self._checkpoints.sleep(found.wait)
                    look = partial(poll, self._start, at, found, attempt, self._tracked)
                    found = self._checkpoints.once("poll", partial(self._retried, look), _leave)
                if not isinstance(found, NotDone) or found.wait is None or attempt > self._retries:
                    return found
                self._tracked.report("Waiting to ask the AI service again", self._tracked.share)
                self._checkpoints.sleep(found.wait)
            attempt += 1

    def _retried(self, part: Callable[[], Made]) -> Made | NotDone | None:
        """Do a part, and retry it after a fault of ours that passes; None if the run is no longer wanted."""
        if self._start.attempt > MAX_STARTS:
            return NotDone(faults.WORKER_LOST)
        try:
            return retrying(self._retries, f"job {self._start.job_id}", pause=self._pause)(part)
        except Cancelled:
            return None
        except Exception as error:  # noqa: BLE001  whatever it was, the job has to end
            log_failure(self._start.job_id, error)
            return NotDone(faults.failure(error))

    def _pause(self, seconds: float) -> None:
        pause(seconds, self._tracked)


def _discard(made: Outcome | NotDone | None) -> None:
    if isinstance(made, Outcome):
        discard(made)


def _forget(made: Intermediate | NotDone | None) -> None:
    if isinstance(made, Intermediate):
        remove(made.key)


def _leave(made: Intermediate | Waiting | NotDone | None) -> None:
    """A picture that a call brought stays: whoever has the run now may have found it written down already."""
