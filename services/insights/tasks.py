"""What workers do for the staff's figures: keep them up to date."""

from datetime import timedelta

from services.engine.schedules import Schedule
from services.insights import rollup

SCHEDULES = (Schedule("daily_figures", every=timedelta(minutes=1), run=rollup.keep),)
