import { readdirSync, readFileSync } from 'node:fs';
import { parseTranscripts, runTranscript } from '@xmpp-wire/testing';
import { describe, expect, it } from 'vitest';

// Every file of this folder is run whole, byte by byte and cut at every place; docs/transcripts.md says what is in them.
const folder = new URL('.', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const files = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

const conversations = files.flatMap((name) => parseTranscripts(read(name), { name, include: read }));

describe.each(files)('%s', (file) => {
  it.each(conversations.filter(({ name }) => name === file).map((each) => [each.title, each] as const))(
    '%s',
    (_, transcript) => {
      expect(runTranscript(transcript).runs).toBeGreaterThan(1);
    },
    60_000,
  );
});
