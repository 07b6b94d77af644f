// `node tools/conformance/states.mjs` draws the states of both roles: docs/states.md and docs/pictures/*.svg. The phases
// and what may arrive in them come from the tables of the engine, the ways between them from conversations of the
// entities themselves; a table entry that no conversation tries fails. --check: fails when the files are not what it would write.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { instance } from '@viz-js/viz';
import ts from 'typescript6';
import { initiatingSteps, receivingSteps } from './conversations.mjs';
import { root } from './rows.mjs';

/** @import { Step } from './conversations.mjs' */
/** @typedef {Readonly<Record<string, readonly string[]>>} Table */
/** @typedef {{ name: string, title: string, table: Table, steps: readonly Step[], first: string }} Role */

/** The tables of what may arrive in which phase. @returns {Promise<{ INITIATING_LEGAL: Table, RECEIVING_LEGAL: Table }>} */
async function engineTables() {
  const source = readFileSync(path.join(root, 'packages', 'core', 'src', 'engine', 'phases.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/** Entries of a table that no conversation has tried, and phases that none has come to. @param {Role} role */
function untried({ title, table, steps }) {
  return Object.entries(table).flatMap(([phase, incoming]) => {
    const isKnown = steps.some(({ from, to }) => from === phase || to === phase);
    const missing = incoming.filter((kind) => !steps.some(({ from, label }) => from === phase && label === kind));
    return [
      ...(isKnown ? [] : [`${title}: no conversation comes to ${phase}`]),
      ...missing.map((kind) => `${title}: no conversation tries ${kind} in ${phase}`),
    ];
  });
}

/** The ways from one phase to another, each with all that takes it. @param {readonly Step[]} steps */
function ways(steps) {
  /** @type {Map<string, { from: string, to: string, labels: Set<string> }>} */
  const found = new Map();
  for (const { from, to, label } of steps) {
    const key = `${from} ${to}`;
    const way = found.get(key) ?? { from, to, labels: new Set() };
    way.labels.add(label);
    found.set(key, way);
  }
  return [...found.values()];
}

/** @param {Role} role */
function picture({ title, table, steps, first }) {
  const nodes = Object.entries(table).map(([phase, incoming]) => {
    const lines = [phase, ...(incoming.length > 0 ? wrap(incoming) : [])];
    const shape = phase === 'closed' ? 'doubleoctagon' : 'box';
    return `  ${quote(phase)} [shape=${shape}, label=${quote(lines.join('\\n'))}]`;
  });
  const edges = ways(steps)
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, labels }) => `  ${quote(from)} -> ${quote(to)} [label=${quote([...labels].join('\\n'))}]`);
  const dot = `digraph ${quote(title)} {
  graph [rankdir=TB, bgcolor=white, fontname="Helvetica,Arial,sans-serif", nodesep=0.5, ranksep=0.6]
  node [style="rounded,filled", fillcolor="#eef3fb", color="#3b5b8c", fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.2,0.08"]
  edge [color="#555555", fontcolor="#333333", fontname="Helvetica,Arial,sans-serif", fontsize=9]
  start [shape=point, width=0.15]
  start -> ${quote(first)}
${[...nodes, ...edges].join('\n')}
}`;
  return viz
    .renderString(dot, { format: 'svg' })
    .replace(/<!DOCTYPE[^>]*>\s*/, '')
    .replaceAll(/<!--[\s\S]*?-->\s*/g, '');
}

/** Lines of a few words each. @param {readonly string[]} words */
function wrap(words) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 24) lines.push(word);
    else lines[lines.length - 1] = `${last}, ${word}`;
  }
  return lines;
}

const quote = (/** @type {string} */ text) => `"${text.replaceAll('"', '\\"')}"`;

/** @param {readonly Role[]} all */
function document(all) {
  return `${[
    '# The states of a stream',
    '',
    '<!-- Made by `npm run conformance` from packages/core/src/engine/phases.ts; not edited by hand. -->',
    '',
    'Each entity is in one phase. What may arrive in it stands in one table of the engine; everything else is a violation of',
    'the protocol, which ends the stream as the table of violations says, and takes any phase to `closed`. An open question to the',
    'application (an ask that blocks) stops parsing: bytes wait, or, while TLS is being negotiated, are fatal.',
    '',
    'Boxes name a phase and what may arrive in it. Arrows name what took the entity along them: what arrived, what the',
    'application did, or our closing tag, which follows the one of the peer. Deadlines and the end of the connection lead to `closed` from anywhere.',
    '',
    ...all.flatMap(section),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

/** @param {Role} role */
const section = ({ name, title, table, steps }) => [
  `## ${title}`,
  '',
  `![Phases of the ${title.toLowerCase()}](pictures/${name}.svg)`,
  '',
  '| phase | may arrive | leads to |',
  '| --- | --- | --- |',
  ...Object.entries(table).map(
    ([phase, incoming]) => `| \`${phase}\` | ${incoming.join(', ') || 'nothing'} | ${leadsTo(phase, steps)} |`,
  ),
  '',
];

/** @param {string} phase @param {readonly Step[]} steps */
const leadsTo = (phase, steps) =>
  ways(steps)
    .filter(({ from, to }) => from === phase && to !== phase)
    .map(({ to, labels }) => `\`${to}\` (${[...labels].join(', ')})`)
    .join('<br>') || '–';

const tables = await engineTables();
/** @type {readonly Role[]} */
const roles = [
  {
    name: 'initiating-entity',
    title: 'Initiating entity',
    table: tables.INITIATING_LEGAL,
    steps: initiatingSteps(),
    first: 'unopened',
  },
  {
    name: 'receiving-entity',
    title: 'Receiving entity',
    table: tables.RECEIVING_LEGAL,
    steps: receivingSteps(),
    first: 'awaiting-header',
  },
];

const viz = await instance();
/** @type {Record<string, string>} */
const files = { 'states.md': document(roles) };
for (const role of roles) files[`pictures/${role.name}.svg`] = picture(role);
const problems = roles.flatMap(untried);
for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, 'docs', name);
  if (!process.argv.includes('--check')) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    problems.push(`docs/${name} is out of date: run \`npm run conformance\``);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
