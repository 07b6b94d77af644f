// What core's tests, and not core, use of Node's globals: Buffer as the twin that our own code is compared with. The one for
// browsers lacks the methods that are one encoding each.
import { Buffer } from 'buffer/index.js';

for (const encoding of ['latin1', 'ascii', 'ucs2', 'utf8']) {
  Object.defineProperty(Buffer.prototype, `${encoding}Slice`, {
    /** @this {Uint8Array} @param {number} start @param {number} end */
    value(start, end) {
      return Buffer.from(this.subarray(start, end)).toString(encoding);
    },
  });
}
Object.assign(globalThis, { Buffer, process: { env: {} } });
