// The tables of docs/benchmarks.md, ready to paste.

const PEERS = ['saxes', 'stanza', 'node-expat', 'framer + fast-xml-parser'];

/** All tables there are rows for, and what they were measured with. */
export function markdown(rows, { node, processor, cores, load, versions }) {
  const measured = (name) => rows.some(({ others = [] }) => others.some((each) => each.name.includes(name)));
  const libraries = Object.entries(versions)
    .filter(([name]) => measured(name))
    .map(([name, version]) => `${name} ${version}`);
  const parts = [
    `Node ${node}, ${processor}, ${cores} cores (load ${load.toFixed(1)} at the end); ${libraries.join(', ')}.`,
    reading(rows.filter(({ name }) => name.startsWith('read '))),
    share(rows.find(({ name }) => name === 'share of toString')),
    writing(rows.filter(({ name }) => name.startsWith('write '))),
    linear(rows.filter(({ unit }) => unit === 'exponent')),
    pieces(rows.find(({ unit }) => unit === '× one piece')),
    memory(rows.filter(({ name }) => name.startsWith('memory '))),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function reading(rows) {
  const peers = PEERS.filter((peer) => rows.some(({ others }) => others.some(({ name }) => name === peer)));
  const ratioOf = (row, peer) => row.others.find(({ name }) => name === peer)?.ratio.toFixed(2) ?? '';
  const lines = rows.map((row) => [
    row.name.slice('read '.length),
    row.value.toFixed(2),
    row.gate,
    row.goal,
    verdict(row),
    row.megabytesPerSecond.toFixed(0),
    ...peers.map((peer) => ratioOf(row, peer)),
  ]);
  return table('### Reading', ['corpus and chunk', '× ltx', 'gate', 'goal', '', 'MB/s', ...peers], lines);
}

function writing(rows) {
  const lines = rows.map((row) => [
    row.name.slice('write '.length),
    row.value.toFixed(2),
    row.gate,
    row.goal,
    verdict(row),
    row.megabytesPerSecond.toFixed(0),
  ]);
  return table(
    '### Writing, to bytes, with every character checked',
    ['corpus', '× ltx', 'gate', 'goal', '', 'MB/s'],
    lines,
  );
}

function share(row) {
  if (row === undefined) return '';
  const percent = (value) => `${(value * 100).toFixed(0)} %`;
  return `Of the speed at which \`Buffer.toString('utf8')\` alone goes through mixed chunks of 64 KB it reaches ${percent(row.value)} (gate ${percent(row.gate)}, goal ${percent(row.goal)}: ${verdict(row)}).`;
}

function linear(rows) {
  if (rows.length === 0) return '';
  // `linear 16 KB text`: the chunk, then the input.
  const parsed = rows.map(({ name, value }) => ({
    ...name.match(/^linear (?<chunk>\S+ \S+) (?<input>.+)$/).groups,
    value,
  }));
  const chunks = [...new Set(parsed.map(({ chunk }) => chunk))];
  const inputs = [...new Set(parsed.map(({ input }) => input))].toSorted((a, b) => a.localeCompare(b));
  const valueOf = (input, chunk) =>
    parsed.find((each) => each.input === input && each.chunk === chunk)?.value.toFixed(2) ?? '';
  const rulers = rows.map(({ ruler }) => ruler);
  return table(
    `### Cost grows with the input, not faster\n\nThe exponent of time against size, gate 1.1, by a ruler that measures ${Math.min(...rulers).toFixed(2)} to ${Math.max(...rulers).toFixed(2)} for a parser that is quadratic on purpose.`,
    ['input', ...chunks],
    inputs.map((input) => [input, ...chunks.map((chunk) => valueOf(input, chunk))]),
  );
}

function pieces(row) {
  if (row === undefined) return '';
  return `2 MB of text in chunks of 64 bytes takes ${row.value.toFixed(2)} times what it takes in one piece (gate ${row.gate}).`;
}

function memory(rows) {
  const what = {
    'memory stanza': 'a chat stanza of 385 bytes as a tree',
    'memory string': 'what one kept string keeps alive, on average',
    'memory reader': 'a reader between stanzas',
  };
  const lines = rows.map((row) => [what[row.name], row.value.toFixed(0), row.gate, row.goal, verdict(row)]);
  return table('### Memory', ['what', 'bytes', 'gate', 'goal', ''], lines);
}

function verdict({ passes, reaches }) {
  return reaches ? 'goal' : passes ? 'gate' : 'below';
}

function table(title, header, lines) {
  if (lines.length === 0) return '';
  const row = (cells) => `| ${cells.join(' | ')} |`;
  return [title, '', row(header), row(header.map(() => '---')), ...lines.map(row)].join('\n');
}
