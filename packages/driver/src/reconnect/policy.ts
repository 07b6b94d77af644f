import { checkOptions, OPTION_KINDS, type OptionKinds } from '../check-options.ts';
import { RECONNECT_RULES, type ReconnectCause, type ReconnectRule } from './rules.ts';

/** A stretch of time in milliseconds: the delay is drawn from it. */
export interface DelayWindow {
  readonly min: number;
  readonly max: number;
}

/** When a session comes back, and when it does not. All times are in milliseconds. */
export interface ReconnectPolicy {
  /** The window of the first attempt after a connection that was stable. */
  readonly first: DelayWindow;
  /** By what the end of the window grows with each failure. */
  readonly factor: number;
  /** The end of the window never comes later than this. */
  readonly longest: number;
  /** The part of every window but the first that is random: 0.5 draws from its later half, 1 from all of it, 0 not at all. */
  readonly jitter: number;
  /** How many failures a cause of the rule `late` counts for, at least. */
  readonly lateFrom: number;
  /** How long a connection has to last for the failures before it to be forgotten. */
  readonly stableAfter: number;
  /** How many failures in a row are put up with; one more, and it gives up. */
  readonly maxFailures: number;
  /** Other rules than those of `RECONNECT_RULES`, by cause. */
  readonly rules: Readonly<Partial<Record<ReconnectCause, ReconnectRule>>>;
}

/** The name of one of {@link RECONNECT_PRESETS}. */
export type ReconnectPreset = 'rfc6120' | 'interactive' | 'fleet';

const rfc6120: ReconnectPolicy = {
  // RFC 6120 §3.3: first an unpredictable number of seconds from 0 to 60, then truncated binary exponential backoff.
  first: { min: 0, max: 60_000 },
  factor: 2,
  longest: 600_000,
  jitter: 0.5,
  lateFrom: 2,
  stableAfter: 60_000,
  maxFailures: Infinity,
  rules: {},
};

/**
 * Policies to begin with.
 *
 * - `rfc6120`, the default: what RFC 6120 §3.3 asks for. It spares a server that comes back after a failure.
 * - `interactive`: somebody is looking at the screen. Within a second first, then up to a minute apart.
 * - `fleet`: very many of the same. Spread over five minutes first, then up to an hour apart.
 *
 * @example
 * ```ts
 * import { RECONNECT_PRESETS } from '@xmpp-wire/driver';
 *
 * const policy = { ...RECONNECT_PRESETS.interactive, maxFailures: 20 };
 * policy.first.max; // 1000
 * ```
 */
export const RECONNECT_PRESETS: Readonly<Record<ReconnectPreset, ReconnectPolicy>> = {
  rfc6120,
  interactive: { ...rfc6120, first: { min: 0, max: 1000 }, longest: 60_000, lateFrom: 4, stableAfter: 10_000 },
  fleet: { ...rfc6120, first: { min: 0, max: 300_000 }, longest: 3_600_000 },
};

// What is undefined is demanded below.
const POLICY: OptionKinds<ReconnectPolicy> = {
  first: ['a window from min to max', OPTION_KINDS.object[1]],
  factor: undefined,
  longest: undefined,
  jitter: undefined,
  lateFrom: undefined,
  stableAfter: undefined,
  maxFailures: undefined,
  rules: OPTION_KINDS.object,
};

/**
 * Fills in what a policy leaves out from the preset `rfc6120`.
 *
 * @throws TypeError when a number makes no sense, or there is no such option, cause or rule.
 */
export function completePolicy(policy: ReconnectPreset | Partial<ReconnectPolicy> = 'rfc6120'): ReconnectPolicy {
  if (typeof policy === 'string' && !Object.hasOwn(RECONNECT_PRESETS, policy)) {
    throw new TypeError(
      `'reconnect' is one of ${Object.keys(RECONNECT_PRESETS).join(', ')}, or a policy, not ${JSON.stringify(policy)}`,
    );
  }
  if (typeof policy !== 'string') {
    checkOptions<Partial<ReconnectPolicy>>("'reconnect'", policy, POLICY);
    checkRules(policy.rules ?? {});
  }
  const complete = typeof policy === 'string' ? RECONNECT_PRESETS[policy] : { ...rfc6120, ...policy };
  const { first, factor, longest, jitter, lateFrom, stableAfter, maxFailures } = complete;
  demand(isTime(first.min) && isTime(first.max) && first.min <= first.max, 'first', 'a window from min to max', first);
  demand(factor >= 1 && Number.isFinite(factor), 'factor', 'a number from 1', factor);
  demand(isTime(longest) && longest >= first.max, 'longest', 'milliseconds, not less than first.max', longest);
  demand(jitter >= 0 && jitter <= 1, 'jitter', 'a number from 0 to 1', jitter);
  demand(isCount(lateFrom), 'lateFrom', 'a whole number from 0', lateFrom);
  demand(isTime(stableAfter), 'stableAfter', 'milliseconds', stableAfter);
  demand(maxFailures === Infinity || isCount(maxFailures), 'maxFailures', 'a whole number from 0', maxFailures);
  return complete;
}

// A cause with a condition need not have a row of its own: there are as many as conditions.
function checkRules(rules: ReconnectPolicy['rules']): void {
  for (const [cause, rule] of Object.entries(rules)) {
    const [general = ''] = cause.split('/');
    if (!CAUSES.has(cause) && !CAUSES.has(general)) {
      throw new TypeError(`'reconnect.rules' has no cause '${cause}'; RECONNECT_RULES has those that there are`);
    }
    if (rule !== undefined && !RULES.includes(rule)) {
      throw new TypeError(`'reconnect.rules' has for '${cause}' ${RULES.join(', ')}, not ${JSON.stringify(rule)}`);
    }
  }
}

const RULES: readonly ReconnectRule[] = ['at-once', 'soon', 'late', 'give-up'];
const CAUSES = new Set(Object.keys(RECONNECT_RULES).flatMap((cause) => [cause, cause.split('/')[0] ?? '']));

/** The window from which the delay behind so many failures is drawn. */
export function delayWindow(failures: number, policy: ReconnectPolicy): DelayWindow {
  if (failures === 0) return policy.first;
  // RFC 6120 §3.3: truncated exponential backoff. A window of nothing would never grow, so it begins with a second.
  const begin = Math.max(policy.first.max, Math.min(1000, policy.longest));
  const max = Math.min(policy.longest, begin * policy.factor ** Math.min(failures, MAX_EXPONENT));
  return { min: max * (1 - policy.jitter), max };
}

/** Beyond this the windows of any policy have long reached their longest, and a power would overflow. */
const MAX_EXPONENT = 64;

function demand(holds: boolean, name: string, what: string, came: unknown): void {
  if (!holds)
    throw new TypeError(
      `'reconnect.${name}' is ${what}, not ${typeof came === 'number' ? came : JSON.stringify(came)}`,
    );
}

// The longest that timers can be set to.
const isTime = (value: number): boolean => value >= 0 && value <= 2 ** 31 - 1;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
