/** Where an initiating entity is. */
export type InitiatingPhase =
  | 'unopened'
  | 'awaiting-header'
  | 'awaiting-features'
  | 'negotiating'
  | 'switching-to-tls'
  | 'established'
  | 'closing'
  | 'closed';

/** Where a receiving entity is. */
export type ReceivingPhase =
  | 'awaiting-header'
  | 'accepting'
  | 'offering'
  | 'negotiating'
  | 'switching-to-tls'
  | 'established'
  | 'closing'
  | 'closed';

export type Phase = InitiatingPhase | ReceivingPhase;

/** What can arrive on a stream, as far as the order of things is concerned. */
export type Incoming = ElementKind | 'header' | 'stream-error' | 'closing-tag' | 'whitespace';

/** What a first-level element can be, as far as the order of things is concerned. */
export type ElementKind = 'features' | 'negotiation' | 'stanza' | 'extension';

// RFC 6120 §4.3.7 as a table: what may arrive in which phase. Everything else is a violation; nothing is skipped.
// An open blocking ask stops parsing, so `accepting` and `switching-to-tls` see nothing: there any byte waits or is fatal.

/** What may arrive at an initiating entity. */
export const INITIATING_LEGAL: Readonly<Record<InitiatingPhase, readonly Incoming[]>> = {
  unopened: [],
  'awaiting-header': ['header'],
  'awaiting-features': ['features', 'stream-error', 'closing-tag', 'whitespace'],
  // RFC 6120 §4.3.5 keeps the initiating entity from sending stanzas, not the other one.
  negotiating: ['negotiation', 'stanza', 'stream-error', 'closing-tag', 'whitespace'],
  'switching-to-tls': [],
  established: ['stanza', 'extension', 'features', 'stream-error', 'closing-tag', 'whitespace'],
  closing: ['header', 'features', 'negotiation', 'stanza', 'extension', 'stream-error', 'closing-tag', 'whitespace'],
  closed: [],
};

/** What may arrive at a receiving entity. */
export const RECEIVING_LEGAL: Readonly<Record<ReceivingPhase, readonly Incoming[]>> = {
  'awaiting-header': ['header'],
  accepting: [],
  offering: ['negotiation', 'stream-error', 'closing-tag', 'whitespace'],
  negotiating: ['negotiation', 'stream-error', 'closing-tag', 'whitespace'],
  'switching-to-tls': [],
  established: ['stanza', 'extension', 'stream-error', 'closing-tag', 'whitespace'],
  closing: ['header', 'negotiation', 'stanza', 'extension', 'stream-error', 'closing-tag', 'whitespace'],
  closed: [],
};
