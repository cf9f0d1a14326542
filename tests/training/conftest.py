"""What every test of training draws with: stand-ins for the fetched pictures and models, and small maps of shadow."""

from collections.abc import Iterator

import pytest

from tests.support.training_pictures import write_stand_ins
from training import assets, lighting, models
from training.objects import modelled

CACHED = (assets.load, models.load, models.textures, models.surfaces, modelled.members)


@pytest.fixture(scope="session", autouse=True)
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    cache = tmp_path_factory.mktemp("training")
    write_stand_ins(cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "CACHE", cache)
        patch.setattr(lighting, "MAP", 32)
        for function in CACHED:
            function.cache_clear()
        yield
        for function in CACHED:
            function.cache_clear()
