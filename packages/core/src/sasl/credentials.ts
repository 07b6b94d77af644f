import { LocalProtocolError } from '../errors.ts';
import { isTrace } from './anonymous.ts';
import { saslPrep, type Preparation } from './saslprep.ts';

/** What a client can authenticate with; each mechanism takes what it needs. */
export interface ClientCredentials {
  /** SCRAM and PLAIN. The authcid is a simple user name, the localpart as a rule (RFC 6120 §6.3.7). */
  readonly password?: { readonly authcid: string; readonly password: string } | undefined;
  /** EXTERNAL: the transport presented a certificate. */
  readonly certificate?: boolean | undefined;
  /** ANONYMOUS. */
  readonly anonymous?: boolean | undefined;
  /** Whom to act as where that is another identity (RFC 6120 §6.3.8); never one's own, except where XEP-0178 wants it. */
  readonly authzid?: string | undefined;
  /** ANONYMOUS: what to say about oneself (RFC 4505). */
  readonly trace?: string | undefined;
}

/**
 * Checks credentials before they are needed, so that a mistake shows where it was made.
 *
 * @throws LocalProtocolError `configuration-invalid` for a name or a password that SASLprep refuses or empties (RFC 4013), an
 * authzid that is empty or has a NUL, a trace that is too long or has control characters
 * @example
 * ```ts
 * import { checkCredentials } from '@xmpp-wire/core/sasl';
 * checkCredentials({ password: { authcid: 'juliet', password: 'r0m30myr0m30' } });
 * ```
 */
export function checkCredentials(credentials: ClientCredentials, preparation: Preparation = saslPrep): void {
  const { password, authzid, trace } = credentials;
  if (password !== undefined && preparedForScram(password, preparation) === undefined) {
    throw invalid(
      'SASLprep (RFC 4013) refuses the authcid or the password, or leaves nothing of it; use ones without control ' +
        'characters and mixed directions, and a password without characters newer than Unicode 3.2',
    );
  }
  if (authzid !== undefined && !isText(authzid))
    throw invalid('an authzid is not empty and has no NUL; leave it out where there is none');
  if (trace !== undefined && !isTrace(trace))
    throw invalid('a trace has at most 255 characters and no control characters');
}

/** The name and the password as SCRAM hashes them; undefined where SASLprep refuses one. */
export function preparedForScram(
  credentials: { readonly authcid: string; readonly password: string },
  preparation: Preparation,
): { readonly authcid: string; readonly password: string } | undefined {
  // RFC 5802 §5.1: the name is a query. §2.2: the password is a stored string.
  const authcid = preparation(credentials.authcid, 'query');
  const password = preparation(credentials.password, 'stored');
  return authcid && password ? { authcid, password } : undefined;
}

/** Tells whether a text can stand in a SASL message: there is something, it is Unicode, and no NUL ends it early. */
export function isText(text: string): boolean {
  return text !== '' && !/[\0\p{Cs}]/u.test(text);
}

function invalid(message: string): LocalProtocolError {
  return new LocalProtocolError('configuration-invalid', message);
}
