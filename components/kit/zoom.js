/** data: {src, name, width, height, clear}. The scale is in screen pixels for one of the picture. */
export default function ({ data, parentElement: root }) {
  const find = (selector) => root.querySelector(selector);
  const pane = find(".pane"), picture = find("img");
  if (picture.getAttribute("src") !== data.src) picture.src = data.src;
  picture.alt = data.name;
  pane.setAttribute("aria-label", `${data.name}, zoomable`);
  pane.classList.toggle("clear", Boolean(data.clear));
  const whole = () => Math.min(pane.clientWidth / data.width, pane.clientHeight / data.height, 1);
  let scale = whole();
  const set = (wanted) => {
    const middleX = (pane.scrollLeft + pane.clientWidth / 2) / scale;
    const middleY = (pane.scrollTop + pane.clientHeight / 2) / scale;
    scale = Math.min(4, Math.max(whole(), wanted));
    picture.style.width = `${data.width * scale}px`;
    picture.style.height = `${data.height * scale}px`;
    pane.scrollTo(middleX * scale - pane.clientWidth / 2, middleY * scale - pane.clientHeight / 2);
    find(".scale").textContent = `${Math.round(scale * 100)}%`;
  };
  find(".in").onclick = () => set(scale * 1.5);
  find(".out").onclick = () => set(scale / 1.5);
  find(".fit").onclick = () => set(whole());
  pane.ondblclick = () => set(scale < 1 ? 1 : whole());
  pane.onkeydown = (event) => {
    if (event.key === "+" || event.key === "=") set(scale * 1.5);
    else if (event.key === "-") set(scale / 1.5);
    else if (event.key === "0") set(whole());
    else return;
    event.preventDefault();
  };
  let held = null;
  pane.onpointerdown = (event) => {
    if (event.pointerType !== "mouse") return;
    held = [event.clientX + pane.scrollLeft, event.clientY + pane.scrollTop];
    pane.classList.add("held");
    pane.setPointerCapture(event.pointerId);
  };
  pane.onpointermove = (event) => { if (held) pane.scrollTo(held[0] - event.clientX, held[1] - event.clientY); };
  pane.onpointerup = pane.onpointercancel = () => { held = null; pane.classList.remove("held"); };
  set(scale);
  const resized = new ResizeObserver(() => { if (scale < whole()) set(whole()); });
  resized.observe(pane);
  return () => resized.disconnect();
}
