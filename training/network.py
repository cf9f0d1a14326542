"""The network: 1.5 to 2 million parameters, from an RGB picture to where its product is.

A quarter-size encoder with attention over the whole picture at 1/32, a decoder that adds detail step by step, and a
last step that writes the sixteen pixels of each cell at once: cheap enough for a small shop's server.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 64, 112, 160)
MEAN, SPREAD = 0.5, 0.25


class Convolution(nn.Sequential):
    """Convolution, normalisation and, unless told otherwise, a rectifier."""

    def __init__(
        self, inputs: int, outputs: int, size: int = 3, stride: int = 1, gap: int = 1, bent: bool = True
    ) -> None:
        layers = [
            nn.Conv2d(inputs, outputs, size, stride, gap * (size // 2), gap, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if bent else []))


class Residual(nn.Module):
    """Two convolutions added to what came in; `gap` widens the first one's view."""

    def __init__(self, width: int, gap: int = 1) -> None:
        super().__init__()
        self.first = Convolution(width, width, gap=gap)
        self.second = Convolution(width, width, bent=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Attention(nn.Module):
    """Each cell looks at all cells; a summary of the whole picture is added to every one."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.BatchNorm2d(width)
        self.place = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.look = nn.Conv2d(width, 3 * width, 1)
        self.out = nn.Conv2d(width, width, 1)
        self.summary = nn.Sequential(nn.Linear(width, width // 2), nn.ReLU(), nn.Linear(width // 2, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, width, rows, columns = x.shape
        y = self.norm(x)
        y = y + self.place(y)
        parts = self.look(y).reshape(batch, 3, self.heads, width // self.heads, rows * columns)
        query, key, value = parts.unbind(1)
        weight = (query.transpose(-1, -2) @ key * (width // self.heads) ** -0.5).softmax(-1)
        seen = (value @ weight.transpose(-1, -2)).reshape(batch, width, rows, columns)
        return x + self.out(seen) + self.summary(x.mean((2, 3)))[:, :, None, None]


@dataclass(frozen=True)
class Answer:
    """Logits at full size, at 1/16 and at 1/8: the coarse two only help to train."""

    full: Tensor
    coarse: Tensor
    middle: Tensor


class Network(nn.Module):
    """Takes `n×3×h×w`, 0 to 1, sides divisible by 32; `forward` gives coverage `n×1×h×w`, 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = WIDTHS
        self.quarter = nn.Sequential(Convolution(48, a), Residual(a))
        self.eighth = nn.Sequential(Convolution(a, b, stride=2), Residual(b))
        self.sixteenth = nn.Sequential(Convolution(b, c, stride=2), Residual(c), Residual(c, 2))
        self.deepest = nn.Sequential(Convolution(c, d, stride=2), Attention(d), Residual(d), Attention(d))
        self.join16 = nn.Sequential(Convolution(d + c, 88, 1), Convolution(88, 88))
        self.join8 = nn.Sequential(Convolution(88 + b, 56, 1), Convolution(56, 56))
        self.join4 = nn.Sequential(Convolution(56 + a, 36, 1), Convolution(36, 36))
        self.coarse = nn.Conv2d(88, 1, 1)
        self.middle = nn.Conv2d(56, 1, 1)
        self.fine = nn.Conv2d(36, 16, 3, padding=1)

    def answer(self, x: Tensor) -> Answer:
        x = functional.pixel_unshuffle((x - MEAN) / SPREAD, 4)
        quarter = self.quarter(x)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        at16 = self.join16(torch.cat([_larger(self.deepest(sixteenth)), sixteenth], 1))
        at8 = self.join8(torch.cat([_larger(at16), eighth], 1))
        at4 = self.join4(torch.cat([_larger(at8), quarter], 1))
        middle = self.middle(at8)
        full = functional.pixel_shuffle(self.fine(at4), 4) + _larger(middle, 8)
        return Answer(full, self.coarse(at16), middle)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.answer(x).full)


def _larger(x: Tensor, times: int = 2) -> Tensor:
    return functional.interpolate(x, scale_factor=times, mode="bilinear", align_corners=False)


def loss(answer: Answer, target: Tensor, edge: Tensor) -> tuple[Tensor, Tensor]:
    """The loss to go down, and the soft IoU that it stands for. `target` and `edge` are `n×1×h×w`, 0 to 1.

    Cross-entropy counts four times at edges; soft IoU makes small and large products count alike.
    """
    logits = answer.full.float()
    weight = 1 + 3 * edge
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    chance = logits.sigmoid()
    both = (chance * target).sum((1, 2, 3))
    either = (chance + target - chance * target).sum((1, 2, 3))
    iou = ((both + 20) / (either + 20)).mean()
    total = (entropy * weight).sum() / weight.sum() + 0.7 * (1 - iou)
    for part in (answer.coarse, answer.middle):
        smaller = functional.adaptive_avg_pool2d(target, part.shape[-2:])
        total = total + 0.25 * functional.binary_cross_entropy_with_logits(part.float(), smaller)
    return total, iou.detach()
