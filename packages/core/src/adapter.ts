// What adapters import beside the entities: how bytes become text, and the tools of their trade.
export { bufferTextCodec, portableTextCodec, type BufferMethods, type TextCodec } from './bytes/text-codec.ts';
export { utf8Decode, utf8Encode } from './bytes/utf8.ts';
export { base64Decode, base64Encode } from './bytes/base64.ts';
export { equalBytes } from './bytes/constant-time.ts';
export { streamErrorElement } from './stream/stream-error.ts';
export { usableChannelBindings } from './sasl/channel-binding.ts';
