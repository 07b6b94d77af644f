/** Version of the stream protocol, `<major>.<minor>` as two integers (RFC 6120 §4.7.5). */
export interface StreamVersion {
  readonly major: number;
  readonly minor: number;
}

/** What this library speaks. */
export const XMPP_1_0: StreamVersion = { major: 1, minor: 0 };

// RFC 6120 §4.7.5: two separate integers; leading zeros are ignored when they come.
const VERSION = /^0*(\d{1,9})\.0*(\d{1,9})$/;

/** Reads a version attribute; `undefined` when it is none. */
export function parseVersion(text: string): StreamVersion | undefined {
  const match = VERSION.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Negative, zero or positive as `a` is lower than, equal to or higher than `b`: numbers are compared, not texts. */
export function compareVersions(a: StreamVersion, b: StreamVersion): number {
  return a.major - b.major || a.minor - b.minor;
}

/** The text form, without leading zeros. */
export function formatVersion(version: StreamVersion): string {
  return `${version.major}.${version.minor}`;
}
