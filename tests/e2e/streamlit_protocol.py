"""As much of Streamlit's websocket protocol as it takes to ask a server to run a page."""

from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.sync.client import connect

__all__ = ["calc_hash", "run"]


def run(
    url: str, *, page_name: str = "", page_hash: str = "", cookies: dict[str, str] | None = None
) -> list[ForwardMsg]:
    """Connect, ask for one run of a page by its address and/or hash, and return all that comes back."""
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    ask = BackMsg()
    ask.rerun_script.page_name = page_name
    ask.rerun_script.page_script_hash = page_hash
    answers: list[ForwardMsg] = []
    with connect(
        f"ws://{urlsplit(url).netloc}/_stcore/stream",
        origin=url,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"Cookie": cookie} if cookie else None,
        max_size=None,
    ) as socket:
        socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(socket.recv(timeout=30))  # type: ignore[arg-type]
            answers.append(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (0, 1):
                return answers
