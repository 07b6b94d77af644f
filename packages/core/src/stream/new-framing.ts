import type { TextCodec } from '../bytes/text-codec.ts';
import { LocalProtocolError } from '../errors.ts';
import type { XmlLimits } from '../limits.ts';
import { TcpFraming } from './framing-tcp.ts';
import { WebSocketFraming } from './framing-websocket.ts';
import type { Framing } from './framing.ts';

/** What carries the streams: a stream of bytes (RFC 6120 §3), or whole messages (RFC 7395). */
export type Transport = 'bytes' | 'messages';

/** How streams lie on a transport. */
export function newFraming(transport: Transport, limits: XmlLimits, textCodec: TextCodec | undefined): Framing {
  return transport === 'bytes' ? new TcpFraming(limits, textCodec) : new WebSocketFraming(limits, textCodec);
}

/**
 * Bytes and messages have members of their own.
 *
 * @throws LocalProtocolError `wrong-transport`.
 */
export function expectTransport(actual: Transport, needed: Transport, member: string): void {
  if (actual === needed) return;
  throw new LocalProtocolError(
    'wrong-transport',
    `${member}() is for transport '${needed}', this entity has '${actual}'; see 'transport' in the configuration`,
  );
}

/**
 * Checks that bytes came as such. Programs without types may read their transport as text, where a character that was cut is
 * lost by then, or pass what holds bytes and has no length, which would count as nothing.
 *
 * @throws LocalProtocolError `wrong-transport`.
 */
export function expectBytes(bytes: unknown): void {
  if (ArrayBuffer.isView(bytes)) return;
  throw new LocalProtocolError('wrong-transport', `receive() is for bytes, a Uint8Array, not for ${typeof bytes}`);
}
