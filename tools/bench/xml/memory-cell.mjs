// What elements and readers keep alive. Run with --expose-gc. Prints JSON.
import process from 'node:process';
import { HEADER, streamOf } from './corpora.mjs';
import { UNLIMITED as limits } from './parsers.mjs';

const options = JSON.parse(process.argv[2]);
const core = await import(options.core);
const textCodec = core.bufferTextCodec(Buffer.prototype);

function alive() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const header = Buffer.from(HEADER);

/** A chat message of 385 bytes, no two with the same values. */
function stanza(number) {
  const id = number.toString(16).padStart(8, '0');
  const text =
    `<message from='juliet@im.example.com/balcony-${id}' to='romeo@montague.example/orchard-${id}' id='${id}-4f2c-9d1e-${id}0000' type='chat'>` +
    `<body>Art thou not Romeo, and a Montague? ${id} `;
  const rest =
    "</body><active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>";
  return text.padEnd(385 - rest.length, 'x') + rest;
}

function reading() {
  const reader = new core.XmlStreamReader({ limits, textCodec });
  reader.receive(header);
  reader.next();
  return reader;
}

function perStanza() {
  const count = 20_000;
  const kept = [];
  const run = (from) => {
    const reader = reading();
    for (let at = 0; at < count; at += 40) {
      let text = '';
      for (let each = at; each < at + 40; each++) text += stanza(from + each);
      reader.receive(Buffer.from(text));
      for (let event = reader.next(); event !== undefined; event = reader.next())
        if (event.type === 'element') kept.push(event.element);
    }
  };
  run(0);
  kept.length = 0;
  const before = alive();
  run(count);
  const after = alive();
  return (after - before) / kept.length;
}

function perKeptString() {
  const bytes = streamOf('chat', 4_000_000).subarray(header.length);
  const kept = [];
  const run = () => {
    const reader = reading();
    for (let at = 0; at < bytes.length; at += 16_384) {
      reader.receive(bytes.subarray(at, at + 16_384));
      let first = true;
      for (let event = reader.next(); event !== undefined; event = reader.next()) {
        if (event.type === 'element' && first) kept.push(event.element.attribute('from'));
        first = first && event.type !== 'element';
      }
    }
  };
  run();
  kept.length = 0;
  const before = alive();
  run();
  return (alive() - before) / kept.length;
}

function perIdleReader() {
  const count = 2000;
  const bytes = streamOf('mixed', 6000).subarray(header.length);
  const kept = [];
  const run = () => {
    for (let each = 0; each < count; each++) {
      const reader = reading();
      for (let at = 0; at < bytes.length; at += 1000) {
        reader.receive(Buffer.from(bytes.subarray(at, at + 1000)));
        while (reader.next() !== undefined);
      }
      kept.push(reader);
    }
  };
  run();
  kept.length = 0;
  const before = alive();
  run();
  return (alive() - before) / kept.length;
}

console.log(JSON.stringify({ stanza: perStanza(), string: perKeptString(), reader: perIdleReader() }));
