/** How a summary that stands for a longer history is told to a model. */
export function summaryText(summary: string): string {
  return `Summary of the conversation so far:\n\n${summary}`;
}
