// What every adapter has to be able to do. The cases are plain functions, so that any test runner on any runtime can run
// them; they talk over loopback.
import { connecting } from './cases/connecting.mjs';
import { ending } from './cases/ending.mjs';
import { flowing } from './cases/flowing.mjs';
import { lasting } from './cases/lasting.mjs';

/** @import { Adapter, Case } from './adapter.mjs' */
/** @typedef {{ connections?: number }} SuiteOptions */

/** @param {Adapter} adapter @param {SuiteOptions} [options] `connections`: how many are made in turn @returns {readonly Case[]} */
export function adapterCases(adapter, { connections = 1000 } = {}) {
  return adapter.ways.flatMap((way) =>
    [
      ...connecting(adapter, way),
      ...flowing(adapter, way),
      ...ending(adapter, way),
      ...lasting(adapter, way, connections),
    ].map((each) => ({ ...each, way })),
  );
}
