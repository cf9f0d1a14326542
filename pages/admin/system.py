"""Staff: is the installation healthy, what waits, who works, what failed."""

from components.shell import guard
from components.shell.theme import page_heading
from components.staff import machines_report, system_report
from services.accounts.permissions import Permission
from services.staff.system import cutout_models, system_health

actor = guard.require_permission(Permission.VIEW_SYSTEM)
health = system_health(actor)
page_heading("System", f"Vitrine {health.version}. This page reads the database on every visit.")
system_report.verdict(health.problems)
system_report.parts(health.parts)
system_report.queue(health.queue)
system_report.workers(health.queue.workers)
machines_report.machines(lambda: cutout_models(actor))
system_report.failures(health.failures)
