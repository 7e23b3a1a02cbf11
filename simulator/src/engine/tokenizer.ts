/**
 * The simulator's own tokenizer: words in pieces of up to six letters, digits by three, one token for each ideograph.
 * The pieces always concatenate to the text, so that a token stream can be checked against the whole.
 */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]| ?[\p{L}--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]]{1,6}| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]{1,2}|\s{1,8}|./gsv;

export function tokenize(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

export function countTokens(text: string): number {
  return tokenize(text).length;
}
