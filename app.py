"""The app on one port: the screens, the REST API, the routes of the browser. Start it with `streamlit run app.py`."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.browser import events, files, index_page, session, touch_up
from api.browser.embedded_worker import EmbeddedWorker
from api.edge import health, stripe_webhook
from api.edge.middleware import OddAddresses
from api.edge.request_log import RequestLog
from api.edge.security_headers import SecurityHeaders
from api.edge.unknown_addresses import UnknownAddresses
from api.v1.app import create_api
from api.v1.schemas import PREFIX
from components.shell import upload_answers
from components.shell.feedback import show_escaped
from components.shell.page_table import SCREENS, START_SCREENS
from config import settings
from db.migrations.runner import upgrade
from services import bootstrap
from services.insights.logs import configure_logs

ASSETS = Path(__file__).parent / "assets" / "public"


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Migrate, start the worker, and from then on keep the garbage collector away from what never changes."""
    upload_answers.keep()
    configure_logs(bootstrap.start(pixel_pool=True))
    await run_in_threadpool(upgrade)
    worker = EmbeddedWorker() if settings().embedded_worker else None
    if worker:
        await worker.start()
    import numpy  # noqa: F401  loaded before the freeze, or full collections after every rerun take a second

    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        if worker:
            await worker.stop()
        await run_in_threadpool(bootstrap.stop)


app = st.App(
    "pages/navigation.py",
    routes=[
        Mount(PREFIX, create_api()),
        *session.routes,
        *events.routes,
        *files.routes,
        *touch_up.routes,
        *health.routes,
        *stripe_webhook.routes,
        Mount("/assets", StaticFiles(directory=ASSETS)),
        *index_page.screen_routes(
            sorted({screen.address for screen in SCREENS}), [f"/{screen.path}" for screen in START_SCREENS]
        ),
    ],
    middleware=[
        Middleware(RequestLog),
        Middleware(SecurityHeaders, inline_scripts=index_page.inline_script_hashes()),
        Middleware(OddAddresses, prefix=PREFIX),
        Middleware(UnknownAddresses, addresses=[screen.address for screen in SCREENS]),
    ],
    lifespan=lifespan,
    on_script_error=show_escaped,
)
