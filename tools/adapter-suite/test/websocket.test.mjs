import { describe, expect, it } from 'vitest';
import { webSocketOfWs } from '../adapters/websocket.mjs';
import { adapterCases } from '../suite.mjs';

describe('websocket', () => {
  it.each(adapterCases(webSocketOfWs, { connections: 50 }))(
    '$name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
    60_000,
  );
});
