/** What keeps a server from starting, from taking a certificate, or an account from being changed. */
export type ServerErrorCode =
  /** Another program listens there. */
  | 'port-taken'
  /** The system does not let this user listen there. */
  | 'port-forbidden'
  /** This machine does not have the address. */
  | 'address-unavailable'
  /** The certificate or its key cannot be read, or they are no pair. */
  | 'certificate-unusable'
  /** The certificate that the server made for itself could not be put on the disk. */
  | 'certificate-not-written'
  /** The account file is not what was written; it was not touched. */
  | 'accounts-damaged'
  /** The account file cannot be read. */
  | 'accounts-unreadable'
  /** The account file could not be written, as on a full disk; it is as it was. */
  | 'accounts-not-written'
  /** Another server, or a command that takes long, has the account file. */
  | 'accounts-in-use'
  | 'account-exists'
  | 'account-unknown'
  /** The address or the password cannot be that of an account. */
  | 'account-unusable'
  /** The configuration file makes no sense. */
  | 'configuration-invalid';

/** An error that has a name: `code`. The message says what to do; `cause` is what is behind it. */
export class ServerError extends Error {
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ServerError';
    this.code = code;
  }
}

/** What the system calls an error, such as ENOSPC. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
