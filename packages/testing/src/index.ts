/**
 * Two entities joined in memory on a virtual clock, chunkers, transcripts, recordings. The generators for fast-check are in
 * `@xmpp-wire/testing/generators`.
 *
 * @module
 */
export { Accounts } from './accounts.ts';
export {
  DEFAULT_MECHANISMS,
  madeUpTls,
  UNANSWERED,
  type Answers,
  type AnswerTo,
  type InitiatingAnswers,
  type ReceivingAnswers,
} from './answers.ts';
export { chunk, cutAt, cuts, EVERY_CUT_BYTES, everyTwoWayCut, seededCuts, type Chunking } from './chunking.ts';
export type { Protection } from './default-config.ts';
export type { Fault, FaultPlace, RoleName } from './faults.ts';
export { createPair, type InitiatingEnd, type Pair, type PairOptions } from './pair.ts';
export type { EndTrace, PairEnd, ReportedEvent, RoleTypes } from './pair-end.ts';
export { counter, Prng } from './random.ts';
export { record, type Recorded } from './record.ts';
export type { RecordedCall, Recording } from './recording.ts';
export { replay, type ReplayOutcome } from './replay.ts';
export { TestClock, type Appointment } from './test-clock.ts';
export { TranscriptMismatch, TranscriptSyntaxError } from './transcript/errors.ts';
export { parseTranscript, parseTranscripts, type ParseTranscriptOptions } from './transcript/parse.ts';
export type { Cut } from './transcript/run.ts';
export { runTranscript, type RunTranscriptOptions } from './transcript/run-transcript.ts';
export type { Transcript } from './transcript/transcript.ts';
export { describeValue, fromJson, toJson, type JsonValue } from './values.ts';
export type { Arrival, Duration } from './wire.ts';
