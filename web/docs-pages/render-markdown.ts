/**
 * The pages of `docs/` as part of the web app, at `/docs/<page>.html`: an operator without network can read them.
 * Understands the Markdown that our own pages use, and nothing else. Begin with `docs-plugin.ts`.
 */

/** Markdown to HTML: headings, paragraphs, lists, tables, fences, quotes; code, bold and links within a line. */
export function renderMarkdown(markdown: string): string {
  const lines = markdown.replace(/<!--[\s\S]*?-->/g, '').split('\n');
  const parts: string[] = [];
  for (let at = 0; at < lines.length;) {
    const block = blocks.find(({ begins }) => begins.test(lines[at] ?? ''));
    if (block === undefined) {
      at += 1;
      continue;
    }
    const end = block.end(lines, at);
    parts.push(block.render(lines.slice(at, end)));
    at = end;
  }
  return parts.join('\n');
}

interface Block {
  readonly begins: RegExp;
  /** Index after the last line of the block that begins at `at`. */
  end(lines: readonly string[], at: number): number;
  render(lines: readonly string[]): string;
}

const blocks: readonly Block[] = [
  {
    begins: /^```/,
    end: afterFence,
    render: (lines) => `<pre><code>${escape(lines.slice(1, -1).join('\n'))}</code></pre>`,
  },
  { begins: /^#{1,4} /, end: (_, at) => at + 1, render: renderHeading },
  { begins: /^\|/, end: (lines, at) => afterRun(lines, at, /^\|/), render: renderTable },
  {
    begins: /^[-*] /,
    end: (lines, at) => afterRun(lines, at, /^([-*] |\s+\S)/),
    render: (lines) => renderList('ul', lines),
  },
  {
    begins: /^\d+\. /,
    end: (lines, at) => afterRun(lines, at, /^(\d+\. |\s+\S)/),
    render: (lines) => renderList('ol', lines),
  },
  { begins: /^> /, end: (lines, at) => afterRun(lines, at, /^>/), render: renderQuote },
  {
    begins: /\S/,
    end: (lines, at) => afterRun(lines, at, /^(?!```|#|\||[-*] |\d+\. |> )\S/),
    render: (lines) => `<p>${inline(lines.join(' '))}</p>`,
  },
];

function afterFence(lines: readonly string[], at: number): number {
  const close = lines.findIndex((line, index) => index > at && line.startsWith('```'));
  return close === -1 ? lines.length : close + 1;
}

function afterRun(lines: readonly string[], at: number, continues: RegExp): number {
  const stop = lines.findIndex((line, index) => index > at && !continues.test(line));
  return stop === -1 ? lines.length : stop;
}

function renderHeading([line = '']: readonly string[]): string {
  const level = line.indexOf(' ');
  const text = line.slice(level + 1);
  return `<h${level} id="${slug(text)}">${inline(text)}</h${level}>`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function renderTable(lines: readonly string[]): string {
  const [head = '', , ...body] = lines;
  const row = (line: string, tag: string): string =>
    `<tr>${cells(line)
      .map((cell) => `<${tag}>${inline(cell)}</${tag}>`)
      .join('')}</tr>`;
  const rows = body.map((line) => row(line, 'td')).join('');
  return `<div class="scroll"><table><thead>${row(head, 'th')}</thead><tbody>${rows}</tbody></table></div>`;
}

function cells(line: string): readonly string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function renderList(tag: 'ul' | 'ol', lines: readonly string[]): string {
  const items: string[] = [];
  for (const line of lines) {
    const begun = /^(?:[-*]|\d+\.) (.*)$/.exec(line)?.[1];
    if (begun === undefined) items.push(`${items.pop() ?? ''} ${line.trim()}`);
    else items.push(begun);
  }
  return `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`;
}

function renderQuote(lines: readonly string[]): string {
  return `<blockquote><p>${inline(lines.map((line) => line.replace(/^>\s?/, '')).join(' '))}</p></blockquote>`;
}

function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      /^`[^`]+`$/.test(part) ? `<code>${escape(part.slice(1, -1))}</code>` : emphasis(escape(part)),
    )
    .join('');
}

function emphasis(text: string): string {
  return text
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label: string, address: string) => link(label, address));
}

/** Pages link each other as files; within the app they are `.html`, and what is not a page is left as text. */
function link(label: string, address: string): string {
  if (/^https?:\/\//.test(address)) return `<a href="${address}" rel="noreferrer">${label}</a>`;
  const page = /^(?:\.\/)?([\w-]+)\.md(#.*)?$/.exec(address);
  return page === null ? label : `<a href="${page[1] ?? ''}.html${page[2] ?? ''}">${label}</a>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
