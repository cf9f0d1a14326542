const COPY = {
  "sign-in": { submit: "Sign in", other: "New here?", link: "Create an account", to: "/sign-up" },
  register: { submit: "Create my account", other: "Already have an account?", link: "Sign in", to: "/sign-in" },
};
const LABELS = ["", "Weak: make it longer, or mix in capitals, digits and signs.", "Fair: a few more characters make it good.", "Good.", "Strong."];

// The server decides (services/accounts/passwords.py); this only guides while typing.
function strength(password) {
  if (new TextEncoder().encode(password).length < 10) return 0;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length;
  return Math.min(4, 1 + (new Set(password).size >= 8) + (kinds >= 3 || password.length >= 16) + (password.length >= 14));
}

export default function (component) {
  const { data, parentElement: root } = component;
  root.classList.add("vt-auth");
  const form = root.querySelector("form"), registering = data.intent === "register", copy = COPY[data.intent];
  const find = (selector) => form.querySelector(selector);
  const email = find("[name=email]"), password = find("[name=password]"), terms = find("[name=accepted_terms]");
  const error = find(".error"), submit = find(".submit"), reveal = find(".reveal"), meter = find(".meter");
  const emailHelp = find("#vt-email-help"), passwordHelp = find("#vt-password-help");

  for (const element of form.querySelectorAll(".only-register")) element.hidden = !registering;
  for (const name of ["name", "accepted_terms"]) find(`[name=${name}]`).disabled = !registering;
  find("[name=intent]").value = data.intent;
  find("[name=next]").value = data.next;
  password.autocomplete = registering ? "new-password" : "current-password";
  if (!email.value && data.email) email.value = data.email;
  submit.textContent = copy.submit;
  submit.disabled = false;
  const link = document.createElement("a");
  link.href = copy.to + (data.next && data.next !== "/" ? "?next=" + encodeURIComponent(data.next) : "");
  link.textContent = copy.link;
  find(".other").replaceChildren(copy.other + " ", link);

  const say = (text) => { error.textContent = text; error.hidden = !text; };
  say(data.error || "");
  const complain = (input, help, text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    help.textContent = text;
    help.classList.toggle("bad", Boolean(text));
  };
  const guide = () => {
    if (!registering) return;
    const score = strength(password.value);
    meter.dataset.score = String(score);
    passwordHelp.classList.remove("bad");
    password.setAttribute("aria-invalid", "false");
    passwordHelp.textContent = score === 0 ? "At least 10 characters. A few words in a row are easy to remember." : LABELS[score];
  };
  guide();
  password.oninput = guide;
  email.oninput = () => complain(email, emailHelp, "");
  reveal.onclick = () => {
    const show = password.type === "password";
    password.type = show ? "text" : "password";
    reveal.textContent = show ? "Hide" : "Show";
    reveal.setAttribute("aria-pressed", String(show));
  };

  form.onsubmit = async (event) => {
    event.preventDefault();
    const badEmail = !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.value.trim());
    complain(email, emailHelp, badEmail ? "Enter your e-mail address, such as anna@example.com." : "");
    const badPassword = !password.value || (registering && strength(password.value) === 0);
    if (badPassword) complain(password, passwordHelp, registering ? "Use at least 10 characters." : "Enter your password.");
    if (badEmail) return email.focus();
    if (badPassword) return password.focus();
    if (registering && !terms.checked) { say("Please accept the terms to create your account."); return terms.focus(); }
    submit.disabled = true;
    submit.textContent = "One moment…";
    try {
      const answer = await fetch("/auth/csrf", { credentials: "same-origin", cache: "no-store" });
      find("[name=csrf]").value = (await answer.json()).csrf;
      form.submit();  // a real form post, so that password managers offer to save it
    } catch {
      say("Vitrine could not be reached. Check your connection and try again.");
      submit.disabled = false;
      submit.textContent = copy.submit;
    }
  };
}
