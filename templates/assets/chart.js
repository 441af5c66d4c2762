// Spend and revenue of each campaign as bars, drawn from the table below them. Without script or library the table
// alone is complete. The library weighs more than all the rest of the page: it comes after that rest, into a place
// that has been kept for it, when that place is about to be seen.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("[data-chart-table]");
  const panel = document.querySelector("[data-chart]");
  const rows = [...(table?.querySelectorAll("tbody tr[data-name]") ?? [])];
  if (!panel || !rows.length) return;

  const { digits, currency, spend, revenue } = table.dataset;
  const language = document.documentElement.lang;
  const scale = 10 ** Number(digits);
  const money = new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(language, { notation: "compact" });
  const canvas = panel.querySelector("canvas");
  canvas.parentElement.style.height = `${canvas.height}px`;

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["rope", "accent", "ink", "muted", "line"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function bars(name, label, colour) {
    return { label, data: rows.map((row) => Number(row.dataset[name]) / scale), backgroundColor: colour, borderRadius: 3, maxBarThickness: 22 };
  }

  function draw() {
    const colour = colours();
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: rows.map((row) => row.dataset.name),
        datasets: [bars("spend", spend, colour.rope), bars("revenue", revenue, colour.accent)],
      },
      options: {
        indexAxis: "y",
        maintainAspectRatio: false,
        animation: !matchMedia("(prefers-reduced-motion: reduce)").matches && { duration: 300 },
        scales: {
          x: { beginAtZero: true, ticks: { color: colour.muted, callback: (value) => short.format(value) }, grid: { color: colour.line } },
          y: { ticks: { color: colour.ink }, grid: { display: false } },
        },
        plugins: {
          legend: { labels: { color: colour.ink, usePointStyle: true, pointStyle: "rectRounded" } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${money.format(item.parsed.x)}` } },
        },
      },
    });
  }

  function begin() {
    let chart = draw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      chart.destroy();
      chart = draw();
    });
  }

  function fetchLibrary() {
    const script = document.createElement("script");
    script.src = panel.dataset.chart;
    script.addEventListener("load", begin);
    script.addEventListener("error", () => { panel.hidden = true; });
    document.head.append(script);
  }

  const near = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    near.disconnect();
    fetchLibrary();
  }, { rootMargin: "200px" });
  near.observe(canvas);
});
