import { Accounts } from '../accounts.ts';
import {
  initiatingAnswers,
  receivingAnswers,
  type AnswerSources,
  type InitiatingAnswers,
  type ReceivingAnswers,
} from '../answers.ts';
import { DEFAULT_DOMAIN } from '../default-config.ts';
import type { RoleName } from '../faults.ts';
import { TranscriptSyntaxError } from './errors.ts';
import { ItemReader, type Item } from './tape.ts';
import type { CallLine, Transcript, TranscriptLine, WireLine } from './transcript.ts';

/** A transcript with all that is worked out once for its many runs. */
export interface Script {
  readonly transcript: Transcript;
  /** What the lines of driven entities are expected to be. */
  readonly items: ReadonlyMap<WireLine, readonly Item[]>;
  /** The events and asks that each entity is expected to report. */
  readonly expected: Readonly<Record<RoleName, readonly CallLine[]>>;
  readonly accounts: Accounts;
  readonly answers: { readonly initiating: InitiatingAnswers; readonly receiving: ReceivingAnswers };
}

/**
 * @throws TranscriptSyntaxError for a line of a driven entity that is no XML of a stream, and for a line that tells
 * something to an entity that is not driven.
 */
export function prepare(transcript: Transcript): Script {
  const { driven, passwords, policy } = transcript.settings;
  const readers = { initiating: new ItemReader(), receiving: new ItemReader() };
  const items = new Map<WireLine, readonly Item[]>();
  for (const line of transcript.lines) {
    if (line.kind === 'call' && !driven.has(line.role)) {
      throw new TranscriptSyntaxError(line.place, `the ${line.role} entity is not driven here: it can only send`);
    }
    if (line.kind !== 'wire' || !driven.has(line.from)) continue;
    const read = readers[line.from].read(line.text, line.bytes);
    if (typeof read === 'string') throw new TranscriptSyntaxError(line.place, read);
    items.set(line, read);
  }
  const accounts = new Accounts(passwords);
  const sources: AnswerSources = { accounts, domain: DEFAULT_DOMAIN, policy };
  return {
    transcript,
    items,
    expected: { initiating: reportsOf(transcript, 'initiating'), receiving: reportsOf(transcript, 'receiving') },
    accounts,
    answers: { initiating: initiatingAnswers(sources), receiving: receivingAnswers(sources) },
  };
}

function reportsOf({ lines }: Transcript, role: RoleName): readonly CallLine[] {
  const isReport = (line: TranscriptLine): line is CallLine =>
    line.kind === 'call' && line.role === role && (line.action.do === 'event' || line.action.do === 'ask');
  return lines.filter(isReport);
}
