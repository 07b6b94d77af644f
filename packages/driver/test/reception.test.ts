import { describe, expect, it } from 'vitest';
import { Reception } from '../src/index.ts';
import type { ByteLink, LinkHandlers } from '../src/link.ts';

const ENDPOINT = { address: undefined, port: undefined };

describe('an onFailure that throws', () => {
  it('is reported, for a connection with a stream and for one without, and harms nobody', async () => {
    const errors: unknown[] = [];
    const thrown = new Error('the log is full');
    const reception = new Reception(
      {
        domain: 'im.example.com',
        asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
        onConnection() {},
        onError: (error) => errors.push(error),
        onFailure() {
          throw thrown;
        },
      },
      'bytes',
    );
    reception.admit(ENDPOINT, ENDPOINT, () => {})?.failed(new Error('no TLS'));
    expect(errors).toEqual([thrown]);

    let handlers: LinkHandlers | undefined;
    const link: ByteLink = {
      carries: 'bytes',
      local: ENDPOINT,
      remote: ENDPOINT,
      bufferedOutput: 0,
      attach: (given) => (handlers = given),
      pause() {},
      resume() {},
      write() {},
      end() {},
      abort() {},
    };
    reception.admit(ENDPOINT, ENDPOINT, () => {})?.serve(link, { kind: 'trusted' });
    handlers?.onClose();
    expect(errors).toEqual([thrown, thrown]);
    expect(reception.size).toBe(0);
    await reception.close();
  });
});
