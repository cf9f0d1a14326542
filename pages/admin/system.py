"""Staff: is the installation healthy, what waits, who works, what failed."""

from components.shell import guard
from components.shell.theme import page_heading
from components.staff import system_report
from db.models import Role
from services.staff.system import system_health

actor = guard.require_staff(Role.SUPPORT_ADMIN, Role.FINANCE_ADMIN)
health = system_health(actor)
page_heading("System", f"Vitrine {health.version}. This page reads the database on every visit.")
system_report.verdict(health.problems)
system_report.parts(health.parts)
system_report.queue(health.queue)
system_report.workers(health.queue.workers)
system_report.failures(health.failures)
