/** What a tab knows across a reload: only this tab, and only until it is closed. */
export interface Remembered {
  readonly login?: Login;
  readonly lines: readonly Line[];
}

/** With what to log in. */
export interface Login {
  readonly jid: string;
  readonly password: string;
  readonly url?: string;
  /** Whom to talk to at first. */
  readonly friend?: string;
}

/** One line of the conversation. */
export interface Line {
  readonly kind: 'mine' | 'theirs' | 'note';
  readonly text: string;
  readonly from?: string;
}

const KEY = 'xmpp-wire-chat';

export function remembered(): Remembered {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    // It is what this tab wrote itself.
    return { lines: [], ...(stored as Partial<Remembered>) };
  } catch {
    return { lines: [] };
  }
}

export function remember(what: Remembered): void {
  sessionStorage.setItem(KEY, JSON.stringify(what));
}
