import { base64Decode } from '../bytes/base64.ts';
import type { Gs2ChannelBinding } from './channel-binding.ts';

/** The values of `e=` that RFC 5802 §7 names and that a reader of messages can arrive at. */
export type ScramFaultName = 'invalid-encoding' | 'extensions-not-supported' | 'invalid-username-encoding';

/** Why a message is not one of SCRAM. */
export interface ScramFault {
  readonly fault: ScramFaultName;
  readonly detail: string;
}

/** RFC 5802 §7, `client-first-message`. */
export interface ClientFirst {
  /** Verbatim, with both commas: it comes back in `c=`. */
  readonly gs2Header: string;
  readonly flag: { readonly flag: 'n' } | { readonly flag: 'y' } | { readonly flag: 'p'; readonly type: string };
  readonly authzid: string | undefined;
  readonly username: string;
  readonly nonce: string;
  /** Verbatim, all after the gs2 header: it is hashed. */
  readonly bare: string;
}

/** RFC 5802 §7, `server-first-message`. */
export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  /** Not checked against any bound; Infinity where the digits are beyond all numbers. */
  readonly iterations: number;
  /** XEP-0474 §6.1, `h=`; undefined when the server sent none. */
  readonly downgradeProtection: string | undefined;
}

/** RFC 5802 §7, `client-final-message`. */
export interface ClientFinal {
  /** The octets of `c=`: gs2 header and channel-binding data. */
  readonly channelBinding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  /** Verbatim, all before the proof: it is hashed. */
  readonly withoutProof: string;
}

/** RFC 5802 §7, `server-error`: the exchange has failed. */
export interface ServerError {
  readonly serverError: string;
}

/** RFC 5802 §7, `server-final-message`. */
export type ServerFinal = { readonly verifier: Uint8Array } | ServerError;

/** Writes a gs2 header; the authzid is escaped as a `saslname`. */
export function gs2Header(binding: Gs2ChannelBinding, authzid: string | undefined): string {
  const flag = binding.flag === 'p' ? `p=${binding.type}` : binding.flag;
  return `${flag},${authzid === undefined ? '' : `a=${escapeName(authzid)}`},`;
}

/** RFC 5802 §5.1: `,` and `=` in names are sent as `=2C` and `=3D`. */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

/** Reads a `client-first-message`. */
export function readClientFirst(text: string): ClientFirst | ScramFault {
  const [cbind = '', authzidField, ...fields] = text.split(',');
  const flag = readFlag(cbind);
  if (flag === undefined) return invalid('a gs2 header begins with n, y or p=type');
  if (authzidField === undefined) return invalid('the gs2 header is cut short');
  const authzid = authzidField === '' ? undefined : readName(authzidField, 'a');
  if (isFault(authzid)) return authzid;
  const header = `${cbind},${authzidField},`;
  if (asksForExtension(fields)) return mandatoryExtension();
  const [nameField = '', nonceField = '', ...extensions] = fields;
  const username = readName(nameField, 'n');
  if (isFault(username)) return username;
  const nonce = readNonce(nonceField);
  if (nonce === undefined) return invalid('after the name comes r= with printable ASCII');
  return (
    checkExtensions(extensions) ?? {
      gs2Header: header,
      flag,
      authzid,
      username,
      nonce,
      bare: text.slice(header.length),
    }
  );
}

/** Reads a `server-first-message`, or the error that a server reports in place of it. */
export function readServerFirst(text: string): ServerFirst | ServerError | ScramFault {
  const fields = text.split(',');
  if (asksForExtension(fields)) return mandatoryExtension();
  // RFC 5802 §5.1: `e=` is of the server's last message, and that is the first one where it fails at once.
  const error = readServerError(fields);
  if (error !== undefined) return error;
  const [nonceField = '', saltField = '', iterationsField = '', ...extensions] = fields;
  const nonce = readNonce(nonceField);
  if (nonce === undefined) return invalid('the message begins with r= and printable ASCII');
  const salt = readBase64(saltField, 's');
  if (salt === undefined) return invalid('after the nonce comes s= with base64 of a salt');
  // RFC 5802 §7, `posit-number`.
  if (!/^i=[1-9][0-9]*$/.test(iterationsField)) return invalid('after the salt comes i= with a positive number');
  const hashes = extensions.filter((field) => field.startsWith('h='));
  if (hashes.length > 1) return invalid('h= comes once at most');
  return (
    checkExtensions(extensions) ?? {
      nonce,
      salt,
      iterations: Number(iterationsField.slice(2)),
      downgradeProtection: hashes[0]?.slice(2),
    }
  );
}

/** Reads a `client-final-message`. */
export function readClientFinal(text: string): ClientFinal | ScramFault {
  const fields = text.split(',');
  if (asksForExtension(fields)) return mandatoryExtension();
  const [bindingField = '', nonceField = '', ...rest] = fields;
  const channelBinding = readBase64(bindingField, 'c');
  if (channelBinding === undefined) return invalid('the message begins with c= and base64 of the gs2 header');
  const nonce = readNonce(nonceField);
  if (nonce === undefined) return invalid('after c= comes r= with printable ASCII');
  const proofField = rest.pop() ?? '';
  const fault = checkExtensions(rest);
  if (fault !== undefined) return fault;
  const proof = readBase64(proofField, 'p');
  if (proof === undefined) return invalid('the message ends with p= and base64 of a proof');
  return { channelBinding, nonce, proof, withoutProof: text.slice(0, text.length - proofField.length - 1) };
}

/** Reads a `server-final-message`. */
export function readServerFinal(text: string): ServerFinal | ScramFault {
  const fields = text.split(',');
  if (asksForExtension(fields)) return mandatoryExtension();
  const error = readServerError(fields);
  if (error !== undefined) return error;
  const [field = '', ...extensions] = fields;
  const verifier = readBase64(field, 'v');
  if (verifier === undefined) return invalid('the message begins with v= and base64, or with e=');
  return checkExtensions(extensions) ?? { verifier };
}

/** Tells what a reader gave back. */
export function isFault(result: object | string | undefined): result is ScramFault {
  return typeof result === 'object' && 'fault' in result;
}

function readServerError([field = '', ...extensions]: readonly string[]): ServerError | ScramFault | undefined {
  if (!/^e=[^\0]/.test(field)) return undefined;
  return checkExtensions(extensions) ?? { serverError: field.slice(2) };
}

function readFlag(field: string): ClientFirst['flag'] | undefined {
  if (field === 'n' || field === 'y') return { flag: field };
  // RFC 5802 §7, `cb-name`.
  return /^p=[A-Za-z0-9.-]+$/.test(field) ? { flag: 'p', type: field.slice(2) } : undefined;
}

// RFC 5802 §5.1: an equals sign in a name that does not begin =2C or =3D must fail the authentication.
function readName(field: string, attribute: string): string | ScramFault {
  const name = field.slice(2);
  if (!field.startsWith(`${attribute}=`) || name === '') return invalid(`expected ${attribute}= with a name`);
  if (name.includes('\0') || /=(?!2C|3D)/.test(name)) {
    return {
      fault: 'invalid-username-encoding',
      detail: `the name in ${attribute}= has a NUL, or an = that begins neither =2C nor =3D`,
    };
  }
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

// RFC 5802 §7, `printable`, one and more (erratum 2651).
function readNonce(field: string): string | undefined {
  return /^r=[!-+\--~]+$/.test(field) ? field.slice(2) : undefined;
}

function readBase64(field: string, attribute: string): Uint8Array | undefined {
  // An attribute has a value (`attr-val`): an empty salt, proof or verifier is none.
  return field.length > 2 && field.startsWith(`${attribute}=`) ? base64Decode(field.slice(2)) : undefined;
}

// RFC 5802 §5.1: `m` is refused wherever it stands, and the peer is told so whatever else is wrong with the message.
function asksForExtension(fields: readonly string[]): boolean {
  return fields.some((field) => field.startsWith('m='));
}

// RFC 5802 §5.1: what nobody has defined is ignored, and an attribute that is defined has its one place.
function checkExtensions(fields: readonly string[]): ScramFault | undefined {
  for (const field of fields) {
    if (!/^[A-Za-z]=[^\0]/.test(field) || field.includes('\0'))
      return invalid('an extension is a letter, = and a value');
    if (/^[aceinprsv]=/.test(field)) return invalid(`${field.slice(0, 2)} is out of its place`);
  }
  return undefined;
}

function invalid(detail: string): ScramFault {
  return { fault: 'invalid-encoding', detail };
}

function mandatoryExtension(): ScramFault {
  return { fault: 'extensions-not-supported', detail: 'm= asks for an extension that is not known here' };
}
