import * as z from 'zod/mini';
import { LocalProtocolError } from '../errors.ts';
import { Jid } from '../jid/index.ts';
import { STREAM_ERROR_CONDITIONS } from '../stream/stream-error.ts';
import type { AskName } from './asks.ts';

// Types tell most programs what fits an ask; programs without types, and answers that came from elsewhere, meet this check.
// What is right in shape and wrong in substance is found by those who know the substance.

const bytes = z.instanceof(Uint8Array);
const accountState = z.enum(['account-disabled', 'credentials-expired', 'temporary-auth-failure']);
const tlsFacts = z.object({
  version: z.string(),
  channelBindings: z.instanceof(Map),
  peerCertificate: z.optional(z.object({ der: bytes, trusted: z.boolean() })),
});
const streamPolicy = z.object({
  domain: z.string(),
  mechanisms: z.array(z.string()),
  decoySecret: bytes,
  languages: z.optional(z.array(z.string())),
  plain: z.optional(z.object({ check: z.string() })),
  extraFeatures: z.optional(z.array(z.unknown())),
});
const streamRefusal = z.object({
  refuse: z.object({
    condition: z.enum(STREAM_ERROR_CONDITIONS),
    text: z.optional(z.string()),
    lang: z.optional(z.string()),
    host: z.optional(z.string()),
  }),
  domain: z.optional(z.string()),
});
const bindRefusal = z.object({
  refuse: z.enum(['resource-constraint', 'not-allowed', 'bad-request', 'conflict', 'internal-server-error']),
  text: z.optional(z.string()),
});
const scramCredentials = z.object({
  salt: bytes,
  iterations: z.number(),
  storedKey: bytes,
  serverKey: bytes,
  accountState: z.optional(accountState),
});
const authorizedIdentity = z.object({ authcid: z.string(), authzid: z.optional(z.string()) });

interface Shape {
  readonly schema: z.ZodMiniType;
  /** For the message. */
  readonly expected: string;
}

const ANSWER_SHAPES: Readonly<Record<AskName, Shape>> = {
  'accept-stream': {
    schema: z.union([streamPolicy, streamRefusal]),
    expected: '{ domain, mechanisms, decoySecret, … } or { refuse: { condition, … } }',
  },
  'start-tls': {
    schema: z.union([tlsFacts, z.literal('failed')]),
    expected: "{ version, channelBindings, … } or 'failed'",
  },
  'derive-salted-password': { schema: bytes, expected: 'a Uint8Array' },
  'look-up-credentials': {
    schema: z.union([scramCredentials, z.literal('unknown-account'), accountState]),
    expected: "{ salt, iterations, storedKey, serverKey }, 'unknown-account' or the state of the account",
  },
  'check-password': {
    schema: z.union([z.enum(['accepted', 'not-authorized']), accountState]),
    expected: "'accepted', 'not-authorized' or the state of the account",
  },
  authorize: {
    schema: z.union([authorizedIdentity, z.enum(['not-authorized', 'invalid-authzid']), accountState]),
    expected: "{ authcid, authzid }, 'not-authorized', 'invalid-authzid' or the state of the account",
  },
  'bind-resource': {
    schema: z.union([z.custom((value) => value instanceof Jid), bindRefusal]),
    expected: 'a full JID or { refuse: condition }',
  },
};

/**
 * Checks that an answer has the shape that its ask wants.
 *
 * @throws LocalProtocolError `answer-invalid`; its message shows nothing of the answer, which may be a secret.
 */
export function checkAnswerShape(ask: AskName, answer: unknown): void {
  const { schema, expected } = ANSWER_SHAPES[ask];
  if (z.safeParse(schema, answer).success) return;
  throw new LocalProtocolError('answer-invalid', `${ask} wants ${expected}; the ask is still open, answer it again`);
}
