/** What a side of SCRAM accepts of its peer (rule S8). */
export interface ScramLimits {
  /** Clients: fewer iterations are refused. Default 4096, what RFC 5802 §5.1 and RFC 7677 §4 ask of servers. */
  readonly minIterations: number;
  /**
   * Clients: more iterations are refused, or a hostile server could keep them busy at will (RFC 5802 §9). Default 2 000 000:
   * more than any published recommendation for PBKDF2, and seconds, not minutes, of the slowest derivation there is.
   */
  readonly maxIterations: number;
  /** Characters that the peer adds to the nonce at least. Default 8; what peers send has 16 and more. */
  readonly minNonceLength: number;
}

export const DEFAULT_SCRAM_LIMITS: ScramLimits = { minIterations: 4096, maxIterations: 2_000_000, minNonceLength: 8 };
