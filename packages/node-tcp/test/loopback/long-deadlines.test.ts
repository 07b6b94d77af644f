import { afterEach, expect, it } from 'vitest';
import { makeWorld, type World } from '../support/world.ts';

let world: World;
afterEach(async () => world.close());

it.each([2 ** 31, 2 ** 40, Infinity])('deadlines of %d ms are long ones', async (long) => {
  world = await makeWorld({ handshakeTimeout: long });
  const connection = await world.connect('direct', { timeouts: { tcp: long, tls: long } });
  expect(connection.tls?.version).toBe('TLSv1.3');
  await connection.close();
});
