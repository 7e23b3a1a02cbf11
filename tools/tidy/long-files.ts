/** Files that may pass 300 lines, each with the reason why splitting them would make them harder to read. */
export const longFiles: Readonly<Record<string, string>> = {};
