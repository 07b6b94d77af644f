import { LocalProtocolError } from '../errors.ts';
import { parseJid, type Jid, type JidPreparation } from '../jid/index.ts';
import { isSaslMechanism } from '../sasl/index.ts';
import { isLanguageTag } from '../stream/language.ts';
import { XmlElement } from '../xml/index.ts';

/**
 * On what terms a receiving entity accepts a stream for one of its hosts: the answer to `accept-stream`. STARTTLS is not
 * a term: it is offered, and required, exactly while nothing protects the connection (RFC 6120 §5.3.1, rule S6).
 */
export interface StreamPolicy {
  /** The host, as `from` of the response header. */
  readonly domain: string;
  /** Languages this host writes its own texts in, the default first (RFC 6120 §4.7.4). Default `['en']`. */
  readonly languages?: readonly string[];
  /** SASL mechanisms to offer, in this order; -PLUS forms leave by themselves when there is no channel binding. */
  readonly mechanisms: readonly string[];
  /** Where PLAIN is checked: against SCRAM keys (default), or by the application. */
  readonly plain?:
    | { readonly check: 'scram-keys'; readonly hash: 'SHA-1' | 'SHA-256' | 'SHA-512' }
    | { readonly check: 'application' };
  /** Key of the decoy salts that unknown accounts get; at least 16 bytes, the same for all connections (rule S21). */
  readonly decoySecret: Uint8Array;
  /** Iterations that decoys claim; use what the real accounts have. Default 4096. */
  readonly decoyIterations?: number;
  /** Times that a failed authentication may be tried again: 2 to 5 (RFC 6120 §6.4.5). Default 2. */
  readonly authenticationRetries?: number;
  /** Times that a failed binding may be tried again: 5 to 10 (RFC 6120 §7.7.3). Default 5. */
  readonly bindRetries?: number;
  /** Advertisements of extensions, added to the features after authentication as they are. */
  readonly extraFeatures?: readonly XmlElement[];
}

/**
 * Checks an answer to `accept-stream` and returns its domain as an address.
 *
 * @throws LocalProtocolError `answer-invalid`.
 */
export function checkPolicy(policy: StreamPolicy, preparation: JidPreparation): Jid {
  const domain = domainOf(policy.domain, preparation);
  if (!(policy.decoySecret instanceof Uint8Array) || policy.decoySecret.length < 16) {
    throw invalid(
      'expected a decoySecret of at least 16 bytes; make one at random when the server is set up and keep it',
    );
  }
  checkRetries('authenticationRetries', policy.authenticationRetries, 2, 5);
  checkRetries('bindRetries', policy.bindRetries, 5, 10);
  if (!Array.isArray(policy.mechanisms) || policy.mechanisms.length === 0)
    throw invalid('expected at least one mechanism');
  for (const name of policy.mechanisms) {
    if (!isSaslMechanism(name))
      throw invalid(`${JSON.stringify(name)} is not a mechanism that is spoken here; leave it out`);
  }
  const iterations = policy.decoyIterations ?? 4096;
  if (!Number.isInteger(iterations) || iterations < 1)
    throw invalid(`decoyIterations is a positive whole number, not ${iterations}`);
  const { plain } = policy;
  if (plain !== undefined && plain.check !== 'application' && !['SHA-1', 'SHA-256', 'SHA-512'].includes(plain.hash)) {
    throw invalid(
      "plain is { check: 'application' } or { check: 'scram-keys', hash: 'SHA-1', 'SHA-256' or 'SHA-512' }",
    );
  }
  for (const feature of policy.extraFeatures ?? []) {
    if (!(feature instanceof XmlElement)) throw invalid('extraFeatures are elements made by xml()');
  }
  for (const lang of policy.languages ?? [])
    if (!isLanguageTag(lang)) throw invalid(`${JSON.stringify(lang)} is no language tag`);
  return domain;
}

/**
 * The address of a host of ours, named in an answer to `accept-stream`.
 *
 * @throws LocalProtocolError `answer-invalid`.
 */
export function domainOf(text: string, preparation: JidPreparation): Jid {
  const parsed = parseJid(text, preparation);
  if (!parsed.ok || !parsed.jid.isDomain) throw invalid(`expected a domain, came ${JSON.stringify(text)}`);
  return parsed.jid;
}

// RFC 6120 §6.4.5, §7.7.3: neither so few that a typing error locks people out nor so many that guessing pays.
function checkRetries(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw invalid(`${name} is ${least} to ${most}, not ${value}`);
}

function invalid(what: string): LocalProtocolError {
  return new LocalProtocolError('answer-invalid', `the answer to accept-stream cannot be used: ${what}`);
}
