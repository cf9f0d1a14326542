"""Staff: is the installation healthy, what waits, who works, what failed."""

from components import guard, system_report
from components.theme import page_heading
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
