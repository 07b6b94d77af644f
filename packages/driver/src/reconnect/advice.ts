import type { CloseCause } from '@xmpp-wire/core';
import { XmppConnectError, type ConnectErrorCode } from '../connect-error.ts';
import { parseRedirect, parseSeeOtherUri, type Redirect } from '../redirect.ts';
import { delayWindow, type DelayWindow, type ReconnectPolicy } from './policy.ts';
import { RECONNECT_RULES, type ReconnectCause, type ReconnectRow, type ReconnectRule } from './rules.ts';

/** What went before, as far as it counts. */
export interface ReconnectHistory {
  /** Attempts in a row that failed, and connections that did not last. */
  readonly failures: number;
  /** How many more redirections in a row may be followed. */
  readonly redirectsLeft: number;
  /** Whether the last attempt already asked for no resource. */
  readonly resourceDropped?: boolean;
}

/** What the next connection does differently. */
export interface ReconnectChanges {
  /** `drop`: ask for no resource from now on (RFC 6120 §4.9.3.3). */
  readonly resource?: 'drop';
  /** Connect there this once. The domain, the policy and the name in the certificate stay (RFC 6120 §4.9.3.19). */
  readonly redirect?: Redirect;
  /** The same over WebSocket: open this one, if it is as protected as the last was (RFC 7395 §3.6.1). */
  readonly seeOtherUri?: string;
}

/** What to do about the end of a connection, or about an attempt that failed. */
export type ReconnectAdvice =
  | {
      readonly action: 'reconnect';
      readonly cause: ReconnectCause;
      readonly because: string;
      /** Draw the delay from it. */
      readonly delay: DelayWindow;
      readonly changes: ReconnectChanges;
    }
  | {
      readonly action: 'give-up';
      readonly cause: ReconnectCause;
      readonly because: string;
      /** What to change if somebody decides to connect again all the same. */
      readonly changes: ReconnectChanges;
    };

/**
 * Says what to do when a connection ended or an attempt failed (RFC 6120 §3.3): a table, a policy, no clock and no
 * randomness. `keepConnected` follows it; whoever reconnects by other means can ask it too.
 *
 * @param trouble the close cause, or what `connect` rejected with.
 *
 * @example
 * ```ts
 * import { RECONNECT_PRESETS, reconnectAdvice } from '@xmpp-wire/driver';
 *
 * const policy = RECONNECT_PRESETS.interactive;
 * const history = { failures: 3, redirectsLeft: 3 };
 * const advice = reconnectAdvice({ code: 'timed-out', timer: 'idle' }, history, policy);
 * advice.action; // 'reconnect'
 * if (advice.action === 'reconnect') advice.delay; // { min: 4000, max: 8000 }
 * ```
 */
export function reconnectAdvice(
  trouble: CloseCause | Error,
  history: ReconnectHistory,
  policy: ReconnectPolicy,
): ReconnectAdvice {
  const [cause, general] = namesOf(trouble);
  const own = RECONNECT_RULES[cause];
  const row: ReconnectRow = own ?? RECONNECT_RULES[general] ?? RECONNECT_RULES['program-error'];
  // The more exact name goes first, and at each step what the policy says.
  const rule = policy.rules[cause] ?? own?.rule ?? policy.rules[general] ?? row.rule;
  const { because } = row;
  const { failures, redirectsLeft, resourceDropped = false } = history;
  const changes: ReconnectChanges = row.resource === undefined ? {} : { resource: row.resource };
  if (rule === 'give-up') return { action: 'give-up', cause, because, changes };
  const isRedirect = cause === 'stream-error/see-other-host' || cause === 'closed-by-peer/see-other-uri';
  const elsewhere = isRedirect && redirectsLeft > 0 ? elsewhereOf(trouble) : undefined;
  // A redirection that is followed is no failure.
  if (failures >= policy.maxFailures && elsewhere === undefined) {
    const last = `${because}; it is failure ${failures + 1} in a row, and maxFailures is ${policy.maxFailures}`;
    return { action: 'give-up', cause, because: last, changes };
  }
  const reconnect = (as: ReconnectRule, changes: ReconnectChanges, isNew: boolean): ReconnectAdvice => ({
    action: 'reconnect',
    cause,
    because,
    delay:
      as === 'at-once' && isNew
        ? { min: 0, max: 0 }
        : delayWindow(as === 'late' ? lateBy(history, policy) : failures, policy),
    changes,
  });
  if (elsewhere !== undefined) return reconnect(rule, { ...changes, ...elsewhere }, true);
  if (isRedirect) return reconnect('late', changes, false);
  return reconnect(rule, changes, changes.resource === undefined ? failures === 0 : !resourceDropped);
}

/** The name of what happened, and the more general name that stands for it where there is no row of its own. */
export function namesOf(trouble: CloseCause | Error): Names {
  if (trouble instanceof XmppConnectError) return namesOfError(trouble.code, closeCauseOf(trouble));
  if (trouble instanceof Error) return ['program-error', 'program-error'];
  switch (trouble.code) {
    case 'stream-error-received':
      return [`stream-error/${trouble.error.condition}`, 'stream-error'];
    case 'peer-misbehaved':
      return trouble.violation === 'success-unverified'
        ? ['peer-misbehaved/success-unverified', trouble.code]
        : [trouble.code, trouble.code];
    case 'closed-by-peer':
      return trouble.seeOtherUri === undefined
        ? [trouble.code, trouble.code]
        : ['closed-by-peer/see-other-uri', trouble.code];
    case 'closed-locally':
      // RFC 6120 §13.7.2.3: a connection whose peer's certificate expires closes itself with reset.
      return trouble.reason?.condition === 'reset'
        ? ['closed-locally/reset', trouble.code]
        : [trouble.code, trouble.code];
    case 'negotiation-failed':
      return namesOfError(trouble.condition === undefined ? FAILED_AT[trouble.at] : REFUSED_AT[trouble.at], trouble);
    default:
      return [trouble.code, trouble.code];
  }
}

type NegotiationFailed = Extract<CloseCause, { readonly code: 'negotiation-failed' }>;

// What connect() makes of a negotiation that failed, for whoever asks with the close cause itself.
const FAILED_AT = {
  accept: 'stream-error',
  tls: 'tls-not-offered',
  sasl: 'sasl-failed',
  bind: 'bind-failed',
} as const satisfies Record<NegotiationFailed['at'], ConnectErrorCode>;
const REFUSED_AT = { ...FAILED_AT, sasl: 'sasl-refused', bind: 'bind-refused' } as const;

type Names = readonly [cause: ReconnectCause, general: ReconnectCause];

function namesOfError(code: ConnectErrorCode, cause: CloseCause | undefined): Names {
  if (cause?.code === 'stream-error-received' && code === 'stream-error') {
    return [`stream-error/${cause.error.condition}`, code];
  }
  if (cause?.code === 'peer-misbehaved' && cause.violation === 'success-unverified') {
    return ['stream-misbehaved/success-unverified', code];
  }
  if (cause?.code === 'negotiation-failed' && cause.condition !== undefined && code.endsWith('-refused')) {
    // At SASL the condition is one of SASL's, at binding one of a stanza's: the type does not tie the two together.
    return [`${code}/${cause.condition}` as ReconnectCause, code];
  }
  return [code, code];
}

const CLOSE_CODES: ReadonlySet<unknown> = new Set<CloseCause['code']>([
  'peer-misbehaved',
  'peer-incompatible',
  'negotiation-failed',
  'stream-error-received',
  'timed-out',
  'unexpected-eof',
  'closed-by-peer',
  'closed-locally',
]);

/** The close cause that an error of `connect` was made of, where it was. */
function closeCauseOf({ cause }: Error): CloseCause | undefined {
  const isCloseCause =
    typeof cause === 'object' &&
    cause !== null &&
    !(cause instanceof Error) &&
    'code' in cause &&
    CLOSE_CODES.has(cause.code);
  // Nothing else that is no Error has one of these codes.
  return isCloseCause ? (cause as CloseCause) : undefined;
}

function lateBy({ failures }: ReconnectHistory, { lateFrom }: ReconnectPolicy): number {
  return Math.max(failures, lateFrom);
}

/** Where the server wants us to go, if that is a place. */
function elsewhereOf(trouble: CloseCause | Error): Pick<ReconnectChanges, 'redirect' | 'seeOtherUri'> | undefined {
  const cause = trouble instanceof Error ? closeCauseOf(trouble) : trouble;
  if (cause?.code === 'closed-by-peer') {
    const seeOtherUri = parseSeeOtherUri(cause.seeOtherUri ?? '');
    return seeOtherUri === undefined ? undefined : { seeOtherUri };
  }
  const redirect = cause?.code === 'stream-error-received' ? parseRedirect(cause.error.host ?? '') : undefined;
  return redirect === undefined ? undefined : { redirect };
}
