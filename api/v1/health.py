"""Is the API up."""

from fastapi import APIRouter
from pydantic import BaseModel

import config

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """That the API answers, and which version of it."""

    status: str = "ok"
    version: str = config.VERSION


@router.get("/health", summary="Is the API up")
def health() -> Health:
    """Needs no key and touches nothing else."""
    return Health()
