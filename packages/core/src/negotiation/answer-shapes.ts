import { bug, LocalProtocolError } from '../errors.ts';
import type { AskName } from './asks.ts';
import { either, isBytes, isText, maybe, oneOf, shapeOf, type Fits } from './shape.ts';

// Types tell most programs what fits an ask; programs without types, and answers that came from elsewhere, meet this check.
// What is right in shape and wrong in substance is found by those who know the substance.

/** What answers an ask. */
export interface AnswerShape {
  readonly fits: Fits;
  /** For the message. */
  readonly expected: string;
}

/** For each ask that a role has, what answers it. */
export type AnswerShapes = Readonly<Partial<Record<AskName, AnswerShape>>>;

const tlsFacts = shapeOf({
  version: isText,
  channelBindings: (value) => value instanceof Map,
  peerCertificate: maybe(shapeOf({ der: isBytes, trusted: oneOf(true, false) })),
});

/** What answers the asks of an initiating entity; both roles have these. */
export const INITIATING_ANSWERS: AnswerShapes = {
  'start-tls': {
    fits: either(tlsFacts, oneOf('failed')),
    expected: "{ version, channelBindings, … } or 'failed'",
  },
  'derive-salted-password': { fits: isBytes, expected: 'a Uint8Array' },
};

/**
 * Checks that an answer has the shape that its ask wants.
 *
 * @throws LocalProtocolError `answer-invalid`; its message shows nothing of the answer, which may be a secret.
 */
export function checkAnswerShape(shapes: AnswerShapes, ask: AskName, answer: unknown): void {
  const shape = shapes[ask];
  if (shape === undefined) throw bug(`no shape for answers to ${ask}`);
  if (shape.fits(answer)) return;
  throw new LocalProtocolError(
    'answer-invalid',
    `${ask} wants ${shape.expected}; the ask is still open, answer it again`,
  );
}
