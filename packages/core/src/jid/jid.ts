import { LocalProtocolError } from '../errors.ts';
import { asciiPreparation } from './ascii.ts';
import { checkIpLiteral } from './ip-literal.ts';
import type { JidError, JidPart, JidPreparation, PartProblem } from './preparation.ts';

/** What {@link parseJid} answers. */
export type JidResult = { readonly ok: true; readonly jid: Jid } | { readonly ok: false; readonly error: JidError };

/** The parts to make a JID of. */
export interface JidParts {
  readonly localpart?: string | undefined;
  readonly domainpart: string;
  readonly resourcepart?: string | undefined;
}

/** Longest part of a JID, in bytes of UTF-8 (RFC 7622 §3.1). */
export const MAX_PART_BYTES = 1023;

// Filled by the class itself while it is defined: nothing outside this file can make an unchecked Jid.
let makeJid: (localpart: string | undefined, domainpart: string, resourcepart: string | undefined) => Jid;

/**
 * An address of XMPP (RFC 7622): checked, in canonical form, and unchangeable. Every one there is went through
 * {@link parseJid}, {@link jid} or their kin, so holding one is proof that it is well-formed.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core/jid';
 *
 * const juliet = jid('Juliet@im.example.com/balcony');
 * juliet.localpart; // 'juliet'
 * juliet.bare.toString(); // 'juliet@im.example.com'
 * juliet.equals(jid('juliet@im.example.com/balcony')); // true
 * ```
 */
export class Jid {
  static {
    makeJid = (localpart, domainpart, resourcepart) => new Jid(localpart, domainpart, resourcepart);
  }

  readonly localpart: string | undefined;
  readonly domainpart: string;
  readonly resourcepart: string | undefined;
  #bare: Jid | undefined;
  #text: string | undefined;

  private constructor(localpart: string | undefined, domainpart: string, resourcepart: string | undefined) {
    this.localpart = localpart;
    this.domainpart = domainpart;
    this.resourcepart = resourcepart;
  }

  /** The same address without its resourcepart (RFC 6120 §1.4); itself when it has none. */
  get bare(): Jid {
    if (this.resourcepart === undefined) return this;
    return (this.#bare ??= makeJid(this.localpart, this.domainpart, undefined));
  }

  /** Whether there is no resourcepart: `localpart@domainpart` or `domainpart`. */
  get isBare(): boolean {
    return this.resourcepart === undefined;
  }

  /** Whether there is nothing but a domainpart: the address of a server or of a service. */
  get isDomain(): boolean {
    return this.localpart === undefined && this.resourcepart === undefined;
  }

  /** Whether both addresses are the same, part for part (RFC 7622 §3.2.3). */
  equals(other: Jid): boolean {
    return (
      this === other ||
      (this.domainpart === other.domainpart &&
        this.localpart === other.localpart &&
        this.resourcepart === other.resourcepart)
    );
  }

  /**
   * The same address with this resourcepart instead of its own, for one that the caller wrote; use
   * {@link parseJidParts} for one that a peer sent.
   *
   * @throws {@link LocalProtocolError} `jid-invalid` when it is not a resourcepart.
   */
  withResource(resourcepart: string, preparation: JidPreparation = asciiPreparation): Jid {
    const prepared = prepareResourcepart(resourcepart, preparation);
    if (typeof prepared !== 'string') throw jidInvalid(resourcepart, { part: 'resourcepart', ...prepared });
    return makeJid(this.localpart, this.domainpart, prepared);
  }

  toString(): string {
    return (this.#text ??=
      (this.localpart === undefined ? '' : `${this.localpart}@`) +
      this.domainpart +
      (this.resourcepart === undefined ? '' : `/${this.resourcepart}`));
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Reads an address that somebody else wrote. It never throws; look at `ok`.
 *
 * @param preparation what enforces the rules of RFC 7622 on each part: ASCII only unless said otherwise.
 *
 * @example
 * ```ts
 * import { parseJid } from '@xmpp-wire/core/jid';
 *
 * const result = parseJid('ju liet@im.example.com');
 * if (!result.ok) result.error.part; // 'localpart'
 * ```
 */
export function parseJid(text: string, preparation: JidPreparation = asciiPreparation): JidResult {
  // RFC 7622 §3.2: cut at the first "/", then what is left at its first "@", before anything is mapped.
  const slash = text.indexOf('/');
  const head = slash === -1 ? text : text.slice(0, slash);
  const at = head.indexOf('@');
  return parseParts(
    at === -1 ? undefined : head.slice(0, at),
    at === -1 ? head : head.slice(at + 1),
    slash === -1 ? undefined : text.slice(slash + 1),
    preparation,
  );
}

/** Reads an address from parts that somebody else wrote, such as the resource that a client asks for. It never throws. */
export function parseJidParts(parts: JidParts, preparation: JidPreparation = asciiPreparation): JidResult {
  return parseParts(parts.localpart, parts.domainpart, parts.resourcepart, preparation);
}

/**
 * Reads an address that the caller wrote.
 *
 * @throws {@link LocalProtocolError} `jid-invalid` when it is not a JID.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core/jid';
 *
 * jid('juliet@im.example.com').domainpart; // 'im.example.com'
 * ```
 */
export function jid(text: string, preparation: JidPreparation = asciiPreparation): Jid {
  // Programs without types come this far with anything.
  if (typeof text !== 'string') {
    throw new LocalProtocolError('jid-invalid', `an address is read from a text, not from ${typeof text}`);
  }
  const result = parseJid(text, preparation);
  if (!result.ok) throw jidInvalid(text, result.error);
  return result.jid;
}

/**
 * Makes an address of parts that the caller wrote.
 *
 * @throws {@link LocalProtocolError} `jid-invalid` when they make no JID.
 */
export function jidFromParts(parts: JidParts, preparation: JidPreparation = asciiPreparation): Jid {
  const result = parseJidParts(parts, preparation);
  if (!result.ok) {
    throw jidInvalid([parts.localpart, parts.domainpart, parts.resourcepart].join(' | '), result.error);
  }
  return result.jid;
}

function parseParts(
  localpart: string | undefined,
  domainpart: string,
  resourcepart: string | undefined,
  preparation: JidPreparation,
): JidResult {
  const local =
    localpart === undefined
      ? undefined
      : withinLimits('localpart', localpart === '' ? '' : preparation.localpart(localpart));
  if (typeof local === 'object') return refused('localpart', local);
  const domain = prepareDomainpart(domainpart, preparation);
  if (typeof domain === 'object') return refused('domainpart', domain);
  const resource = resourcepart === undefined ? undefined : prepareResourcepart(resourcepart, preparation);
  if (typeof resource === 'object') return refused('resourcepart', resource);
  return { ok: true, jid: makeJid(local, domain, resource) };
}

function prepareDomainpart(text: string, preparation: JidPreparation): string | PartProblem {
  // RFC 7622 §3.2: a final dot goes before any other step is taken.
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '') return withinLimits('domainpart', name);
  return withinLimits('domainpart', name.startsWith('[') ? checkIpLiteral(name) : preparation.domainpart(name));
}

function prepareResourcepart(text: string, preparation: JidPreparation): string | PartProblem {
  return withinLimits('resourcepart', text === '' ? '' : preparation.resourcepart(text));
}

// RFC 7622 §3.2, §3.3, §3.4: lengths are those of the prepared part, in bytes.
function withinLimits(part: JidPart, prepared: string | PartProblem): string | PartProblem {
  if (typeof prepared !== 'string') return prepared;
  if (prepared === '') {
    const remedy = part === 'domainpart' ? 'every JID has one' : 'leave it out with its separator';
    return { rule: 'empty', message: `the ${part} is empty: ${remedy}` };
  }
  // A UTF-16 code unit becomes at most three bytes.
  if (prepared.length * 3 <= MAX_PART_BYTES) return prepared;
  const bytes = new TextEncoder().encode(prepared).length;
  if (bytes <= MAX_PART_BYTES) return prepared;
  return { rule: 'too-long', message: `the ${part} is ${bytes} bytes long, ${MAX_PART_BYTES} are allowed` };
}

function refused(part: JidPart, problem: PartProblem): JidResult {
  return { ok: false, error: { part, ...problem } };
}

function jidInvalid(text: string, error: JidError): LocalProtocolError {
  return new LocalProtocolError(
    'jid-invalid',
    `${JSON.stringify(text)} is no JID: in its ${error.part}, ${error.message}`,
  );
}
