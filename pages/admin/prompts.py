"""Staff: what we send to the provider that restyles, as data: preview it, change it, go back."""

import streamlit as st

from components.shell import feedback, guard
from components.shell.theme import page_heading
from components.staff import prompt_editor
from services.accounts.permissions import Permission
from services.errors import ServiceError
from services.staff import prompts
from services.studio.operations import restyle
from services.studio.providers import resolver

actor = guard.require_permission(Permission.VIEW_PROMPTS)
page_heading("Prompts", "The words and the model behind Restyle. Each change is a new version and is kept for good.")
may_change = actor.may(Permission.CHANGE_PROMPTS)
try:
    found = [one for one in prompts.list_prompts(actor) if one.operation == prompt_editor.OPERATION]
    prompt_editor.state_of(found[0], resolver.setting_of(restyle.OPERATION) or "", resolver.can_run(restyle.OPERATION))
    wanted = prompt_editor.next_version(
        found,
        lambda words, params: prompts.preview(actor, prompt_editor.OPERATION, words, params),
        may_change=may_change,
    )
    with feedback.errors_shown():
        if wanted:
            made = prompts.new_version(actor, prompt_editor.OPERATION, wanted)
            prompt_editor.start_over()
            feedback.toast_after_rerun(f"Version {made.version} is in force.")
            st.rerun()
    if back := prompt_editor.versions(found, may_change=may_change):
        made = prompts.roll_back(actor, back)
        prompt_editor.start_over()
        feedback.toast_after_rerun(f"Version {made.version} is in force: {made.note.lower()}.")
        st.rerun()
except ServiceError as error:
    feedback.show_error(error)
