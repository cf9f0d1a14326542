"""Families of drawn objects: those the network is trained on, and those it is only measured on."""

from training.objects import devices, furniture, held_out, living, modelled, vessels, wearables, wires
from training.objects.thing import HELD_OUT, TRAINED

__all__ = [
    "HELD_OUT",
    "TRAINED",
    "devices",
    "furniture",
    "held_out",
    "living",
    "modelled",
    "vessels",
    "wearables",
    "wires",
]
