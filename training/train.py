"""Train the network on a pool: `python -m training.train RUN POOL [--pictures N] [--minutes M] [--held-out POOL]`.

It may be killed at any moment and started again: it goes on from RUN/checkpoint.pt, with the batches it would have
had. The rate of learning stays level and falls to nothing over the last pictures, so a run is lengthened or brought to
its end by naming another number of pictures. RUN/curve.csv is the curve.
"""

import argparse
import contextlib
import csv
import os
import queue
import sys
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from training.evaluate import overlap, predict
from training.loading import Pool, batch, edges
from training.network import Network, loss

BATCH = 16
RATE = 2e-3
WARM_UP = 3_000
SETTLING = 150_000
"""Pictures over which the rate falls at the end of a run, or a third of the run if that is fewer."""
STAGES = ((80_000, 192), (200_000, 256), (None, 320))
"""Side of the pictures, up to how many seen: small ones teach as much at first, and cost less."""
CURVE = ("seen", "minutes", "side", "loss", "soft_iou", "rate", "scenes", "held_out_iou")


@dataclass(frozen=True)
class Plan:
    """What a run is to do. `minutes` ends this process, not the run."""

    run: Path
    pool: Path
    pictures: int = 1_500_000
    minutes: float | None = None
    held_out: Path | None = None
    seed: int = 20
    side: int | None = None
    save_every: float = 180.0
    measure_every: int = 25_000


def side_at(seen: int) -> int:
    return next(side for until, side in STAGES if until is None or seen < until)


def rate_at(seen: int, pictures: int) -> float:
    """Warm up, stay level, then fall in a line."""
    settling = min(SETTLING, pictures // 3)
    left = (pictures - seen) / max(settling, 1)
    return RATE * min(1.0, (seen + BATCH) / min(WARM_UP, pictures / 4)) * min(1.0, max(left, 0.005))


class Run:
    """The network, its average, the optimiser and how far they are: what a checkpoint holds."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(plan.seed)
        self.network = Network().to(self.device, memory_format=torch.channels_last)
        self.average = Network().to(self.device)
        self.average.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(self.network.parameters(), RATE, betas=(0.9, 0.99), weight_decay=0.02)
        self.seen = 0
        self.minutes = 0.0
        plan.run.mkdir(parents=True, exist_ok=True)
        self._file = plan.run / "checkpoint.pt"
        if self._file.exists():
            self._resume()

    def _resume(self) -> None:
        state = torch.load(self._file, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.seen, self.minutes = state["seen"], state["minutes"]

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seen": self.seen,
            "minutes": self.minutes,
        }
        part = self._file.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._file)

    def step(self, pictures: np.ndarray[Any, Any], coverages: np.ndarray[Any, Any]) -> tuple[float, float]:
        """Learn from one batch; loss and soft IoU."""
        x = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float().div(255)
        target, edge = (
            torch.from_numpy(each).to(self.device).float().div(255)[:, None] for each in (coverages, edges(coverages))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.seen, self.plan.pictures)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            answer = self.network.answer(x.contiguous(memory_format=torch.channels_last))
        total, iou = loss(answer, target, edge)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.seen += len(pictures)
        self._follow()
        return float(total.detach()), float(iou)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the network: by little late, by much early."""
        steps = self.seen / BATCH
        share = 1 - min(0.9985, (steps + 1) / (steps + 20))
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        for mean, now in pairs:
            if mean.dtype.is_floating_point:
                mean.lerp_(now, share)
            else:
                mean.copy_(now)


class Curve:
    """RUN/curve.csv. On resuming, rows of what was lost with the process are dropped."""

    def __init__(self, file: Path, seen: int) -> None:
        self._file = file
        rows: list[dict[str, str]] = []
        if file.exists():
            with file.open(encoding="utf-8", newline="") as lines:
                rows = [row for row in csv.DictReader(lines) if int(row["seen"]) <= seen]
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, CURVE)
            writer.writeheader()
            writer.writerows(rows)

    def add(self, **row: float | int | str) -> None:
        with self._file.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, CURVE).writerow(row)
        sys.stdout.write("  ".join(f"{name} {row.get(name, '')}" for name in CURVE) + "\n")
        sys.stdout.flush()


def held_out_iou(run: Run, folder: Path, scenes: int = 120, side: int = 320) -> float:
    """Mean IoU at one half of the averaged network over the first scenes of a pool it never trained on."""
    pool = Pool(folder)
    total, count = 0.0, min(scenes, len(pool))
    run.average.eval()
    for index in range(count):
        picture, coverage = pool.scene(index)
        truth = cv2.resize(coverage, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        total += overlap(predict(run.average, picture, side), truth)
    return total / max(count, 1)


def _feed(pool: Pool, plan: Plan, start: int, batches: "queue.Queue[tuple[Any, Any]]", stop: threading.Event) -> None:
    """Make the batches in their order; each has its own chance, so that a resumed run draws what it would have."""
    seen = start
    while not stop.is_set():
        if seen // BATCH % 100 == 0:
            pool.look_again()
        rng = np.random.default_rng([plan.seed, seen // BATCH])
        made = batch(pool, BATCH, plan.side or side_at(seen), rng)
        seen += BATCH
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                batches.put(made, timeout=0.2)
                break


def train(plan: Plan) -> Run:
    """Train until the run's pictures are seen or this process's minutes are over; the checkpoint is saved."""
    cv2.setNumThreads(1)
    run, pool = Run(plan), Pool(plan.pool)
    if not len(pool):
        raise FileNotFoundError(f"no scenes in {plan.pool}: run python -m training.pool")
    curve = Curve(plan.run / "curve.csv", run.seen)
    batches: queue.Queue[tuple[Any, Any]] = queue.Queue(6)
    stop = threading.Event()
    feeder = threading.Thread(target=_feed, args=(pool, plan, run.seen, batches, stop), daemon=True)
    feeder.start()
    began = last = saved = time.monotonic()
    before, sums = run.minutes, np.zeros(3)
    while run.seen < plan.pictures and (plan.minutes is None or time.monotonic() - began < plan.minutes * 60):
        pictures, coverages = batches.get()
        sums += (*run.step(pictures, coverages), 1)
        now = time.monotonic()
        run.minutes = before + (now - began) / 60
        measure = plan.held_out is not None and run.seen % plan.measure_every < BATCH
        if measure or now - last > 60 or run.seen >= plan.pictures:
            iou = round(held_out_iou(run, plan.held_out), 4) if measure and plan.held_out else ""
            curve.add(
                seen=run.seen, minutes=round(run.minutes, 1), side=pictures.shape[1], loss=round(sums[0] / sums[2], 4),
                soft_iou=round(sums[1] / sums[2], 4), rate=f"{rate_at(run.seen, plan.pictures):.2e}", scenes=len(pool),
                held_out_iou=iou,
            )  # fmt: skip
            last, sums = time.monotonic(), np.zeros(3)
        if time.monotonic() - saved > plan.save_every:
            run.save()
            saved = time.monotonic()
    stop.set()
    feeder.join()
    run.save()
    return run


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = {"pictures": int, "minutes": float, "seed": int, "side": int, "save_every": float, "measure_every": int}
    for field in fields(Plan):
        name = field.name.replace("_", "-")
        if field.name in ("run", "pool"):
            parser.add_argument(field.name, type=Path)
        else:
            parser.add_argument(f"--{name}", type=kinds.get(field.name, Path), default=field.default)
    return Plan(**vars(parser.parse_args()))


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    train(_plan())
