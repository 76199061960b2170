"use strict";
// Everything works on data that is in the page already. Text is only ever set as text.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = (id) => {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  };
  const make = (tag, options = {}, ...children) => {
    const element = document.createElement(tag);
    Object.assign(element, options);
    element.append(...children);
    return element;
  };

  // Light and dark.
  $("#theme").addEventListener("click", () => {
    const style = document.documentElement.style;
    const dark = style.colorScheme
      ? style.colorScheme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    style.colorScheme = dark ? "light" : "dark";
  });

  // Values under the pointer.
  const place = (plot, tip, x, y) => {
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(x, half), plot.clientWidth - half)}px`;
    tip.style.top = `${y}px`;
  };
  for (const plot of $$(".plot[data-hover]")) {
    const hover = JSON.parse(plot.dataset.hover);
    const tip = $(".tip", plot);
    const hair = $(".hair", plot);
    const text = (value) =>
      hover.unit === "percent" ? `${Math.round(value * 1000) / 10}%` : String(Math.round(value * 100) / 100);
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width - hover.left) / (hover.right - hover.left);
      const wanted = share * hover.most;
      const xs = hover.lines.flatMap((line) => line.points.map((point) => point[0]));
      const near = xs.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a), xs[0]);
      tip.replaceChildren(make("div", { textContent: near === 0 ? "before training" : `after round ${near}` }));
      for (const line of hover.lines) {
        const point = line.points.find((candidate) => candidate[0] === near);
        if (point) tip.append(make("div", {}, make("b", { textContent: text(point[1]) }), ` ${line.label}`));
      }
      const x = (hover.left + (near / hover.most) * (hover.right - hover.left)) * box.width;
      hair.hidden = false;
      hair.style.left = `${x}px`;
      place(plot, tip, x, Math.max(event.clientY - box.top, 60));
    });
    plot.addEventListener("pointerleave", () => {
      tip.hidden = true;
      hair.hidden = true;
    });
  }
  const heat = data("heat-data");
  const heatPlot = $(".heat-plot");
  if (heat && heatPlot && $("svg", heatPlot)) {
    const tip = $(".tip", heatPlot);
    const drawing = $("svg", heatPlot);
    heatPlot.addEventListener("pointermove", (event) => {
      const box = drawing.getBoundingClientRect();
      const view = drawing.viewBox.baseVal;
      const x = ((event.clientX - box.left) / box.width) * view.width;
      const y = ((event.clientY - box.top) / box.height) * view.height;
      const row = heat[Math.floor(y / 19)];
      const round = row ? Math.floor(((x - 250) / (view.width - 250)) * row[1].length) : -1;
      if (!row || round < 0 || round >= row[1].length) {
        tip.hidden = true;
        return;
      }
      const value = row[1][round];
      tip.replaceChildren(
        make("b", { textContent: row[0] }),
        ` after round ${round + 1}: ${value === null ? "not met yet" : `${value}%`}`,
      );
      place(heatPlot, tip, event.clientX - box.left, event.clientY - box.top);
    });
    heatPlot.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  // Sorting the tasks.
  const table = $("#by-task");
  if (table) {
    const heads = $$("thead th", table);
    heads.forEach((head, column) => {
      const button = $("button", head);
      if (!button) return;
      button.addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") === "descending" || (column === 0 && head.getAttribute("aria-sort") === "none");
        for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        const sign = rising ? 1 : -1;
        const body = table.tBodies[0];
        const key = (row) => {
          const value = row.cells[column].dataset.value;
          return value === undefined ? row.cells[column].textContent : Number(value);
        };
        const rows = [...body.rows].sort((a, b) => {
          const [x, y] = [key(a), key(b)];
          return sign * (typeof x === "number" ? x - y : x.localeCompare(y));
        });
        body.append(...rows);
      });
    });
  }

  // The player.
  const replay = data("replay-data");
  const player = $("#player");
  if (!replay || !player) return;
  const NS = "http://www.w3.org/2000/svg";
  const draw = (tag, attributes) => {
    const element = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const state = { scene: 0, step: 0, timer: 0 };
  const tracks = () =>
    $$(".take", player).map((take) => ({ take, track: replay.scenes[state.scene][take.dataset.side] }));
  const length = () => Math.max(1, ...tracks().map(({ track }) => (track ? track.steps.length : 0)));

  const paint = (take, shot) => {
    const screen = $(".phone svg", take);
    const [width, height] = shot ? shot.size : [540, 1200];
    screen.setAttribute("viewBox", `0 0 ${width} ${height}`);
    screen.setAttribute("aria-label", shot ? `Screen: ${shot.title}. ${shot.note}` : "No screen");
    screen.replaceChildren();
    if (!shot || shot.picture === null) {
      const text = draw("text", { x: width / 2, y: height / 2, class: "missing" });
      text.textContent = shot ? "no screenshot kept" : "no steps";
      screen.append(text);
      if (!shot) return;
    } else {
      screen.append(draw("image", { href: replay.pictures[shot.picture], width, height, preserveAspectRatio: "none" }));
    }
    const unit = width / 100;
    if (shot.touch && !shot.direction) {
      const [cx, cy] = shot.touch;
      screen.append(
        draw("circle", { cx, cy, r: 4.5 * unit, class: "pulse", "stroke-width": 0.8 * unit }),
        draw("circle", { cx, cy, r: 4.5 * unit, class: "touch", "stroke-width": 1.2 * unit }),
      );
    }
    if (shot.direction) {
      const [x, y] = shot.touch || [width / 2, height / 2];
      const [dx, dy] = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] }[shot.direction];
      const [ex, ey] = [x + dx * 18 * unit, y + dy * 18 * unit];
      const [bx, by] = [x - dx * 12 * unit, y - dy * 12 * unit];
      const wing = (side) =>
        `${ex - dx * 6 * unit + side * dy * 6 * unit} ${ey - dy * 6 * unit + side * dx * 6 * unit}`;
      screen.append(
        draw("path", { class: "way", "stroke-width": 2 * unit, d: `M${bx} ${by}L${ex} ${ey}M${wing(1)}L${ex} ${ey}L${wing(-1)}` }),
      );
    }
  };

  const show = () => {
    const total = length();
    state.step = Math.min(Math.max(state.step, 0), total - 1);
    for (const { take, track } of tracks()) {
      take.hidden = !track;
      if (!track) continue;
      const last = track.steps.length - 1;
      const at = Math.min(state.step, last);
      const shot = track.steps[at];
      take.classList.toggle("ended", state.step > last);
      paint(take, shot);
      const now = $(".now", take);
      now.replaceChildren(shot ? shot.title : "No step was taken");
      if (shot) {
        const facts = [shot.note, shot.executed ? "" : "refused", shot.probability === null ? "" : `probability ${Math.round(shot.probability * 100)}%`];
        if (state.step > last) facts.unshift("ended here");
        now.append(make("small", { textContent: facts.filter(Boolean).join(" · ") }));
      }
      const action = $(".action", take);
      action.textContent = shot ? shot.action : "";
      action.hidden = !shot;
      const list = $(".steps", take);
      $$("button", list).forEach((button, index) => {
        if (index === at) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      const current = $("[aria-current]", list);
      if (current) {
        // scrollIntoView would move the page too.
        const top = current.offsetTop;
        if (top < list.scrollTop) list.scrollTop = top;
        else if (top + current.offsetHeight > list.scrollTop + list.clientHeight)
          list.scrollTop = top + current.offsetHeight - list.clientHeight;
      }
    }
    $("#position").max = total;
    $("#position").value = state.step + 1;
    $("#step-count").textContent = `Step ${state.step + 1} of ${total}`;
    $("#previous").disabled = state.step === 0;
    $("#next").disabled = state.step === total - 1;
  };

  const stop = () => {
    clearInterval(state.timer);
    state.timer = 0;
    $("#play").textContent = "Play";
    $("#play").setAttribute("aria-label", "Play");
  };
  const go = (step) => {
    stop();
    state.step = step;
    show();
  };
  const play = () => {
    if (state.timer) return stop();
    if (state.step >= length() - 1) state.step = 0;
    show();
    $("#play").textContent = "Pause";
    $("#play").setAttribute("aria-label", "Pause");
    state.timer = setInterval(() => {
      if (state.step >= length() - 1) return stop();
      state.step += 1;
      show();
    }, 1100);
  };
  const choose = (index) => {
    state.scene = index;
    const scene = replay.scenes[index];
    $("#goal").textContent = scene.goal;
    $$(".scenes button", player).forEach((button, at) => button.setAttribute("aria-pressed", at === index));
    for (const { take, track } of tracks()) {
      if (!track) continue;
      const outcome = $(".outcome", take);
      outcome.textContent = track.answer ? `${track.outcome}, answered “${track.answer}”` : track.outcome;
      outcome.classList.toggle("won", track.success);
      const items = track.steps.map((shot, step) => {
        const label = shot.note ? `${shot.title} · ${shot.note}` : shot.title;
        const button = make("button", { type: "button", onclick: () => go(step) }, make("i", { textContent: step + 1 }), make("span", { textContent: label }));
        if (!shot.executed) button.classList.add("refused");
        return make("li", {}, button);
      });
      if (track.left_out) items.push(make("li", { textContent: `and ${track.left_out} more` }));
      $(".steps", take).replaceChildren(...items);
    }
    go(0);
  };

  $("#previous").addEventListener("click", () => go(state.step - 1));
  $("#next").addEventListener("click", () => go(state.step + 1));
  $("#play").addEventListener("click", play);
  $("#position").addEventListener("input", (event) => go(Number(event.target.value) - 1));
  $$(".scenes button", player).forEach((button, index) => button.addEventListener("click", () => choose(index)));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, .scroll, pre")) return;
    const to = { ArrowLeft: state.step - 1, ArrowRight: state.step + 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  choose(0);
})();
