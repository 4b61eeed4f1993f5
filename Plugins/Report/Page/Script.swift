/// What the page does beyond being read: go to a case, filter and sort the list, enlarge pictures. All of it is also there without.
enum Script {
  // Neither "<" nor "&" stands in it: XML would read them as markup.
  static let text: Markup = """
    "use strict";
    (function () {
      const byId = (id) => document.getElementById(id);
      const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
      const articles = all("article");

      // Going to a case, by its key or a part of it.
      const goTo = byId("goto");
      if (goTo) {
        const field = goTo.querySelector("input");
        const jump = (isExact) => {
          const key = field.value.trim();
          if (!key) { return; }
          const target = articles.find((one) => one.dataset.key === key) ||
            (isExact ? null : articles.find((one) => one.dataset.key.includes(key)));
          if (!target) { return; }
          if (target.hidden) { reset(); }
          target.scrollIntoView();
          target.querySelector("h3").focus({ preventScroll: true });
        };
        field.addEventListener("change", () => jump(true));
        goTo.addEventListener("submit", (event) => { event.preventDefault(); jump(false); });
      }

      // Filtering the list and the pictures.
      const filter = byId("filter");
      const rows = all("#all tbody tr");
      const key = byId("filter-key");
      const state = byId("filter-state");
      const apply = () => {
        const words = key.value.trim().toLowerCase();
        let count = 0;
        rows.concat(articles).forEach((one) => {
          const isShown = [
            one.dataset.key.toLowerCase().includes(words),
            !state.value || one.dataset.state.split(" ").includes(state.value),
          ].every(Boolean);
          one.hidden = !isShown;
          if (isShown) { count += one.tagName === "TR" ? 1 : 0; }
        });
        byId("filter-count").textContent = count + " of " + rows.length + " cases";
      };
      const reset = () => { key.value = ""; state.value = ""; apply(); };
      if (filter) {
        filter.hidden = false;
        key.addEventListener("input", apply);
        state.addEventListener("change", apply);
        filter.addEventListener("submit", (event) => event.preventDefault());
        apply();
      }

      // Sorting the list.
      all("table.sortable").forEach((table) => {
        all("thead th", table).forEach((head, column) => {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = head.textContent;
          head.replaceChildren(button);
          button.addEventListener("click", () => {
            const isUp = head.getAttribute("aria-sort") !== "ascending";
            all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
            head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
            const body = table.tBodies[0];
            const isNumber = head.classList.contains("number");
            const value = (row) => {
              const cell = row.children[column];
              if (!isNumber) { return cell.textContent; }
              return cell.dataset.value === undefined ? NaN : Number(cell.dataset.value);
            };
            const compare = (a, b) => {
              const left = value(a);
              const right = value(b);
              if (Number.isNaN(left)) { return Number.isNaN(right) ? 0 : 1; }
              if (Number.isNaN(right)) { return -1; }
              const order = isNumber ? left - right : left.localeCompare(right);
              return isUp ? order : -order;
            };
            Array.from(body.rows).sort(compare).forEach((row) => body.append(row));
          });
        });
      });

      // Enlarging pictures.
      const dialog = byId("enlarged");
      const zooms = all("button.zoom");
      let current = -1;
      const show = (index) => {
        const button = zooms[index];
        if (!button) { return; }
        current = index;
        const picture = button.querySelector("svg").cloneNode(true);
        all("[id]", picture).forEach((one) => one.removeAttribute("id"));
        byId("enlarged-picture").replaceChildren(picture);
        byId("enlarged-caption").textContent = picture.getAttribute("aria-label");
        if (!dialog.open) { dialog.showModal(); }
      };
      const step = (distance) => {
        let index = current + distance;
        while (zooms[index]) {
          if (!zooms[index].closest("[hidden]")) { show(index); return; }
          index += distance;
        }
      };
      if (dialog.showModal) {
        zooms.forEach((button, index) => button.addEventListener("click", () => show(index)));
        dialog.addEventListener("keydown", (event) => {
          if (event.key === "ArrowRight") { step(1); }
          if (event.key === "ArrowLeft") { step(-1); }
        });
        dialog.addEventListener("click", (event) => { if (event.target === dialog) { dialog.close(); } });
        dialog.addEventListener("close", () => { if (zooms[current]) { zooms[current].focus(); } });
      }
    })();

    """
}
