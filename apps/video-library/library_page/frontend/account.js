// Who is signed in, and the way out.

export default function ({ parentElement, data }) {
  const [who, leave, told] = parentElement.querySelector(".root").children;
  who.textContent = data.email;
  leave.onclick = async () => {
    leave.disabled = true;
    told.textContent = "";
    const wrong = await ask(data.api, "POST", "/logout", { csrf: data.csrf });
    if (wrong) {
      told.textContent = wrong.text;
      leave.disabled = false;
    } else {
      location.reload();
    }
  };
}
