import type { Jid, JidPreparation } from '../jid/index.ts';
import type { ContentNamespace } from '../namespaces.ts';

/** A simple user name and a password (RFC 6120 §6.3.7). */
export interface PasswordCredentials {
  readonly authcid: string;
  readonly password: string;
}

/** What the negotiations of an initiating entity work from: its configuration, checked and completed. */
export interface InitiatingSettings {
  /** The domain the user asked for. */
  readonly domain: Jid;
  /** Our own bare JID, where the application told it. */
  readonly from: Jid | undefined;
  readonly contentNamespace: ContentNamespace;
  readonly credentials: PasswordCredentials | undefined;
  /** Whom to act as where that is not the account itself (RFC 6120 §6.3.8). */
  readonly authzid: Jid | undefined;
  readonly authenticateBy: 'password' | 'certificate' | 'none';
  readonly mechanisms: readonly string[] | undefined;
  readonly pinnedMechanism: string | undefined;
  readonly resource: string | undefined;
  readonly jidPreparation: JidPreparation;
}
