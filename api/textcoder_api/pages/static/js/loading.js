// Says so where a script of this page does not come, which would else read “Reading …” for ever. No module: it must hear of the first.
addEventListener(
  "error",
  ({ target }) => {
    const view = document.getElementById("view");
    if (target.tagName !== "SCRIPT" || !view || document.getElementById("unloaded")) return;
    const problem = document.createElement("div");
    Object.assign(problem, { id: "unloaded", className: "problem" });
    problem.setAttribute("role", "alert");
    const said = document.createElement("p");
    said.textContent = "A part of this page did not come from the service. What you decided before is kept. Load the page again.";
    const again = document.createElement("button");
    Object.assign(again, { type: "button", textContent: "Load it again", onclick: () => location.reload() });
    problem.append(said, again);
    view.querySelector(".waiting")?.remove();
    view.prepend(problem);
  },
  true,
);
