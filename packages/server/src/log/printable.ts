/** What a peer sends must not get hold of the terminal: no controls, no line breaks, no change of direction. */
export function printable(text: string): string {
  return text
    .replaceAll(/\r?\n|[\r\u0085\u2028\u2029]/g, '⏎')
    .replaceAll('\t', ' ')
    .replaceAll(/[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');
}
