// Who is signed in, and the way out.

export default function ({ parentElement, data }) {
  const [who, leave] = parentElement.querySelector(".root").children;
  who.textContent = data.email;
  leave.onclick = async () => {
    leave.disabled = true;
    const wrong = await ask(data.api, "POST", "/logout", { csrf: data.csrf });
    if (wrong) {
      who.textContent = wrong;
      leave.disabled = false;
    } else {
      location.reload();
    }
  };
}
