import { EVERY_CUT_BYTES } from '../chunking.ts';
import type { RoleName } from '../faults.ts';
import { Run, type Cut, type Reference } from './run.ts';
import { prepare } from './script.ts';
import type { Transcript } from './transcript.ts';

/** How far a transcript is run. */
export interface RunTranscriptOptions {
  /** One way to cut the bytes. Default: all of them, see {@link runTranscript}. */
  readonly cut?: Cut;
}

const SEEDED_RUNS = 64;

/**
 * Runs a transcript: with each line as one chunk, byte by byte, and for each driven entity with its input cut in two at
 * every place, or at 64 times seeded places where the input is longer than 4 KiB. Whatever the cuts, the same bytes and the same
 * events have to come.
 *
 * @returns how many runs it were.
 * @throws TranscriptMismatch at the first line that does not hold; its message names the line and the cut.
 * @throws TranscriptSyntaxError for lines that make no sense.
 */
export function runTranscript(transcript: Transcript, options: RunTranscriptOptions = {}): { readonly runs: number } {
  const { cut } = options;
  const script = prepare(transcript);
  const { driven } = transcript.settings;
  const reference = new Run(script, 'whole', driven).go();
  if (cut === 'whole') return { runs: 1 };
  let runs = 1;
  const run = (way: Cut, live: ReadonlySet<RoleName>): void => {
    new Run(script, way, live, reference).go();
    runs += 1;
  };
  if (cut !== undefined) {
    run(cut, driven);
    return { runs };
  }
  run('bytes', driven);
  for (const role of driven) {
    const live = new Set([role]);
    const boundaries = boundariesOf(transcript, role, reference);
    const length = boundaries.at(-1) ?? 0;
    if (length > EVERY_CUT_BYTES) for (let seed = 1; seed <= SEEDED_RUNS; seed++) run({ seed }, live);
    else for (let at = 1; at < length; at++) if (!boundaries.includes(at)) run({ to: role, at }, live);
  }
  return { runs };
}

/** Where the lines end in what arrives at an entity; cutting there changes nothing. */
function boundariesOf({ lines }: Transcript, to: RoleName, { bytes }: Reference): readonly number[] {
  const ends: number[] = [];
  let end = 0;
  for (const line of lines) {
    if (line.kind !== 'wire' || line.from === to || !line.cut) continue;
    end += bytes.get(line)?.length ?? 0;
    ends.push(end);
  }
  return ends;
}
