/** data: {before, after, name, ratio: width / height of the result, clear: whether it has transparent parts} */
export default function ({ data, parentElement: root }) {
  const find = (selector) => root.querySelector(selector);
  const frame = find(".frame"), slider = find("input");
  const show = (selector, address, words) => {
    const picture = find(selector);
    if (picture.getAttribute("src") !== address) picture.src = address;
    picture.alt = words;
  };
  show(".before", data.before, `${data.name} before`);
  show(".after", data.after, `${data.name} after`);
  frame.style.setProperty("--shape", data.ratio || 1);
  frame.classList.toggle("clear", Boolean(data.clear));
  slider.setAttribute("aria-label", `Compare ${data.name} before and after`);
  const draw = () => {
    frame.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value}% before, ${100 - slider.value}% after`);
    find(".left").style.opacity = slider.value < 12 ? 0 : 1;
    find(".right").style.opacity = slider.value > 88 ? 0 : 1;
  };
  slider.oninput = draw;
  draw();
}
