// Finds a Chromium on this machine.
import { existsSync } from 'node:fs';
import process from 'node:process';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of a Chromium: XW_CHROMIUM, or where Debian and others put it; undefined when there is none. */
export function findChromium() {
  return process.env['XW_CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
}
