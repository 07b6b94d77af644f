import process from 'node:process';

/** Whether standard output is to be coloured: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function usesColour(): boolean {
  if (process.env['NO_COLOR']) return false;
  if (process.env['FORCE_COLOR']) return process.env['FORCE_COLOR'] !== '0';
  // Undefined where output goes to a file or a pipe, which the colours' library would take as "decide yourself".
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}
