"""Streamlit's answer to the browser's question where to send a file."""

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from components.shell import upload_answers


@pytest.fixture
def unchanged() -> Iterator[None]:
    """Streamlit's own queue, afterwards as it was before."""
    before = ForwardMsgQueue.clear
    ForwardMsgQueue.clear = getattr(before, "__wrapped__", before)  # type: ignore[method-assign]
    yield
    ForwardMsgQueue.clear = before  # type: ignore[method-assign]


def kept_through_the_start_of_a_run(fragments: list[str] | None = None) -> list[str]:
    """What is left in a queue of an answer, a drawing and a lifecycle message."""
    queue = ForwardMsgQueue()
    answer, drawing, lifecycle = ForwardMsg(), ForwardMsg(), ForwardMsg()
    answer.file_urls_response.response_id = "1"
    drawing.delta.new_element.markdown.body = "old"
    drawing.metadata.delta_path.extend([0, 0])
    lifecycle.session_status_changed.run_on_save = False
    for message in (lifecycle, drawing, answer):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    return [str(message.WhichOneof("type")) for message in queue.flush()]


@pytest.mark.usefixtures("unchanged")
def test_streamlit_still_loses_it_so_that_the_change_is_needed() -> None:
    assert kept_through_the_start_of_a_run() == ["session_status_changed"]


@pytest.mark.usefixtures("unchanged")
def test_it_outlasts_the_start_of_a_run_once() -> None:
    for _ in range(2):
        upload_answers.keep()
    assert kept_through_the_start_of_a_run() == ["session_status_changed", "file_urls_response"]
    assert kept_through_the_start_of_a_run(["one"]).count("file_urls_response") == 1


@pytest.mark.usefixtures("unchanged")
def test_a_queue_that_is_emptied_keeps_nothing() -> None:
    upload_answers.keep()
    queue = ForwardMsgQueue()
    message = ForwardMsg()
    message.file_urls_response.response_id = "1"
    queue.enqueue(message)
    assert len(queue.flush()) == 1
    assert queue.is_empty()
