import rows from '../data/jid.json' with { type: 'json' };

/** One case of test/data/jid.json: expected parts are undefined where there is none. */
export interface JidVector {
  readonly id: string;
  readonly input: string;
  readonly expected:
    | { localpart: string | undefined; domainpart: string; resourcepart: string | undefined; text: string }
    | undefined;
  /** The parts that may be named as wrong when none is expected. */
  readonly badParts: readonly string[];
}

interface Row {
  readonly id: string;
  /** The text, or its code units where JSON cannot have it. */
  readonly input?: string;
  readonly inputUtf16?: readonly number[];
  readonly expect: {
    readonly valid: boolean;
    readonly local?: string | null;
    readonly domain?: string;
    readonly resource?: string | null;
    readonly jid?: string;
    readonly part?: string;
    readonly alsoBad?: string | readonly string[];
  };
}

export const JID_VECTORS: readonly JidVector[] = (rows as readonly Row[]).map(
  ({ id, input, inputUtf16 = [], expect }) => ({
    id,
    input: input ?? String.fromCharCode(...inputUtf16),
    expected: expect.valid
      ? {
          localpart: expect.local ?? undefined,
          domainpart: expect.domain ?? '',
          resourcepart: expect.resource ?? undefined,
          text: expect.jid ?? '',
        }
      : undefined,
    badParts: [expect.part ?? '', ...[expect.alsoBad ?? []].flat()],
  }),
);

/** Tells whether a JID is expected. */
export function isValid(vector: JidVector): vector is JidVector & { expected: object } {
  return vector.expected !== undefined;
}
