import type { ServerError } from '../server-error.ts';

/** What the program ends with; it is part of what users may rely on. */
export const EXIT = {
  done: 0,
  /** Something that nobody has foreseen. */
  failed: 1,
  /** The command line or the configuration file. */
  usage: 2,
  /** The account file, or an account. */
  accounts: 3,
  /** A port or an address. */
  listening: 4,
  certificate: 5,
  /** A second signal ended it at once. */
  interrupted: 130,
} as const;

/** The exit code of an error with a name. */
export function exitCodeOf({ code }: ServerError): number {
  switch (code) {
    case 'port-taken':
    case 'port-forbidden':
    case 'address-unavailable':
      return EXIT.listening;
    case 'certificate-unusable':
    case 'certificate-not-written':
      return EXIT.certificate;
    case 'configuration-invalid':
      return EXIT.usage;
    default:
      return EXIT.accounts;
  }
}
