/**
 * Tokens in a text, roughly, for answers whose upstream reported none: about four Latin characters a token, and about
 * one token for a character of any script outside ASCII.
 */
export function createOutputEstimate(): { add(text: string): void; tokens(): number } {
  let ascii = 0;
  let other = 0;
  return {
    add(text) {
      for (let index = 0; index < text.length; index += 1) {
        if (text.charCodeAt(index) < 128) ascii += 1;
        else other += 1;
      }
    },
    tokens: () => Math.ceil(ascii / 4 + other),
  };
}
