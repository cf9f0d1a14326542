"""Staff: how the business does, in figures, for the days they choose."""

from components.shell import feedback, guard
from components.shell.theme import page_heading
from components.staff import analytics_view
from services.accounts.permissions import Permission
from services.errors import ServiceError
from services.insights.export import report_csv
from services.insights.report import report

actor = guard.require_permission(Permission.VIEW_FIGURES)
page_heading("Analytics", "What shops did, what it brought in and what it cost.")
try:
    chosen = analytics_view.choose_range()
    found = report(actor, chosen)
    analytics_view.heading_of(chosen)
    analytics_view.groups(found)
    analytics_view.explanations(found)
    analytics_view.export(lambda: report_csv(found), chosen)
except ServiceError as error:
    feedback.show_error(error)
