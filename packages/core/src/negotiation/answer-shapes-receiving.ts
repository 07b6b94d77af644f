import { Jid } from '../jid/index.ts';
import { STREAM_ERROR_CONDITIONS } from '../stream/stream-error.ts';
import { INITIATING_ANSWERS, type AnswerShapes } from './answer-shapes.ts';
import { arrayOf, either, isBytes, isText, maybe, oneOf, shapeOf } from './shape.ts';

const accountState = oneOf('account-disabled', 'credentials-expired', 'temporary-auth-failure');
const streamPolicy = shapeOf({
  domain: isText,
  mechanisms: arrayOf(isText),
  decoySecret: isBytes,
  languages: maybe(arrayOf(isText)),
  plain: maybe(shapeOf({ check: isText })),
  extraFeatures: maybe(Array.isArray),
});
const streamRefusal = shapeOf({
  refuse: shapeOf({
    condition: oneOf(...STREAM_ERROR_CONDITIONS),
    text: maybe(isText),
    lang: maybe(isText),
    host: maybe(isText),
  }),
  domain: maybe(isText),
});
const bindRefusal = shapeOf({
  refuse: oneOf('resource-constraint', 'not-allowed', 'bad-request', 'conflict', 'internal-server-error'),
  text: maybe(isText),
  lang: maybe(isText),
});
const scramCredentials = shapeOf({
  salt: isBytes,
  iterations: Number.isFinite,
  storedKey: isBytes,
  serverKey: isBytes,
  accountState: maybe(accountState),
});
const authorizedIdentity = shapeOf({ authcid: isText, authzid: maybe(isText) });

/** What answers the asks of a receiving entity. */
export const RECEIVING_ANSWERS: AnswerShapes = {
  ...INITIATING_ANSWERS,
  'accept-stream': {
    fits: either(streamPolicy, streamRefusal),
    expected: '{ domain, mechanisms, decoySecret, … } or { refuse: { condition, … } }',
  },
  'look-up-credentials': {
    fits: either(scramCredentials, oneOf('unknown-account'), accountState),
    expected: "{ salt, iterations, storedKey, serverKey }, 'unknown-account' or the state of the account",
  },
  'check-password': {
    fits: either(oneOf('accepted', 'not-authorized'), accountState),
    expected: "'accepted', 'not-authorized' or the state of the account",
  },
  authorize: {
    fits: either(authorizedIdentity, oneOf('not-authorized', 'invalid-authzid'), accountState),
    expected: "{ authcid, authzid }, 'not-authorized', 'invalid-authzid' or the state of the account",
  },
  'bind-resource': {
    fits: either((value) => value instanceof Jid, bindRefusal),
    expected: 'a full JID or { refuse: condition }',
  },
};
