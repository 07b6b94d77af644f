import { createServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServerTls } from '../../src/tls/server-tls.ts';
import { makeSelfSigned } from '../support/certificates.ts';
import { socketPair } from '../support/sockets.ts';

vi.mock('node:tls', { spy: true });
afterEach(() => void vi.restoreAllMocks());

describe('the certificate for the name that a client sends', () => {
  it('is an error to Node, and no exception, when looking it up throws', async () => {
    const failure = new Error('the store is gone');
    const certificate = await makeSelfSigned({});
    const tls = new ServerTls(
      {
        certificates(domain) {
          if (domain === 'broken.example') throw failure;
          return certificate;
        },
      },
      'client',
    );
    const { client, server, close } = await socketPair();
    client.end();
    await expect(tls.secure(server, undefined)).rejects.toThrow('ended during the TLS handshake');
    await close();
    // It was called by `secure`, with its options first. Not every Node catches what this callback throws.
    const options = vi.mocked(createServer).mock.calls[0]?.[0];
    const answers: unknown[] = [];
    options?.SNICallback?.('Broken.example', (...answer) => answers.push(answer));
    options?.SNICallback?.('im.example.com', (...answer) => answers.push(answer));
    expect(answers).toEqual([[failure], [null, undefined]]);
  });
});
