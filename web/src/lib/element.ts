/**
 * Small mechanisms of the web app without knowledge of any page: elements, language, clipboard.
 * Imports nothing of ours outside this folder. Begin here.
 */
export interface ElementOptions {
  readonly className?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: () => void;
}

/** Builds an element with children; text is always text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (options.className !== undefined) made.className = options.className;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  if (options.onClick !== undefined) made.addEventListener('click', options.onClick);
  made.append(...children);
  return made;
}
