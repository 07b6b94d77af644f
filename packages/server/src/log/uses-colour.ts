import process from 'node:process';
import { isatty } from 'node:tty';

/** Whether standard output is to be coloured: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function usesColour(): boolean {
  if (process.env['NO_COLOR']) return false;
  if (process.env['FORCE_COLOR']) return process.env['FORCE_COLOR'] !== '0';
  return isatty(1) && process.env['TERM'] !== 'dumb';
}
