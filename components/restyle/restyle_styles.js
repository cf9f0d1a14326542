/** data: {choice, styles: [{id, title, note, picture}]}. State: choice. */
export default function ({ data, parentElement: root, setStateValue }) {
  const box = root.querySelector(".cards");
  const shape = JSON.stringify(data.styles);
  if (box.dataset.shape !== shape) {
    box.dataset.shape = shape;
    box.replaceChildren(...data.styles.map(card));
  }
  for (const input of box.querySelectorAll("input")) {
    input.checked = input.value === data.choice;
    input.onchange = () => setStateValue("choice", input.value);
  }
}

function card({ id, title, note, picture }) {
  const label = document.createElement("label");
  label.innerHTML = `<input type="radio" name="style"><img alt="" width="480" height="360"><span class="title"></span><span class="note"></span>`;
  label.querySelector("input").value = id;
  label.querySelector("img").src = picture;
  label.querySelector(".title").textContent = title;
  label.querySelector(".note").textContent = note;
  return label;
}
