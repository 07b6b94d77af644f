// WebSockets with other software: three client libraries at our server, and our client at Prosody and ejabberd.
// `node tools/interop/web-sockets/run.mjs`; the parts are modules for other runs.
import process from 'node:process';
import { webSocketClients } from './clients.mjs';
import { webSocketServers } from './servers.mjs';
import { startOurServer } from './our-server.mjs';
import { tryServer } from './try-server.mjs';

let failed = 0;

/** @param {string} name @param {() => Promise<string | void>} run */
async function step(name, run) {
  try {
    const said = await run();
    console.log(`ok     ${name}${said === undefined ? '' : `: ${said}`}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const ours = await startOurServer();
for (const { name, talk } of webSocketClients) await step(`${name} at our server`, () => talk(ours));
await ours.stop();
for (const { name, start } of webSocketServers) {
  await step(`our client at ${name}`, async () => {
    const server = await start();
    if (server === undefined) return 'NOT tried: it is not installed on this machine';
    try {
      await tryServer(server);
    } finally {
      await server.stop();
    }
  });
}
process.exit(failed === 0 ? 0 : 1);
