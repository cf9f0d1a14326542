"""The way out of the app, to a page where something is paid: by script, since Streamlit has no redirect of its own."""

import streamlit as st

_component = st.components.v2.component(
    "vitrine_leave",
    html='<p role="status">One moment, the next page is opening. <a>Open it</a></p>',
    js="""
export default function (component) {
  const { data, parentElement: root } = component;
  const address = new URL(data.address, location.href);
  if (address.protocol !== "https:" && address.protocol !== "http:") return;
  root.querySelector("a").href = address.href;
  location.assign(address.href);
}
""",
    isolate_styles=False,
)


def leave_for(address: str) -> None:
    """Send the browser to `address`, in this tab."""
    _component(key="vt_leave", data={"address": address})
