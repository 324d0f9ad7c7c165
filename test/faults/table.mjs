// What a run shows: fault by outcome.
import { STABLE_TOKEN } from "./paths.mjs";

const COLUMNS = ["sends", "delivered", "not-delivered", "unknown", "killed", "doubled", "false"];

export class Table {
  #rows = new Map();
  #modes = new Map();
  #tokenStrikes = new Map();

  /** @param how door and mode */
  add(how, { verdicts, faults }, calls) {
    for (const verdict of verdicts) {
      const names = verdict.strikes.length > 0 ? verdict.strikes : ["none"];
      for (const name of names) count(this.#rows, name, verdict);
      count(this.#modes, how, verdict);
    }
    if (faults.length > 0) bump(this.#modes, how, "false", faults.length);
    for (const { path, fault } of calls) {
      if (fault !== undefined && path === STABLE_TOKEN) bump(this.#tokenStrikes, fault, "calls", 1);
    }
  }

  print() {
    console.log("A send stands in the row of each fault that struck it, or may have; in none if nothing did.");
    printRows("fault", this.#rows);
    console.log("");
    printRows("door and mode", this.#modes);
    const tokens = [...this.#tokenStrikes].map(([kind, { calls }]) => `${kind} ${calls}`);
    console.log(`\nToken calls struck: ${tokens.sort().join(", ")}`);
  }
}

function count(rows, name, { outcome, doubled, wrong }) {
  bump(rows, name, "sends", 1);
  bump(rows, name, COLUMNS.includes(outcome) ? outcome : "false", 1);
  if (doubled) bump(rows, name, "doubled", 1);
  if (wrong.length > 0) bump(rows, name, "false", wrong.length);
}

function bump(rows, name, column, by) {
  const row = rows.get(name) ?? {};
  row[column] = (row[column] ?? 0) + by;
  rows.set(name, row);
}

function printRows(head, rows) {
  const line = (name, cells) => console.log(name.padEnd(28) + cells.map((cell) => String(cell).padStart(14)).join(""));
  line(head, COLUMNS);
  for (const [name, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    line(
      name,
      COLUMNS.map((column) => row[column] ?? 0),
    );
  }
}
