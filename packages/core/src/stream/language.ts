// RFC 6120 §4.7.4: an NMTOKEN that is a language tag (RFC 5646): subtags of 1 to 8 letters or digits, the first of letters.
const LANGUAGE_TAG = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/;

/** Tells whether a text can be the value of xml:lang. */
export function isLanguageTag(text: string): boolean {
  return text.length <= 255 && LANGUAGE_TAG.test(text);
}

/**
 * The language for our own texts to a peer (RFC 6120 §4.7.4): what it asked for if we have it, else the nearest less
 * specific one by the lookup scheme of RFC 4647 §3.4, else our default, the first of `supported`.
 */
export function chooseLanguage(requested: string | undefined, supported: readonly [string, ...string[]]): string {
  if (requested !== undefined) {
    let range = requested.toLowerCase();
    while (range !== '') {
      const found = supported.find((tag) => tag.toLowerCase() === range);
      // RFC 6120 §4.7.4: the value is the peer's own identifier when we have just that language.
      if (found !== undefined) return range === requested.toLowerCase() ? requested : found;
      let end = range.lastIndexOf('-');
      // RFC 4647 §3.4: a single-character subtag falls away together with the one behind it.
      if (end > 1 && range[end - 2] === '-') end -= 2;
      range = end < 0 ? '' : range.slice(0, end);
    }
  }
  return supported[0];
}
