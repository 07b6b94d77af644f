import { describe, expect, it } from 'vitest';
import { nodeTcp } from '../adapters/node-tcp.mjs';
import { adapterCases } from '../suite.mjs';

describe('node-tcp', () => {
  it.each(adapterCases(nodeTcp, { connections: 50 }))(
    '$name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
    60_000,
  );
});
