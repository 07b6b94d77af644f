// Node reads what was built of core and of websocket with counters in it.
import { withCounters } from './counters.mjs';

const WATCHED = /\/packages\/(core|websocket)\/dist\/.*(?<!-table)\.js$/;

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!WATCHED.test(url)) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  const { code, count } = withCounters(source);
  return { ...loaded, source: `const $c = xwFuzz.take(${count}), $endless = xwFuzz.endless; ${code}` };
};
