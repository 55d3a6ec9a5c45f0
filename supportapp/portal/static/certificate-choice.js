// The chosen certificate says when the first answer comes and which products it is for, before the server refuses.
export function linkCertificateAndProduct(form) {
  const product = form.elements.product;
  const hint = form.querySelector("[data-product-hint]");
  const promise = form.querySelector("[data-chosen-promise]");
  const versions = document.getElementById("versions");
  const every = [...versions.children];
  let chosenByHand = Boolean(form.dataset.kept !== undefined && product.value);

  const names = new Map([...product.options].map((option) => [option.value, option.textContent]));
  const covered = () => (certificate()?.dataset.products || "").split(" ").filter(Boolean);
  const certificate = () => form.querySelector("input[name=certificate]:checked");

  function chooseProduct() {
    const products = covered();
    if (!products.length || (chosenByHand && product.value)) return;
    if (!products.includes(product.value)) product.value = products.length === 1 ? products[0] : "";
    product.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell() {
    const products = covered();
    const outside = products.length > 0 && product.value !== "" && !products.includes(product.value);
    hint.hidden = !outside;
    const list = products.map((id) => names.get(id)).filter(Boolean).join(", ");
    hint.textContent = outside ? hint.dataset.text.replace("{products}", list) : "";
    const words = certificate()?.closest(".choice").querySelector("[data-promise]");
    promise.textContent = words ? words.textContent : "";
    versions.replaceChildren(...every.filter((option) => !product.value || option.dataset.product === product.value));
  }

  form.addEventListener("change", (event) => {
    if (event.target === product && event.isTrusted) chosenByHand = true;
    if (event.target.name === "certificate") chooseProduct();
    tell();
  });
  tell();
}
