import type { CloseCause } from '@xmpp-wire/core';

/** Why a session ended, for logs. */
export interface ExplainedEnd {
  /** The code of the cause, with what tells causes of one code apart: `timed-out/idle`, `closed-locally/conflict`. */
  readonly name: string;
  readonly message: string;
}

/** Says why a session that was established has ended. What the peer said may be in the message. */
export function explainEnd(cause: CloseCause): ExplainedEnd {
  const { code } = cause;
  switch (code) {
    case 'closed-by-peer':
      return { name: code, message: 'it logged out' };
    case 'unexpected-eof':
      return { name: code, message: 'the connection was cut' };
    case 'timed-out':
      return { name: `${code}/${cause.timer}`, message: `nothing came from it in time (${cause.timer})` };
    case 'closed-locally':
      return explainOwn(cause.reason?.condition, cause.reason?.text);
    case 'stream-error-received': {
      const { condition } = cause.error;
      return { name: `${code}/${condition}`, message: `it ended the stream with ${condition}` };
    }
    case 'peer-misbehaved':
      return { name: `${code}/${cause.violation}`, message: `it broke a rule: ${cause.violation}, ${cause.detail}` };
    case 'peer-incompatible':
    case 'negotiation-failed':
      return { name: code, message: cause.detail };
  }
}

function explainOwn(condition: string | undefined, text: string | undefined): ExplainedEnd {
  if (condition === undefined) return { name: 'closed-locally', message: 'the server closed the stream' };
  const why = text === undefined ? condition : `${condition}, ${text}`;
  return { name: `closed-locally/${condition}`, message: `the server ended the stream: ${why}` };
}
