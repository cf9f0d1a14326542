"""Keeps Streamlit's answers to uploads: without it, a photo dropped just before a click is lost without a word.

The browser asks where to send a file before it sends it. Streamlit 1.67 queues its answer with what the script draws,
and throws that queue away when the next run begins, the answer as well; the browser then waits for ever. `keep` adds
it to what `ForwardMsgQueue.clear` retains. A test notices when Streamlit retains it by itself.
"""

from functools import wraps

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_ANSWER = "file_urls_response"


def keep() -> None:
    """Change Streamlit's queue, once in a process."""
    clear = ForwardMsgQueue.clear
    if hasattr(clear, "__wrapped__"):
        return

    @wraps(clear)
    def clear_but_answers(
        self: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        answers = [msg for msg in self._queue if msg.WhichOneof("type") == _ANSWER] if retain_lifecycle_msgs else []
        clear(self, retain_lifecycle_msgs, fragment_ids_this_run)
        retained = {id(msg) for msg in self._queue}
        self._queue += [msg for msg in answers if id(msg) not in retained]

    ForwardMsgQueue.clear = clear_but_answers  # type: ignore[method-assign]
