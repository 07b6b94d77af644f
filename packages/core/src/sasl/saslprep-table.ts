// Written by tools/unicode/generate-saslprep.py: do not edit.

/**
 * RFC 3454: tables A.1 (unassigned in Unicode 3.2), D.1 (right to left) and D.2 (left to right) as runs of code points
 * from U+0000 on. The generator says how they are written, `saslprep.ts` reads them.
 */
export const SASLPREP_RUNS: string =
  'LhXcrXcKfaDbalaoOccMdcEIbbAcEdUkezfsPbdPbmAbaXbDjVbTbldlbhaodacgbbbGcbAfbIecAbBplcdWhbIeeeqUbTdIeetbLebbcrWbcOcc' +
  'gbbbebbGbCdmoOcaPbcgcaZcmGbFbDbKbhbPltbtetfBbnaPbaabbBdgAdCgJeFbbOMbdabBgeajxjcfbliCbfKbUbadbweeeMcbtbbhkeachlfe' +
  'eecAbbkebhffIbfstafqkeeMcbtbebebeeachfldfgGbkbbtCbfgIbdabtbbbhbMcbtbebneajocdabecfbRbbnCbXbadbweeeMcbtbeekeadcai' +
  'ieeecxaakebhkFbXbaabqhhbkhebbbehehhhwbhkecdhhbhcAbbRbIbObhbwbhbPcbCbbnkgjbgcjudAbekCbAcebwbhbPcbCbbnkbcmbadbefue' +
  'tbbekCbAcebwbhbPcbUbkhifhbhcAbbwekCbAcebAchScbzbbethalhicacwAchIbMfcdulasxKbFeebbeebbebqkbtbhbbbbeebkcdrcdaenbbb' +
  'pfCbeeWdScfAdcacaoBbbWdqNbaoafjkvcBecwcpebMfWdbnbebblacidacrScfBiIeCbReebkIknUhnKjqtbFhbbbketbbbkeLebbbkeNdbbbke' +
  'tbbbketbtbPcbNdbbbketbLebDcqEdZdTjIbQUczaXcfiHjRbLbbkiGbAcidzAcfJbLbbhbdJbHguvcdGbscahCbMcQbcCbqCkwRecPBgYrkIkqM' +
  'ceqeIeeqewbbbbbbbNdeBgbtcaigbtijeqbgKbifhbtfcNbaaRhlaumrsaeEbaSbYbZbLdAdKcdalafBbcaimracacacjcgcscfhomfuKbBeIbPW' +
  'bWhZcaOgQfKeWcEbKcVgXiKccTFbfdcOlfBbSnjcjfDdcYdcacjiacsfXfiRccNbYbDdlJMdJZdXccEkJbPyZcHblmgWcyumfmicWjejgcHkcjnO' +
  'ekUkbOeKgDfhCeLbQbDdhSfSbHbkJfbRnkJleNdbKFDbMiSTOdIkJEfhGgIFiAPXbOkOVMbeTgDrtIbnncbCbbLbaoacafafaLmSdWPbeVbJhdFg' +
  'vPdLbgTbVbjJbOcfBbcCccjloaOpdacPdXcrXcGbEkhqeqeqehhscsDbsPKdNdbkIbBdVuIeeIeUKXiICbCbLehZgiyVbduJdlLfYKcTjbDibeeb' +
  'eeekbIbbbbkbebLhbkewbtbEdbkbnbbhtbYMbkKHbkRfHLTbdCOHhHFOdMKcMRgdPVEldPVEldPVEldPVEldPVEldPVEldPVEldPVEldPVEldPVE' +
  'ldPVEldcaLdZkVGEldNVElfNVElf';
