import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchExpiry } from '../../src/tls/expiry.ts';
import { makeSelfSigned } from '../support/certificates.ts';

const DAY = 86_400_000;

describe('certificates that expire under a stream (RFC 6120 §13.7.2.3)', () => {
  let certificate: X509Certificate;
  beforeEach(async () => {
    certificate = new X509Certificate((await makeSelfSigned({ notAfter: new Date('2030-01-01T00:00:00Z') })).cert);
    vi.useFakeTimers({ now: new Date('2029-10-01T00:00:00Z') });
  });
  afterEach(() => void vi.useRealTimers());

  it('[R13.7.2.3-1] calls once, when it expires, also months ahead', async () => {
    let calls = 0;
    watchExpiry(certificate, () => calls++);
    await vi.advanceTimersByTimeAsync(91 * DAY);
    expect(calls).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * DAY);
    expect(calls).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not call once it was stopped', async () => {
    let calls = 0;
    const stop = watchExpiry(certificate, () => calls++);
    await vi.advanceTimersByTimeAsync(DAY);
    stop();
    await vi.advanceTimersByTimeAsync(200 * DAY);
    expect(calls).toBe(0);
  });

  it('has nothing to wait for without a certificate', () => {
    watchExpiry(undefined, () => {});
    expect(vi.getTimerCount()).toBe(0);
  });
});
